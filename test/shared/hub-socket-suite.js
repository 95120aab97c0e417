'use strict';

// What a StatusHub does with WebSocket clients, over a descriptor and through JavaScript.

const { randomBytes } = require('node:crypto');
const { once } = require('node:events');
const net = require('node:net');
const tls = require('node:tls');
const WebSocket = require('ws');
const { until } = require('./consumer-tools');
const { clientTls, refusedUpgrade } = require('./hub-clients');
const { hubTools, everybody, message } = require('./hub-tools');

/** A masked text frame of less than 126 bytes. */
function frame(text) {
  const mask = randomBytes(4);
  const payload = Buffer.from(text).map((byte, i) => byte ^ mask[i % 4]);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
}

function hubSocketSuite(broker, transport, name) {
  jest.setTimeout(120_000);
  const tools = hubTools(broker);
  const start = (settings) => tools.start({ transport, ...settings });
  const byToken = ({ token }) => {
    if (token === undefined) return undefined;
    if (token === 'bad') throw new Error('no such token');
    return { subject: token.split('-')[0], allow: ['task/*'], publish: ['create'] };
  };
  const withTokens = (options = {}) => start({ options, authenticate: byToken });

  it('goes the way it should', async () => {
    const { connect, connects } = await start();
    await connect();
    expect(connects[0]).toMatchObject({
      transport: name === 'descriptor' ? 'descriptor' : 'relay',
      subject: '',
      address: '127.0.0.1',
    });
  });

  // ── Tokens by message ─────────────────────────────────────────────────────────────────────────────────────────────

  describe('a token by message', () => {
    it('is asked for, and answered by welcome; nothing goes before', async () => {
      const { connect } = await withTokens();
      const client = await connect();
      expect(await client.next('challenge')).toEqual({ type: 'challenge', deadlineMs: 10_000 });
      client.send({ type: 'subscribe', id: 1, channels: ['task/1'] });
      expect(await client.next('error')).toMatchObject({ code: 'ERR_HUB_BAD_MESSAGE' });
      client.send({ type: 'authenticate', token: 'u' });
      expect(await client.next('welcome')).toMatchObject({ protocol: 1 });
      client.send({ type: 'subscribe', id: 1, channels: ['task/1'] });
      await client.snapshot();
    });

    it('that is refused ends the connection, and so does none in time', async () => {
      const refused = await (await withTokens()).connect();
      refused.send({ type: 'authenticate', token: 'bad' });
      expect(await refused.closed).toMatchObject({ code: 4501 });
      const { connect } = await withTokens({ authenticateMs: 500 });
      expect(await (await connect()).closed).toMatchObject({ code: 4502 });
    });

    it('of a subject that has enough connections ends the connection', async () => {
      const { connect } = await withTokens({ limits: { connectionsPerSubject: 1 } });
      await connect({ token: 'u' });
      const second = await connect();
      await second.next('challenge');
      second.send({ type: 'authenticate', token: 'u' });
      expect(await second.closed).toMatchObject({ code: 4504 });
    });

    it('renews rights before they end; another subject is refused', async () => {
      let ends = Date.now() + 1_800_000;
      const { connect } = await start({
        options: { expiryNoticeMs: 3_600_000 },
        authenticate: ({ token }) => ({ subject: token, allow: ['task/*'], expiresAt: ends }),
      });
      const client = await connect({ token: 'u' });
      await client.next('welcome');
      expect(await client.next('expiring')).toEqual({
        type: 'expiring',
        inMs: expect.any(Number),
      });
      ends += 3_600_000;
      client.send({ type: 'authenticate', token: 'u' });
      await client.next('welcome');
      client.send({ type: 'authenticate', token: 'v' });
      expect(await client.closed).toMatchObject({ code: 4501 });
    });
  });

  // ── Handshake ─────────────────────────────────────────────────────────────────────────────────────────────────────

  it('answers its subprotocol, and deflate without context', async () => {
    const { connect } = await start();
    const { socket } = await connect({ protocols: ['other', 'easyflow-status.v1'] });
    expect(socket.protocol).toBe('easyflow-status.v1');
    expect(socket.extensions).toContain('permessage-deflate');
    const plain = await connect({ options: { perMessageDeflate: false } });
    expect(plain.socket.extensions).toBe('');
  });

  it('large messages are compressed for those who can read that, and the same for the others', async () => {
    const { connect, send, hub } = await start();
    const packed = await connect();
    const plain = await connect({ options: { perMessageDeflate: false } });
    for (const client of [packed, plain]) {
      await client.next('welcome');
      client.send({ type: 'subscribe', id: 1, channels: ['*'] });
      await client.snapshot();
    }
    const before = hub.metrics().bytesOut;
    const text = 'all the same '.repeat(10_000);
    await send(message({ id: 1, text }));
    expect((await packed.next('update')).data.text).toBe(text);
    expect((await plain.next('update')).data.text).toBe(text);
    // Not twice: one of them got it compressed.
    expect(hub.metrics().bytesOut - before).toBeLessThan(1.5 * text.length);
  });

  it.each([
    [400, 'GET', { 'Sec-WebSocket-Key': 'short' }],
    [400, 'GET', { 'Sec-WebSocket-Extensions': 'permessage-deflate;' }],
    [426, 'GET', { 'Sec-WebSocket-Version': '8' }],
    [400, 'GET', { 'Transfer-Encoding': 'chunked' }],
    [405, 'POST', {}],
  ])('refuses by %i: %s %j', async (status, method, headers) => {
    const { url, hub } = await start();
    const refusal = await refusedUpgrade(url, headers, method);
    expect(refusal).toMatchObject({ status, headers: { connection: 'close' } });
    if (status === 426) expect(refusal.headers['sec-websocket-version']).toBe('13');
    expect(hub.metrics().refused).toEqual({ [status]: 1 });
  });

  it('what comes with the handshake, or while it is answered, is not lost', async () => {
    const { url, hub, server } = await start({
      options: {},
      authenticate: () =>
        new Promise((resolve) => {
          hub.emit('asked', resolve);
        }),
    });
    const asked = once(hub, 'asked');
    const { port, protocol } = new URL(url);
    const accepted = once(server, protocol === 'https:' ? 'secureConnection' : 'connection');
    const socket =
      protocol === 'https:'
        ? tls.connect({ port, host: '127.0.0.1', ...clientTls })
        : net.connect({ port, host: '127.0.0.1' });
    tools.onEnd(() => socket.destroy());
    const head = [
      'GET /status HTTP/1.1',
      'Host: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n');
    const subscribe = (id) => frame(`{"type":"subscribe","id":${id},"channels":["a"]}`);
    socket.write(Buffer.concat([Buffer.from(head), subscribe(1)]));
    const [answer] = await asked;
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    const [peer] = await accepted;
    socket.write(subscribe(2));
    // Node.js has read it already, and nobody has asked for it.
    await until(() => peer.readableLength > 0);
    answer({ subject: 'u', allow: ['*'] });
    await until(() => text.split('"more":false').length === 3);
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect([...text.matchAll(/"subscribed","id":(\d)/g)].map(([, id]) => id)).toEqual(['1', '2']);
  });

  it('who goes away while he is asked about leaves nothing behind', async () => {
    const answers = [];
    const { connect, url } = await start({
      options: { limits: { connections: 1 } },
      authenticate: () => new Promise((resolve) => answers.push(resolve)),
    });
    const grant = { subject: 'u', allow: ['*'] };
    const secret = url.startsWith('https') ? clientTls : {};
    const socket = new WebSocket(url.replace('http', 'ws'), secret);
    socket.on('error', () => {});
    await until(() => answers.length === 1);
    const cut = new Promise((resolve) => socket.on('close', resolve));
    socket.terminate();
    await cut;
    answers[0](grant);
    // Either it is not made, or it is and goes at once: its place is free soon.
    const another = async () => {
      try {
        return await connect();
      } catch (error) {
        if (error.status !== 429) throw error;
        return another();
      }
    };
    const next = another();
    await until(() => answers.length === 2);
    answers[1](grant);
    await (await next).next('welcome');
  });

  // ── Messages ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async function welcomed(settings) {
    const started = await start(settings);
    const client = await started.connect();
    await client.next('welcome');
    return { ...started, client };
  }

  it('answers pings of the protocol and of the application', async () => {
    const { client } = await welcomed();
    client.send({ type: 'ping' });
    await client.next('pong');
    const pong = once(client.socket, 'pong');
    client.socket.ping('hello');
    expect(String((await pong)[0])).toBe('hello');
  });

  it('sends a ping with a token for what is live', async () => {
    const { client } = await welcomed({ options: { ...everybody, pingIntervalMs: 1_000 } });
    client.send({ type: 'subscribe', id: 1, channels: ['*'] });
    await client.snapshot();
    await until(() => client.inbox.lastPing?.token !== undefined);
  });

  it('subscriptions come and go by id', async () => {
    const { client, send } = await welcomed();
    client.send({ type: 'subscribe', id: 1, channels: ['task/1'] });
    await client.snapshot();
    client.send({ type: 'subscribe', id: 1, channels: ['task/2'] });
    expect(await client.next('error')).toMatchObject({ id: 1, code: 'ERR_HUB_DUPLICATE_ID' });
    client.send({ type: 'unsubscribe', id: 1 });
    expect(await client.next('unsubscribed')).toMatchObject({ id: 1 });
    client.send({ type: 'unsubscribe', id: 1 });
    expect(await client.next('error')).toMatchObject({ id: 1, code: 'ERR_HUB_UNKNOWN_ID' });
    client.send({ type: 'subscribe', id: 2, channels: ['task/2'] });
    await client.snapshot();
    await send(message({ id: 1 }), message({ id: 2 }));
    expect(await client.next('update')).toMatchObject({ channel: 'task/2' });
  });

  it.each([
    ['no JSON', 'x'],
    ['no object', '[]'],
    ['no type', '{}'],
    ['an unknown type', '{"type":"shout"}'],
    ['no channels', '{"type":"subscribe","id":1}'],
    ['a pattern that is none', '{"type":"subscribe","id":1,"channels":["a*b"]}'],
  ])('%s is a bad message', async (_, text) => {
    const { client } = await welcomed();
    client.send(text);
    expect(await client.next('error')).toMatchObject({
      code: 'ERR_HUB_BAD_MESSAGE',
      retriable: false,
    });
  });

  it('bad messages in a row end the connection', async () => {
    const { client } = await welcomed();
    for (let i = 0; i < 20; i += 1) client.send('x');
    expect(await client.closed).toMatchObject({ code: 4500 });
  });

  it('limits of a connection: subscriptions, patterns, size, rate', async () => {
    const limits = { subscriptions: 1, patterns: 2, messageBytes: 1_000, messagesPerSecond: 5 };
    const { client, connect } = await welcomed({ options: { ...everybody, limits } });
    client.send({ type: 'subscribe', id: 1, channels: ['a', 'b', 'c'] });
    expect(await client.next('error')).toMatchObject({ id: 1, code: 'ERR_HUB_BAD_MESSAGE' });
    client.send({ type: 'subscribe', id: 1, channels: ['a', 'b'] });
    await client.snapshot();
    client.send({ type: 'subscribe', id: 2, channels: ['a'] });
    expect(await client.next('error')).toMatchObject({ id: 2, code: 'ERR_HUB_TOO_MANY' });
    client.send({ type: 'ping', text: 'x'.repeat(1_000) });
    expect(await client.closed).toMatchObject({ code: 1009 });
    const hasty = await connect();
    for (let i = 0; i < 100; i += 1) hasty.send({ type: 'ping' });
    expect(await hasty.closed).toMatchObject({ code: 4004 });
  });

  it('binary messages are refused, and what is no frame', async () => {
    const { client, connect } = await welcomed();
    client.socket.send(Buffer.from('{}'));
    expect(await client.closed).toMatchObject({ code: 1003 });
    const broken = await connect();
    broken.socket._socket.write(Buffer.alloc(16, 0xff));
    expect(await broken.closed).toMatchObject({ code: 1002 });
  });

  it('a close is answered', async () => {
    const { client, hub } = await welcomed();
    const gone = once(hub, 'disconnect');
    client.socket.close(1000);
    expect(await client.closed).toMatchObject({ code: 1000 });
    expect(await gone).toMatchObject([{ code: 1000, subject: '' }]);
  });

  // ── Publishing ────────────────────────────────────────────────────────────────────────────────────────────────────

  describe('publishing', () => {
    const schema = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'integer' } },
    };

    async function publishing(more = {}) {
      const target = await tools.newTopic(1);
      const publish = {
        create: { topic: target, schema, key: 'id', headers: ({ subject }) => ({ subject }) },
        hidden: { topic: target },
        broken: {
          topic: target,
          key: () => {
            throw new Error('a detail of the application');
          },
        },
      };
      const { connect, hub, send } = await start({
        options: { publish, ...more },
        authenticate: ({ token }) => ({
          subject: token,
          allow: ['*'],
          publish: token === 'u' ? ['create', 'broken'] : [],
        }),
      });
      const client = await connect({ token: 'u' });
      await client.next('welcome');
      return { client, connect, hub, target, send };
    }

    it('is acknowledged with where it is, and has its key and headers', async () => {
      const { client, target } = await publishing();
      client.send({ type: 'publish', id: 7, route: 'create', key: 'x', data: { id: 42, a: 1 } });
      const published = await client.next('published');
      expect(published).toEqual({ type: 'published', id: 7, at: `${target}:0:0` });
      const consumer = tools.kafka().consumer({ groupId: target });
      tools.onEnd(() => consumer.disconnect());
      await consumer.connect();
      await consumer.subscribe({ topic: target, fromBeginning: true });
      const found = await new Promise((resolve) => {
        consumer.run({ eachMessage: async (event) => resolve(event.message) });
      });
      expect(String(found.key)).toBe('42');
      expect(JSON.parse(found.value)).toEqual({ id: 42, a: 1 });
      expect(String(found.headers.subject)).toBe('u');
    });

    it('needs the right; what is not there and what is not granted answer alike', async () => {
      const { client, connect } = await publishing();
      const answers = [];
      for (const route of ['hidden', 'absent']) {
        client.send({ type: 'publish', id: 1, route, data: {} });
        const { message: text, ...error } = await client.next('error');
        answers.push([error, text.replace(route, '')]);
      }
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0][0]).toMatchObject({ id: 1, code: 'ERR_HUB_FORBIDDEN', retriable: false });
      const other = await connect({ token: 'v' });
      await other.next('welcome');
      other.send({ type: 'publish', id: 1, route: 'create', data: { id: 1 } });
      expect(await other.next('error')).toMatchObject({ code: 'ERR_HUB_FORBIDDEN' });
    });

    it('needs data that fit, and keeps details of a failure to itself', async () => {
      const { client, hub } = await publishing();
      client.send({ type: 'publish', id: 1, route: 'create', data: { id: 'x' } });
      expect(await client.next('error')).toMatchObject({
        id: 1,
        code: 'ERR_HUB_INVALID_DATA',
        message: expect.stringContaining('data/id'),
      });
      const failed = once(hub, 'error');
      client.send({ type: 'publish', id: 2, route: 'broken', data: {} });
      const answer = await client.next('error');
      expect(answer).toMatchObject({ id: 2, code: 'ERR_HUB_PUBLISH_FAILED' });
      expect(answer.message).not.toContain('detail');
      expect((await failed)[0].message).toBe('a detail of the application');
    });

    it('is off unless there are routes', async () => {
      const { client } = await welcomed();
      client.send({ type: 'publish', id: 1, route: 'create', data: {} });
      expect(await client.next('error')).toMatchObject({ code: 'ERR_HUB_FORBIDDEN' });
    });
  });
}

module.exports = { hubSocketSuite };
