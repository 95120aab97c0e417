'use strict';

// The option `transform`: JavaScript makes the data of updates, in their order, and what it does wrong stops nothing.

const { once } = require('node:events');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { transformer } = require('../../../lib/hub/transformer');
const { embeddedBroker } = require('../../shared/brokers');
const { until } = require('../../shared/consumer-tools');
const { everybody, hubTools, message, tombstone } = require('../../shared/hub-tools');

const broker = embeddedBroker();
const tools = hubTools(broker);
const start = (transform, settings) =>
  tools.start({ ...settings, options: { ...everybody, shards: 1, transform } });

describe('a batch', () => {
  const results = (transform, ...updates) => transformer(transform)(JSON.stringify(updates));

  test('has a text, null or a reason for each update', () => {
    const given = [{ a: 1 }, 'text', 0, false, null];
    expect(results((update) => given[update], 0, 1, 2, 3, 4)).toEqual([
      '{"a":1}',
      '"text"',
      '0',
      'false',
      null,
    ]);
  });

  test.each([
    ['undefined', () => undefined, /gave undefined, which is no JSON/],
    ['a function', () => () => {}, /gave function, which is no JSON/],
    ['a BigInt', () => 5n, /failed: .*BigInt/],
    ['a circle', circle, /failed: .*circular/],
    ['a promise', async () => ({}), /a promise: it has to be synchronous/],
    ['a promise that fails', () => Promise.reject(new Error('x')), /a promise/],
    ['an error', () => raise(new Error('no such status')), /failed: no such status/],
    ['nothing that is thrown', () => raise(undefined), /failed: undefined/],
    ['an object without a text', () => raise(Object.create(null)), /^transform\(\) failed$/],
  ])('%s is a reason', (_, transform, reason) => {
    expect(results(transform, 1)).toEqual([{ error: expect.stringMatching(reason) }]);
  });
});

function raise(error) {
  throw error;
}

function circle() {
  const it = {};
  it.it = it;
  return it;
}

test('clients get what it makes; what it drops leaves the entity as it was, removals it is not asked about', async () => {
  const updates = [];
  const topic = await tools.newTopic(1);
  await tools.send(topic, message({ id: 'a', n: 1 }), message({ id: 'b', n: 1 }));
  const hub = await start(
    (update) => {
      updates.push(update);
      return update.data.hidden ? null : { was: update.data.n, note: 'ü "\n' };
    },
    { topic },
  );
  const client = await hub.open({ mode: 'all' });
  const { items } = await client.snapshot();
  expect(items.map(({ channel, data }) => [channel, data])).toEqual([
    ['task/a', { was: 1, note: 'ü "\n' }],
    ['task/b', { was: 1, note: 'ü "\n' }],
  ]);
  expect(updates[0]).toEqual({
    channel: 'task/a',
    topic,
    partition: 0,
    offset: '0',
    time: expect.any(Number),
    key: 'task-a',
    data: { type: 'task', id: 'a', n: 1 },
  });

  await hub.send(
    message({ id: 'a', n: 2, hidden: true }),
    message({ id: 'a', n: 3 }),
    tombstone({ id: 'b' }),
    message({ id: 'c', n: 4 }),
    { key: null, value: JSON.stringify({ type: 'task', id: 'd', n: 5 }) },
  );
  expect(await client.next('update')).toMatchObject({ channel: 'task/a', at: '0:3' });
  expect(await client.next('remove')).toMatchObject({ channel: 'task/b', at: '0:4' });
  expect(await client.next('update')).toMatchObject({ channel: 'task/c', data: { was: 4 } });
  expect(await client.next('update')).toMatchObject({ channel: 'task/d', data: { was: 5 } });
  expect(updates.map(({ key }) => key).slice(2)).toEqual(['task-a', 'task-a', 'task-c', null]);
  expect(hub.hub.metrics()).toMatchObject({ records: 7, invalid: 0, entities: 3 });
});

test('a failure is told as invalid, and the others come in their order', async () => {
  const hub = await start(({ data }) => (data.n % 3 === 0 ? raise(new Error('three')) : data.n));
  const told = once(hub.hub, 'invalid');
  const client = await hub.open({ mode: 'all' });
  await client.snapshot();
  // The last one is no failure: all of these have been told when it comes.
  const count = 1_001;
  const sent = Array.from({ length: count }, (_, n) => message({ id: 'x', n }));
  await hub.send(...sent);
  const wanted = sent.map((_, n) => n).filter((n) => n % 3 !== 0);
  for (const n of wanted) expect(await client.next('update')).toMatchObject({ data: n });
  const [event] = await told;
  expect(event).toMatchObject({ topic: hub.topic, reason: 'transform() failed: three' });
  expect(hub.hub.metrics().invalid).toBe(count - wanted.length);
  expect(hub.hub.state).toBe('ready');
});

