'use strict';

// What authenticate() and addressOf() are told of a request: plain data, which outlives the socket.

const BEARER = /^Bearer +([\w\-.~+/]+=*) *$/i;

/** @returns {{ path: string, query: URLSearchParams }} of a request target; absolute ones count by their path */
function splitTarget(url) {
  const target = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const [, path, query = ''] = /^([^?#]*)(?:\?([^#]*))?/.exec(target);
  return { path: path === '' ? '/' : path, query: new URLSearchParams(query) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {string} [header] @returns {Record<string, string>} the first of each name counts */
function parseCookies(header = '') {
  const cookies = Object.create(null);
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 1) continue;
    const name = pair.slice(0, equals).trim();
    if (name === '' || name in cookies) continue;
    const value = pair.slice(equals + 1).trim();
    cookies[name] = decoded(/^".*"$/.test(value) ? value.slice(1, -1) : value);
  }
  return cookies;
}

/** Bytes of a request's headers, as they came. */
function headerBytes({ rawHeaders }) {
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length + 2;
  return bytes;
}

/**
 * @typedef {object} HubRequest
 * @property {Record<string, string | string[] | undefined>} headers
 * @property {string} url
 * @property {string} path
 * @property {URLSearchParams} query
 * @property {Record<string, string>} cookies
 * @property {string | undefined} token of the subprotocol, the Authorization header or a message
 * @property {string} remoteAddress
 * @property {boolean} secure
 */

/**
 * What is kept of a request as long as its connection lives: there may be very many of them.
 *
 * @typedef {{ headers: object, url: string, remoteAddress: string, secure: boolean }} RequestFacts
 * @param {import('node:http').IncomingMessage} request
 * @returns {RequestFacts}
 */
function factsOf({ headers, url, socket }) {
  return {
    headers,
    url,
    remoteAddress: socket.remoteAddress ?? '',
    secure: socket.encrypted === true,
  };
}

/**
 * @param {RequestFacts} facts
 * @param {string} [token] of the subprotocol, or of a message
 * @returns {HubRequest}
 */
function describeRequest(facts, token) {
  const { headers, url } = facts;
  return {
    ...facts,
    ...splitTarget(url),
    cookies: parseCookies(headers.cookie),
    token: token ?? BEARER.exec(headers.authorization ?? '')?.[1],
  };
}

module.exports = { describeRequest, factsOf, headerBytes, parseCookies, splitTarget };
