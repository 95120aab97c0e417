'use strict';

// A StatusHub beside what else a server has: routes of frameworks, other WebSocket servers, other upgrades.

const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const express = require('express');
const fastify = require('fastify');
const WebSocket = require('ws');
const { embeddedBroker } = require('../../shared/brokers');
const { connectEvents, connectSocket } = require('../../shared/hub-clients');
const { hubTools, everybody } = require('../../shared/hub-tools');

const tools = hubTools(embeddedBroker());

const accept = { Accept: 'text/event-stream' };
const textOf = async (url, options) => {
  const response = await fetch(url, options);
  return [response.status, await response.text()];
};

/** Both of the hub's ways work, and the application is asked for everything else. */
async function expectHub(url, name) {
  const socket = await connectSocket(url);
  tools.onEnd(() => socket.cut());
  await socket.next('welcome');
  const events = await connectEvents(url, { channel: 'a' });
  tools.onEnd(() => events.cut());
  await events.next('welcome');
  await events.snapshot();
  expect(await textOf(url)).toEqual([200, name]);
}

describe('routes of a framework see what is not the hub’s, and nothing else', () => {
  test.each(['before', 'after'])('Express, %s', async (when) => {
    const seen = [];
    const app = express().use((req, res) => {
      seen.push(`${req.method} ${req.url} ${req.headers.accept}`);
      res.send('express');
    });
    const server = http.createServer();
    if (when === 'before') server.on('request', app);
    const { url, base } = await tools.start({ server });
    if (when === 'after') server.on('request', app);
    await expectHub(url, 'express');
    expect(await textOf(`${base}/status/x`, { headers: accept })).toEqual([200, 'express']);
    expect(await textOf(url, { method: 'POST', headers: accept, body: 'x' })).toEqual([
      200,
      'express',
    ]);
    expect(seen).toEqual([
      'GET /status */*',
      'GET /status/x text/event-stream',
      'POST /status text/event-stream',
    ]);
  });

  test('Fastify', async () => {
    const app = fastify().all('/*', async () => 'fastify');
    await app.ready();
    tools.onEnd(() => app.close());
    const { url } = await tools.start({ server: app.server });
    await expectHub(url, 'fastify');
  });
});

