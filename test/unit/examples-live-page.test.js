'use strict';

const http = require('node:http');
const { once } = require('node:events');
const { servePage } = require('../../examples/lib/dashboard/server');

let server;
beforeAll(async () => {
  server = await servePage(0);
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

async function ask(path, { method = 'GET', host } = {}) {
  const { port } = server.address();
  const headers = { host: host ?? `127.0.0.1:${port}` };
  const request = http.request({ port, host: '127.0.0.1', path, method, headers }).end();
  const [response] = await once(request, 'response');
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const { statusCode: status, headers: received } = response;
  return { status, headers: received, body: Buffer.concat(chunks).toString() };
}

test('the page, its parts and the client are there, each with its type and the policy', async () => {
  const page = await ask('/');
  expect(`${page.status} ${page.headers['content-type']}`).toBe('200 text/html; charset=utf-8');
  const parts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part]) => `/${part}`);
  expect(parts).toEqual(expect.arrayContaining(['/style.css', '/main.mjs', '/icon.svg']));
  const modules = new Set(parts.filter((part) => part.endsWith('.mjs')));
  for (const part of modules) {
    const { body } = await ask(part);
    for (const [, name] of body.matchAll(/from '([^']+)'/g)) {
      modules.add(new URL(name, `http://page${part}`).pathname);
    }
  }
  expect([...modules].some((part) => part.startsWith('/client/'))).toBe(true);
  for (const part of [...parts, ...modules]) {
    const { status, headers } = await ask(part);
    expect(`${part} ${status}`).toBe(`${part} 200`);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    if (part.endsWith('.mjs')) expect(headers['content-type']).toMatch(/^text\/javascript/);
  }
});

test.each([
  ['/nothing', 404],
  ['/../server.js', 404],
  ['/..%2fserver.js', 404],
  ['/client/../../server.js', 404],
  ['/__proto__', 404],
])('%s is not there', async (path, status) => {
  expect((await ask(path)).status).toBe(status);
});

test('only GET and HEAD', async () => {
  expect((await ask('/', { method: 'POST' })).status).toBe(405);
  const head = await ask('/', { method: 'HEAD' });
  expect([head.status, head.body]).toEqual([200, '']);
});

test('a name of another site that leads here gets nothing', async () => {
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80']) {
    expect((await ask('/', { host })).status).toBe(403);
  }
  for (const host of ['localhost:8080', '[::1]:1', '127.0.0.1']) {
    expect((await ask('/', { host })).status).toBe(200);
  }
});

test('a port that is taken: one line that names the flag', async () => {
  const taken = servePage(server.address().port);
  await expect(taken).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^--port: .*EADDRINUSE/),
  });
});
