'use strict';

const { acceptDeflate, parseExtensions } = require('../../../lib/hub/extensions');
const { handshake } = require('../../../lib/hub/handshake');
const { refusalBytes } = require('../../../lib/hub/http-answer');

/** The example of RFC 6455, section 1.2. */
const request = (headers = {}, more = {}) => ({
  method: 'GET',
  httpVersionMajor: 1,
  httpVersionMinor: 1,
  headers: {
    host: 'server.example.com',
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    ...headers,
  },
  ...more,
});
const withDeflate = { compression: { thresholdBytes: 1 } };
const answerTo = (headers, options = withDeflate) =>
  handshake(request(headers), options).greeting.toString();

function refusalOf(asked) {
  try {
    handshake(asked, withDeflate);
  } catch (error) {
    return error;
  }
  throw new Error('It was accepted');
}

test("the RFC's example is answered as the RFC says", () => {
  expect(answerTo({})).toBe(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
  );
});

test.each([
  [405, { method: 'POST' }, {}],
  [400, { httpVersionMinor: 0 }, {}],
  [400, {}, { connection: 'keep-alive' }],
  [400, {}, { host: undefined }],
  [400, {}, { 'content-length': '5' }],
  [400, {}, { 'transfer-encoding': 'chunked' }],
  [426, {}, { 'sec-websocket-version': '8' }],
  [426, {}, { 'sec-websocket-version': '13, 13' }],
  [426, {}, { 'sec-websocket-version': undefined }],
  [400, {}, { 'sec-websocket-key': undefined }],
  [400, {}, { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25j' }],
  [400, {}, { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZR==' }],
  [400, {}, { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==' }],
  [400, {}, { 'sec-websocket-protocol': '' }],
  [400, {}, { 'sec-websocket-protocol': 'a, a' }],
  [400, {}, { 'sec-websocket-protocol': 'a b' }],
  [400, {}, { 'sec-websocket-protocol': 'bearer.a+b' }],
  [400, {}, { 'sec-websocket-extensions': 'permessage-deflate;' }],
  [400, {}, { 'sec-websocket-extensions': 'permessage-deflate,' }],
  [400, {}, { 'sec-websocket-extensions': 'a=b' }],
])('%i for %j %j', (status, more, headers) => {
  expect(refusalOf(request(headers, more))).toMatchObject({ status });
});

test('a refusal for the version names the right one, and ends the connection', () => {
  const text = refusalBytes(refusalOf(request({ 'sec-websocket-version': '12' }))).toString();
  expect(text).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
  expect(text).toMatch(/\r\nSec-WebSocket-Version: 13\r\n/);
  expect(text).toMatch(/\r\nConnection: close\r\n/);
  const [head, body] = text.split('\r\n\r\n');
  expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
});

test('tokens of Connection and Upgrade are lists, whatever their case', () => {
  expect(answerTo({ connection: 'keep-alive, UPGRADE' })).toMatch(/^HTTP\/1\.1 101/);
});

test('the subprotocol is answered when it was offered; the token is never', () => {
  const token = Buffer.from('t0ken/+ü').toString('base64url');
  const asked = request({ 'sec-websocket-protocol': `x, easyflow-status.v1, bearer.${token}` });
  const { greeting, token: found } = handshake(asked, withDeflate);
  expect(found).toBe('t0ken/+ü');
  expect(greeting.toString()).toMatch(/\r\nSec-WebSocket-Protocol: easyflow-status\.v1\r\n/);
  expect(greeting.toString()).not.toContain(token);
  expect(answerTo({ 'sec-websocket-protocol': 'x' })).not.toContain('Protocol:');
});

describe('permessage-deflate', () => {
  const answered = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

  test.each([
    ['permessage-deflate', answered],
    ['permessage-deflate; client_max_window_bits', answered],
    ['permessage-deflate; client_max_window_bits=10', answered],
    ['permessage-deflate; client_max_window_bits="10"', answered],
    ['permessage-deflate; server_no_context_takeover; client_no_context_takeover', answered],
    ['x-other; a=1, permessage-deflate', answered],
    ['permessage-deflate; server_max_window_bits=15', `${answered}; server_max_window_bits=15`],
    ['permessage-deflate; server_max_window_bits=10, permessage-deflate', answered],
    // Declined: a window of its own, a parameter that is none, one that comes twice, a value out of range.
    ['permessage-deflate; server_max_window_bits=10', null],
    ['permessage-deflate; server_max_window_bits', null],
    ['permessage-deflate; unknown', null],
    ['permessage-deflate; server_no_context_takeover=1', null],
    ['permessage-deflate; client_max_window_bits; client_max_window_bits', null],
    ['permessage-deflate; client_max_window_bits=7', null],
    ['permessage-deflate; client_max_window_bits=16', null],
    ['x-webkit-deflate-frame', null],
    ['', null],
  ])('%s', (offer, answer) => {
    expect(acceptDeflate(parseExtensions(offer))).toBe(answer);
  });

  test('is not agreed where it is switched off', () => {
    const headers = { 'sec-websocket-extensions': 'permessage-deflate' };
    expect(answerTo(headers)).toContain(`Sec-WebSocket-Extensions: ${answered}\r\n`);
    expect(answerTo(headers, { compression: null })).not.toContain('Extensions');
  });
});
