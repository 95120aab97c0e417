'use strict';

// The HTTP server of the live page: a fixed list of files on the loopback interface.

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { once } = require('node:events');
const { ConfigurationError } = require('../configuration');

const PAGE = path.join(__dirname, 'page');
const CLIENT = path.join(__dirname, '..', '..', '..', 'lib', 'hub', 'client');
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const HEADERS = {
  // Nothing inline and nothing from elsewhere, and no text that becomes markup.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};
const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** url -> { type, body } of the files of a folder. */
function filesOf(folder, prefix) {
  const names = fs.readdirSync(folder).filter((name) => Object.hasOwn(TYPES, path.extname(name)));
  return names.map((name) => [
    prefix + name,
    { type: TYPES[path.extname(name)], body: fs.readFileSync(path.join(folder, name)) },
  ]);
}

/**
 * Whether the request names this machine. A page of another site whose name was made to lead here must not read what we serve.
 *
 * @param {{ headers: { host?: string } }} request
 */
function isLocal({ headers }) {
  return LOCAL.test(headers.host ?? '');
}

function answerFrom(files) {
  return (request, response) => {
    const refuse = (status) => response.writeHead(status, HEADERS).end();
    if (!isLocal(request)) return refuse(403);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    const [url] = request.url.split('?');
    const file = files.get(url === '/' ? '/index.html' : url);
    if (file === undefined) return refuse(404);
    const length = { 'content-type': file.type, 'content-length': file.body.length };
    return response.writeHead(200, { ...HEADERS, ...length }).end(file.body);
  };
}

/**
 * @param {number} port 0: one that is free
 * @returns {Promise<http.Server>} listening on 127.0.0.1
 * @throws {ConfigurationError} the port is in use, or not ours to take
 */
async function servePage(port) {
  const files = new Map([...filesOf(PAGE, '/'), ...filesOf(CLIENT, '/client/')]);
  const server = http.createServer(answerFrom(files));
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ConfigurationError('--port', error.message, { cause: error });
  }
  return server;
}

module.exports = { servePage, isLocal };