test('a hub is ready when it has been through all that was there, and resumes as without it', async () => {
  const topic = await tools.newTopic(2);
  const count = 3_000;
  const all = Array.from({ length: count }, (_, n) => message({ id: n, n }));
  await tools.send(topic, ...all);
  let seen = 0;
  const hub = await start(
    ({ data }) => {
      seen += 1;
      return { n: data.n };
    },
    { topic },
  );
  expect(seen).toBe(count);
  const client = await hub.open();
  const { items, token } = await client.snapshot();
  expect(items.map(({ data }) => data.n).sort((a, b) => a - b)).toEqual(all.map((_, n) => n));
  client.cut();

  await hub.send(message({ id: 7, n: 'new' }));
  const watcher = await hub.open({ channel: 'task/7' });
  const { items: newest } = await watcher.snapshot();
  if (newest[0].data.n !== 'new') await watcher.find('update');
  const back = await hub.open({ since: token });
  expect(await back.snapshot()).toMatchObject({
    recovered: true,
    items: [{ channel: 'task/7', data: { n: 'new' } }],
  });
});

test('while JavaScript is busy, reading stops at its bounds; then all comes', async () => {
  const topic = await tools.newTopic(1);
  const count = 20_000;
  for (let from = 0; from < count; from += 5_000) {
    await tools.send(topic, ...Array.from({ length: 5_000 }, () => message({ id: 'x' })));
  }
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  const records = [];
  let seen = 0;
  const hub = tools.newHub(topic, {
    ...everybody,
    transform: () => {
      seen += 1;
      if (seen === 1) {
        // The loop stands still here, and nobody takes what is read meanwhile.
        for (let i = 0; i < 40; i += 1) {
          Atomics.wait(waiting, 0, 0, 50);
          records.push(hub.metrics().records);
        }
      }
      return seen;
    },
  });
  const { attaching } = await tools.attach(hub, { isSecure: false });
  await attaching;
  await hub.whenReady();
  // Two blocks of a partition may be under way, with 4,096 records each.
  expect(Math.max(...records)).toBeGreaterThan(0);
  expect(Math.max(...records)).toBeLessThanOrEqual(8_192);
  expect(seen).toBe(count);
  expect(hub.metrics()).toMatchObject({ records: count, entities: 1 });
});

test('close() in the middle of a batch ends the hub, whatever is still to be transformed', async () => {
  const topic = await tools.newTopic(1);
  await tools.send(topic, ...Array.from({ length: 5_000 }, (_, id) => message({ id })));
  let closing = null;
  const hub = tools.newHub(topic, {
    ...everybody,
    transform: ({ data }) => {
      closing ??= hub.close();
      return data;
    },
  });
  const { attaching } = await tools.attach(hub, { isSecure: false });
  attaching.catch(() => {});
  await until(() => closing !== null);
  await closing;
  expect(hub.state).toBe('closed');
  await expect(hub.whenReady()).rejects.toMatchObject({ errorCode: 'ERR_KAFKA_CLOSED' });
});

/** Tells that it is inside of transform(), and stays there. */
const worker = `
  const http = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  const { Kafka, StatusHub } = require(workerData.lib);
  const kafka = new Kafka({ brokers: [workerData.bootstrap], logLevel: 0 });
  const hub = new StatusHub(kafka, {
    topics: [workerData.topic],
    channel: '{type}/{id}',
    from: 'beginning',
    anonymous: { allow: ['*'] },
    transform: () => {
      parentPort.postMessage('inside');
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    },
  });
  hub.attach(http.createServer());
`;

test('a worker ends in the middle of a batch, with others behind it', async () => {
  const topic = await tools.newTopic(1);
  await tools.send(topic, ...Array.from({ length: 5_000 }, (_, id) => message({ id })));
  const workerData = {
    lib: path.join(__dirname, '../../../lib'),
    bootstrap: broker.bootstrap,
    topic,
  };
  const thread = new Worker(worker, { eval: true, workerData });
  await once(thread, 'message');
  expect(await thread.terminate()).toBe(1);
});
