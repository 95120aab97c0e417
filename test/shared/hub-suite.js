'use strict';

// What every transport of a StatusHub does alike.

const { randomBytes } = require('node:crypto');
const { once } = require('node:events');
const { rejection } = require('./clients');
const { deferred, until } = require('./consumer-tools');
const { hubTools, everybody, message, tombstone } = require('./hub-tools');

/** Newest state by channel. */
const viewOf = (items) => new Map(items.map(({ channel, data }) => [channel, data]));
const ids = (items) => items.map(({ channel }) => channel).sort();

/** @param {object} broker see brokers.js @param {object} transport one of TRANSPORTS */
function hubSuite(broker, transport) {
  jest.setTimeout(120_000);
  const tools = hubTools(broker);
  const start = (settings) => tools.start({ transport, ...settings });
  const grantOf = (request) => ({ subject: request.token ?? 'nobody', allow: ['task/*'] });
  const cutOff = (client, hub) => {
    client.cut();
    return once(hub, 'disconnect');
  };

  // ── What clients see ──────────────────────────────────────────────────────────────────────────────────────────────

  it('gives the latest state, then what changes', async () => {
    const topic = await tools.newTopic();
    await tools.send(topic, message({ id: 1, n: 1 }), message({ id: 2, n: 1 }));
    await tools.send(topic, message({ id: 1, n: 2 }), message({ type: 'user', id: 1 }));
    const { send, open } = await start({ topic });
    const client = await open();
    const { items, recovered, token } = await client.snapshot();
    expect(recovered).toBe(false);
    expect(token).toEqual(expect.any(String));
    expect(viewOf(items)).toEqual(
      new Map([
        ['task/1', { type: 'task', id: 1, n: 2 }],
        ['task/2', { type: 'task', id: 2, n: 1 }],
      ]),
    );
    await send(message({ id: 1, n: 3 }));
    expect(await client.next('update')).toEqual({
      type: 'update',
      channel: 'task/1',
      at: expect.stringMatching(/^[01]:\d+$/),
      time: expect.any(Number),
      data: { type: 'task', id: 1, n: 3 },
    });
    await send(tombstone({ id: 2 }));
    expect(await client.next('remove')).toMatchObject({ channel: 'task/2' });
  });

  it('resumes where a client was, after a cut and after a restart of the hub', async () => {
    const topic = await tools.newTopic();
    await tools.send(topic, message({ id: 1 }), message({ id: 2 }), message({ id: 3 }));
    const first = await start({ topic });
    const client = await first.open();
    const { token } = await client.snapshot();
    await cutOff(client, first.hub);
    await first.send(message({ id: 2, n: 2 }), tombstone({ id: 3 }));
    await until(() => first.hub.metrics().updates === 5);

    const again = await first.open({ since: token });
    const missed = await again.snapshot();
    expect(missed.recovered).toBe(true);
    expect(ids(missed.items)).toEqual(['task/2', 'task/3']);
    expect(missed.items.find(({ channel }) => channel === 'task/3')).toMatchObject({
      removed: true,
    });

    await first.hub.close();
    await again.closed;
    const second = await start({ topic });
    const elsewhere = await second.open({ since: missed.token });
    expect(await elsewhere.snapshot()).toMatchObject({ recovered: true, items: [] });
  });

  it('a token of other topics gives everything anew', async () => {
    const other = await start();
    const { token } = await (await other.open()).snapshot();
    const { open, send } = await start();
    await send(message({ id: 1 }));
    const client = await open({ since: token });
    expect(await client.snapshot()).toMatchObject({ recovered: false });
  });

  it('mode all has every update, in order', async () => {
    const topic = await tools.newTopic(1);
    const { open, send } = await start({ topic });
    const client = await open({ mode: 'all' });
    await client.snapshot();
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    await send(...numbers.map((n) => message({ id: n % 3, n })));
    for (const n of numbers) {
      expect(await client.next('update')).toMatchObject({ at: `0:${n}`, data: { n } });
    }
  });

  it('a filter lets through what matches, and tells what does not any more', async () => {
    const { open, send } = await start();
    const client = await open({ filter: { status: ['failed', 'running'] } });
    await client.snapshot();
    await send(message({ id: 1, status: 'done' }), message({ id: 1, status: 'running' }));
    expect(await client.next('update')).toMatchObject({ data: { status: 'running' } });
    await send(message({ id: 1, status: 'done' }));
    expect(await client.next('remove')).toMatchObject({ channel: 'task/1' });
  });

  it('a snapshot that is larger than any buffer comes whole, and what follows it after it', async () => {
    const topic = await tools.newTopic(1);
    const text = 'x'.repeat(1_000);
    const entities = Array.from({ length: 3_000 }, (_, id) => message({ id, text }));
    await tools.send(topic, ...entities);
    const { open, send } = await start({
      topic,
      options: { ...everybody, limits: { outboundBytes: 65_536 } },
    });
    const client = await open();
    const { items } = await client.snapshot();
    expect(viewOf(items).size).toBe(3_000);
    await send(message({ id: 7, n: 2 }));
    expect(await client.find('update', ({ data }) => data.n === 2)).toMatchObject({
      channel: 'task/7',
    });
  });

  it('who reads nothing is sent away, and the others see all of it', async () => {
    const options = { ...everybody, limits: { outboundBytes: 65_536, slowMs: 5_000 } };
    const { hub, open, send } = await start({ options });
    const [slow, quick] = [await open(), await open({ mode: 'all' })];
    await slow.snapshot();
    await quick.snapshot();
    const codes = [];
    hub.on('disconnect', ({ code }) => codes.push(code));
    slow.stopReading();
    // The kernel takes some megabytes for it; what can be compressed would take long to fill them.
    const text = randomBytes(150_000).toString('base64');
    for (let n = 0; codes.length === 0; n += 5) {
      const numbers = [n, n + 1, n + 2, n + 3, n + 4];
      await send(...numbers.map((i) => message({ id: i % 10, n: i, text })));
      const seen = [];
      while (seen.length < numbers.length) seen.push((await quick.next('update')).data.n);
      expect(seen.sort((x, y) => x - y)).toEqual(numbers);
      // More only while the kernel takes it.
      await until(() => codes.length > 0 || hub.metrics().queuedBytes === 0);
    }
    expect(codes).toEqual([4001]);
    expect(hub.metrics()).toMatchObject({ slowCloses: 1, gaps: 0, connections: 1 });
  });

  // ── Who may what ──────────────────────────────────────────────────────────────────────────────────────────────────

  it('a channel without a right answers like one that is not there', async () => {
    const { open, send, hub } = await start({ authenticate: grantOf, options: {} });
    await send(message({ type: 'secret', id: 1 }));
    await until(() => hub.metrics().updates === 1);
    const errorOf = async (channel) => {
      const client = await open({ token: 'u', channel });
      const { message: text, ...error } = await client.next('error');
      return [error, text.replaceAll(channel, '')];
    };
    const there = await errorOf('secret/1');
    expect(there).toEqual(await errorOf('secret/2'));
    expect(there[0]).toEqual({
      type: 'error',
      id: 0,
      code: 'ERR_HUB_FORBIDDEN',
      retriable: false,
    });
    const client = await open({ token: 'u', channel: 'task/1' });
    expect(await client.snapshot()).toMatchObject({ items: [] });
  });

  it('authorize() is asked about what the grant does not cover, once for subject and pattern', async () => {
    const asked = [];
    const { open } = await start({
      options: {},
      authenticate: grantOf,
      authorize: ({ subject, pattern }) => {
        asked.push([subject, pattern]);
        return pattern === 'org/a';
      },
    });
    await (await open({ token: 'u', channel: ['task/1', 'org/a'] })).snapshot();
    await (await open({ token: 'u', channel: ['task/2', 'org/a'] })).snapshot();
    const refused = await open({ token: 'u', channel: 'org/b' });
    expect(await refused.next('error')).toMatchObject({ code: 'ERR_HUB_FORBIDDEN' });
    expect(asked).toEqual([
      ['u', 'org/a'],
      ['u', 'org/b'],
    ]);
  });

  it('authorize() that fails is a failure that passes', async () => {
    const errors = [];
    const { hub, open } = await start({
      options: {},
      authenticate: grantOf,
      authorize: () => {
        throw new Error('the database is down');
      },
    });
    hub.on('error', (error) => errors.push(error.message));
    const client = await open({ token: 'u', channel: 'org/a' });
    const error = await client.next('error');
    expect(error).toMatchObject({ code: 'ERR_HUB_UNAVAILABLE', retriable: true });
    expect(error.message).not.toContain('database');
    expect(errors).toEqual(['the database is down']);
  });

  it('who is not authenticated is refused, without the reason', async () => {
    const { open, hub } = await start({
      options: {},
      authenticate: async () => {
        throw new Error('a detail that nobody has to know');
      },
    });
    const error = await rejection(open({ token: 'u' }));
    expect(error).toMatchObject({ status: 401, text: 'Not authenticated' });
    expect(hub.metrics()).toMatchObject({ refused: { 401: 1 }, accepted: 0 });
  });

  it('authenticate() sees the request as it came', async () => {
    const seen = [];
    const { open } = await start({
      options: {},
      authenticate: (request) => {
        seen.push(request);
        return { subject: 'u', allow: ['*'] };
      },
    });
    await open({ token: 't', headers: { Cookie: 'session=a%20b', 'X-Tenant': 'acme' } });
    const [request] = seen;
    expect(request).toMatchObject({
      token: 't',
      path: '/status',
      cookies: { session: 'a b' },
      remoteAddress: '127.0.0.1',
      secure: transport.isSecure,
    });
    expect(request.headers['x-tenant']).toBe('acme');
    expect(request.query).toBeInstanceOf(URLSearchParams);
    expect(request.signal.aborted).toBe(false);
  });

  it('a page of another origin is refused, one of the list is not', async () => {
    const own = await start();
    const evil = { Origin: 'https://evil.example' };
    expect(await rejection(own.open({ headers: evil }))).toMatchObject({ status: 403 });
    await (await own.open({ headers: { Origin: own.base } })).snapshot();
    const listed = await start({ options: { ...everybody, origins: ['https://app.example'] } });
    await (await listed.open({ headers: { Origin: 'https://app.example' } })).snapshot();
    expect(await rejection(listed.open({ headers: { Origin: listed.base } }))).toMatchObject({
      status: 403,
    });
  });

  it('rights that end close the connection; a subject that is revoked, all of its own', async () => {
    const { hub, open, send } = await start({
      options: {},
      authenticate: ({ token }) => ({
        subject: token,
        allow: ['*'],
        ...(token === 'short' && { expiresAt: Date.now() + 3_000 }),
      }),
    });
    const short = await open({ token: 'short' });
    expect(await short.closed).toMatchObject({ code: 4002 });
    const [one, two, other] = await Promise.all(['u', 'u', 'v'].map((token) => open({ token })));
    await other.snapshot();
    hub.revoke('u');
    expect(await one.closed).toMatchObject({ code: 4503 });
    expect(await two.closed).toMatchObject({ code: 4503 });
    await until(() => hub.metrics().connections === 1);
    await send(message({ id: 1 }));
    await other.next('update');
  });

  // ── Limits ────────────────────────────────────────────────────────────────────────────────────────────────────────

  it('connections are limited in total, of a subject and of an address', async () => {
    const limits = { connections: 4, connectionsPerSubject: 2, connectionsPerAddress: 2 };
    const { hub, open } = await start({
      options: { limits, addressOf: ({ headers }) => headers['x-forwarded-for'] },
      authenticate: grantOf,
    });
    const from = (address, token) => open({ token, headers: { 'X-Forwarded-For': address } });
    const refused = (text) => ({
      status: 429,
      text,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    });
    const first = await from('a', 'u');
    await from('b', 'u');
    const ofSubject = await rejection(from('c', 'u'));
    expect(ofSubject).toMatchObject(refused('Too many connections of this subject'));
    await from('a', 'v');
    const ofAddress = await rejection(from('a', 'w'));
    expect(ofAddress).toMatchObject(refused('Too many connections from this address'));
    await from('d', 'w');
    expect(await rejection(from('e', 'x'))).toMatchObject(refused('Too many connections'));
    await cutOff(first, hub);
    await from('a', 'u');
    expect(hub.metrics()).toMatchObject({ connections: 4, refused: { 429: 3 } });
  });

  it('headers may be so large and no larger', async () => {
    const { open } = await start({ options: { ...everybody, limits: { headerBytes: 1_000 } } });
    expect(await rejection(open({ headers: { 'X-Large': 'x'.repeat(1_000) } }))).toMatchObject({
      status: 431,
    });
    await (await open({ headers: { 'X-Large': 'x'.repeat(100) } })).snapshot();
  });

  it('authenticate() may take so long and no longer', async () => {
    let signal;
    const { open } = await start({
      options: { handshakeMs: 20 },
      authenticate: (request) => {
        ({ signal } = request);
        return new Promise(() => {});
      },
    });
    expect(await rejection(open())).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.any(String) },
    });
    expect(signal.aborted).toBe(true);
  });

  // ── Life ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  it('answers 503 until what the topic had is read, and tells how far that is', async () => {
    const topic = await tools.newTopic();
    await tools.send(topic, ...Array.from({ length: 100 }, (_, id) => message({ id })));
    const mayConnect = deferred();
    const kafka = tools.kafka({
      brokers: async () => {
        await mayConnect.promise;
        return broker.bootstrap.split(',');
      },
    });
    const hub = tools.newHub(topic, { ...everybody, ...transport.options }, {}, kafka);
    const progress = [];
    hub.on('progress', (event) => progress.push(event));
    const { attaching, open } = await tools.attach(hub, transport);
    const refusal = await rejection(open());
    expect(refusal).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    });
    mayConnect.resolve();
    await attaching;
    await hub.whenReady();
    expect(hub.state).toBe('ready');
    expect(progress.at(-1)).toEqual({
      records: 100,
      total: 100,
      partitions: 2,
      partitionsDone: 2,
    });
    expect(hub.metrics()).toMatchObject({ entities: 100, records: 100 });
    expect((await (await open()).snapshot()).items).toHaveLength(100);
  });

  it('close() sends everybody away, ends everything and leaves the server as it was', async () => {
    const { hub, open, server, base } = await start();
    const clients = await Promise.all([open(), open(), open()]);
    await Promise.all(clients.map((client) => client.snapshot()));
    const closing = hub.close({ drainMs: 2_000 });
    expect(await rejection(open())).toMatchObject({ status: 503 });
    for (const { code, reason } of await Promise.all(clients.map(({ closed }) => closed))) {
      expect([code, reason]).toEqual([4000, expect.stringMatching(/^after=\d+$/)]);
    }
    await closing;
    await hub.close();
    expect(hub.state).toBe('closed');
    expect(hub.metrics()).toMatchObject({ connections: 0, relayed: 0, accepted: 3 });
    expect(Object.hasOwn(server, 'emit')).toBe(false);
    expect(server.listenerCount('upgrade')).toBe(0);
    if (!transport.isSecure) {
      const answer = await fetch(`${base}/status`, { headers: { Accept: 'text/event-stream' } });
      expect([answer.status, await answer.text()]).toEqual([404, 'app']);
    }
  });

  it('records that name no channel are told of and passed over', async () => {
    const { hub, open, send } = await start();
    const invalid = once(hub, 'invalid');
    await send({ value: 'no JSON' });
    expect(await invalid).toEqual([
      {
        topic: expect.any(String),
        partition: expect.any(Number),
        offset: '0',
        reason: expect.any(String),
        count: 1,
      },
    ]);
    await send(message({ id: 1 }));
    await until(() => hub.metrics().updates === 1);
    expect(hub.metrics().invalid).toBe(1);
    expect(ids((await (await open()).snapshot()).items)).toEqual(['task/1']);
  });
}

module.exports = { hubSuite };
