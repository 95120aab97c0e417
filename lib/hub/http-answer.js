'use strict';

// What is answered instead of 101: complete HTTP responses as bytes, because the socket has left node:http.

const { STATUS_CODES } = require('node:http');

/** A refusal of an upgrade request. Its text is ours: nothing of the application or of others is in it. */
class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} text
   * @param {Record<string, string>} [headers]
   */
  constructor(status, text, headers = {}) {
    super(text);
    this.name = 'Refusal';
    this.status = status;
    this.headers = headers;
  }
}

function headersOf({ headers, message }) {
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(message)),
    'Cache-Control': 'no-store',
    ...headers,
  };
}

function head(statusLine, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${statusLine}\r\n${lines.join('')}\r\n`;
}

/** @param {Refusal} refusal @returns {Buffer} */
function refusalBytes(refusal) {
  const statusLine = `${refusal.status} ${STATUS_CODES[refusal.status]}`;
  const headers = { Connection: 'close', ...headersOf(refusal) };
  return Buffer.from(head(statusLine, headers) + refusal.message);
}

/** @param {import('node:http').ServerResponse} res @param {Refusal} refusal */
function respondRefusal(res, refusal, more = {}) {
  res.writeHead(refusal.status, { ...headersOf(refusal), ...more });
  res.end(refusal.message);
}

/** @returns {Buffer} */
function switchingProtocols(headers) {
  return Buffer.from(
    head('101 Switching Protocols', { Upgrade: 'websocket', Connection: 'Upgrade', ...headers }),
  );
}

module.exports = { Refusal, refusalBytes, respondRefusal, switchingProtocols };