describe('other WebSocket servers keep their paths', () => {
  test.each(['before', 'after'])('`ws` on another path, %s', async (when) => {
    const server = http.createServer((_, res) => res.end('app'));
    const serveOther = () => {
      const sockets = new WebSocket.Server({ server, path: '/other' });
      sockets.on('connection', (socket) => socket.send('{"type":"other"}'));
      tools.onEnd(() => sockets.close());
    };
    if (when === 'before') serveOther();
    const { url, base } = await tools.start({
      server,
      options: {},
      // Time enough for the other to do to the socket what it does to one that it does not know.
      authenticate: () =>
        new Promise((resolve) => {
          setImmediate(() => setImmediate(resolve, { subject: 'u', allow: ['*'] }));
        }),
    });
    if (when === 'after') serveOther();
    await expectHub(url, 'app');
    const other = await connectSocket(`${base}/other`);
    tools.onEnd(() => other.cut());
    await other.next('other');
  });

  test('one that ends sockets it does not know, as socket.io does', async () => {
    const server = http.createServer((_, res) => res.end('app'));
    const ended = [];
    server.on('upgrade', (request, socket) => {
      ended.push(request.url);
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
    const { url, base } = await tools.start({ server });
    await expectHub(url, 'app');
    await expect(connectSocket(`${base}/other`)).rejects.toMatchObject({ status: 400 });
    expect(ended).toEqual(['/other']);
  });

  test('two hubs at two paths of one server', async () => {
    const server = http.createServer((_, res) => res.end('app'));
    const { url, base, hub } = await tools.start({ server });
    const second = tools.newHub(await tools.newTopic(), everybody);
    await second.attach(server, { path: '/second' });
    await second.whenReady();
    await expectHub(url, 'app');
    await expectHub(`${base}/second`, 'app');
    expect([hub, second].map(({ metrics }) => metrics().accepted)).toEqual([2, 2]);
    await hub.close();
    await expectHub(`${base}/second`, 'app');
  });
});

describe('other upgrades', () => {
  /** @returns {Promise<string>} all that the server sends, until it closes */
  async function exchange(base, text) {
    const socket = net.connect(new URL(base).port, '127.0.0.1');
    tools.onEnd(() => socket.destroy());
    socket.write(text);
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
    });
    await once(socket, 'close');
    return answer;
  }

  const h2c =
    'Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk';
  const echo = async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    res.end(`${req.method} ${req.url} ${body}`);
  };

  test('are served as what they are without it where nobody takes them', async () => {
    const { base } = await tools.start({ server: http.createServer(echo) });
    const get = await exchange(base, `GET /a HTTP/1.1\r\nHost: x\r\n${h2c}\r\n\r\n`);
    expect(get).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(get).toMatch(/GET \/a /);
    const body = 'x'.repeat(100_000);
    const post = await exchange(
      base,
      `POST /b HTTP/1.1\r\nHost: x\r\n${h2c}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(post).toContain(`POST /b ${body}`);
    const websocket = await exchange(
      base,
      'GET /c HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(websocket).toContain('GET /c ');
  });

  test('keep their connection', async () => {
    const { base } = await tools.start({ server: http.createServer(echo) });
    const socket = net.connect(new URL(base).port, '127.0.0.1').setEncoding('utf8');
    tools.onEnd(() => socket.destroy());
    const answerTo = async (path, more) => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n\r\n`);
      let answer = '';
      while (!answer.includes(`GET ${path} `)) answer += (await once(socket, 'data'))[0];
      return answer;
    };
    const first = await answerTo('/a', 'Connection: Upgrade\r\nUpgrade: h2c');
    expect(first).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*GET \/a $/);
    expect(await answerTo('/b', 'Connection: close')).toMatch(/GET \/b $/);
  });

  test('behind a request that is not answered yet end the connection', async () => {
    const { base } = await tools.start({ server: http.createServer(() => {}) });
    const slow = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n';
    const websocket = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ].join('\r\n');
    const upgrade = `GET /status HTTP/1.1\r\nHost: x\r\n${websocket}\r\n\r\n`;
    expect(await exchange(base, slow + upgrade)).toBe('');
  });

  test('are left to whoever else takes them', async () => {
    const server = http.createServer(echo);
    server.on('upgrade', (_, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n');
    });
    const { base } = await tools.start({ server });
    expect(await exchange(base, `GET /a HTTP/1.1\r\nHost: x\r\n${h2c}\r\n\r\n`)).toMatch(/ 101 /);
  });

  test('at the path of the hub are events where those are wanted', async () => {
    const { base } = await tools.start({ server: http.createServer(echo) });
    const socket = net.connect(new URL(base).port, '127.0.0.1');
    tools.onEnd(() => socket.destroy());
    socket.write(
      `GET /status?channel=a HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n${h2c}\r\n\r\n`,
    );
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
      if (answer.includes('"welcome"')) socket.destroy();
    });
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});

test('detach() gives the server back, and leaves connections', async () => {
  const server = http.createServer((_, res) => res.end('app'));
  const { hub, url, open } = await tools.start({ server });
  const client = await open();
  await client.snapshot();
  hub.detach(server);
  expect(server.listenerCount('upgrade')).toBe(0);
  expect(await textOf(url, { headers: accept })).toEqual([200, 'app']);
  client.send({ type: 'ping' });
  await client.next('pong');
  await hub.attach(server);
  await hub.attach(server);
  await expectHub(url, 'app');
  expect(server.listenerCount('upgrade')).toBe(1);
});

test('who wraps emit() of the server after the hub keeps it', async () => {
  const server = http.createServer((_, res) => res.end('app'));
  const { hub, url } = await tools.start({ server });
  const inner = server.emit;
  const seen = [];
  server.emit = function emit(type, ...args) {
    if (type === 'request') seen.push(args[0].url);
    return inner.call(this, type, ...args);
  };
  await expectHub(url, 'app');
  await hub.close();
  expect(await textOf(url, { headers: accept })).toEqual([200, 'app']);
  expect(seen).toHaveLength(3);
});
