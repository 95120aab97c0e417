'use strict';

// The opening handshake of RFC 6455, section 4.2: whether a request is one, and what answers it.

const { createHash } = require('node:crypto');
const { acceptDeflate, parseExtensions } = require('./extensions');
const { Refusal, switchingProtocols } = require('./http-answer');

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const VERSION = '13';
const PROTOCOL = 'easyflow-status.v1';
const BEARER = 'bearer.';

/** 16 bytes in base64: 22 characters and `==`; the last one has four bits that are 0. */
const KEY = /^[+/0-9A-Za-z]{21}[AQgw]==$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const BASE64URL = /^[-_0-9A-Za-z]+$/;

/** @returns {string[]} the elements of a list header, in lower case */
const listOf = (header = '') =>
  header
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== '');

const isWebSocket = ({ headers }) => listOf(headers.upgrade).includes('websocket');

function malformed(what) {
  return new Refusal(400, `Not a WebSocket handshake: ${what}`);
}

/** @throws {Refusal} */
function checkRequest({ method, headers, httpVersionMajor, httpVersionMinor }) {
  if (method !== 'GET') throw new Refusal(405, 'Only GET is allowed', { Allow: 'GET' });
  if (httpVersionMajor !== 1 || httpVersionMinor < 1) throw malformed('HTTP/1.1 is needed');
  if (!listOf(headers.connection).includes('upgrade')) throw malformed('Connection: Upgrade');
  if (headers.host === undefined) throw malformed('Host is missing');
  // What follows the headers is frames.
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    throw malformed('a body');
  }
  // A version that this server does not know may have another form of everything else.
  if (headers['sec-websocket-version'] !== VERSION) {
    throw new Refusal(426, `WebSocket version ${VERSION} is needed`, {
      'Sec-WebSocket-Version': VERSION,
      Upgrade: 'websocket',
    });
  }
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) throw malformed('Sec-WebSocket-Key');
}

/**
 * Which subprotocol is answered, and the token that came in its place: browsers can send no other header.
 *
 * @param {string | undefined} header
 * @returns {{ protocol: string | null, token: string | undefined }}
 * @throws {Refusal}
 */
function subprotocol(header) {
  if (header === undefined) return { protocol: null, token: undefined };
  const offered = header.split(',').map((item) => item.trim());
  if (!offered.every((item) => TOKEN.test(item)) || new Set(offered).size !== offered.length) {
    throw malformed('Sec-WebSocket-Protocol');
  }
  const encoded = offered.find((item) => item.startsWith(BEARER))?.slice(BEARER.length);
  if (encoded !== undefined && !BASE64URL.test(encoded))
    throw malformed('the token is not base64url');
  return {
    protocol: offered.includes(PROTOCOL) ? PROTOCOL : null,
    token: encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString(),
  };
}

function acceptKey(key) {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

/**
 * @param {import('node:http').IncomingMessage} request with `Upgrade: websocket`
 * @param {{ compression: object | null }} options
 * @returns {{ token: string | undefined, deflate: boolean, greeting: Buffer }} the greeting is the 101 answer
 * @throws {Refusal}
 */
function handshake(request, { compression }) {
  checkRequest(request);
  const { headers } = request;
  const { protocol, token } = subprotocol(headers['sec-websocket-protocol']);
  const offers = parseExtensions(headers['sec-websocket-extensions'] ?? '');
  if (offers === null) throw malformed('Sec-WebSocket-Extensions');
  const deflate = compression === null ? null : acceptDeflate(offers);
  return {
    token,
    deflate: deflate !== null,
    greeting: switchingProtocols({
      'Sec-WebSocket-Accept': acceptKey(headers['sec-websocket-key']),
      ...(protocol !== null && { 'Sec-WebSocket-Protocol': protocol }),
      ...(deflate !== null && { 'Sec-WebSocket-Extensions': deflate }),
    }),
  };
}

module.exports = { handshake, isWebSocket, listOf, PROTOCOL };
