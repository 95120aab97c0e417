'use strict';

// Which pages may connect: a browser names the page's origin, and sends the user's cookies whatever page it is.

const { Refusal } = require('./http-answer');

function hostOf(origin) {
  try {
    const { protocol, host } = new URL(origin);
    return protocol === 'http:' || protocol === 'https:' ? host : null;
  } catch {
    return null;
  }
}

function isOwn(origin, host) {
  const from = hostOf(origin);
  return from !== null && from === hostOf(`http://${host}`);
}

/**
 * By default the page's own host. A request without Origin is not a browser's.
 *
 * @param {Record<string, string | undefined>} headers
 * @param {Set<string> | '*' | undefined} origins
 * @throws {Refusal} 403
 */
function checkOrigin({ origin, host = '', ':authority': authority = host }, origins) {
  if (origin === undefined || origins === '*') return;
  const isAllowed =
    origins === undefined ? isOwn(origin, authority) : origins.has(origin.toLowerCase());
  if (!isAllowed) throw new Refusal(403, 'This origin is not allowed');
}

/** For a page of another origin that reads server-sent events. */
function corsHeaders({ origin }, origins) {
  if (origin === undefined || origins === undefined) return {};
  if (origins === '*') return { 'Access-Control-Allow-Origin': '*' };
  if (!origins.has(origin.toLowerCase())) return { Vary: 'Origin' };
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    Vary: 'Origin',
  };
}

module.exports = { checkOrigin, corsHeaders };
