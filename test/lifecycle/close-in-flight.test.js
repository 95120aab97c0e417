'use strict';

// disconnect() at the worst moments: it settles what is pending, waits for what runs, and is quiet afterwards.

const { EmbeddedKafka, Kafka, KafkaJSError, KafkaJSClosedError, logLevel } = require('../../lib');
const { until } = require('./support/until');

/** Whatever disconnect() could run into takes longer. */
const IN_TIME_MS = 9_000;

let cluster;
let number = 0;

beforeEach(async () => {
  cluster = await EmbeddedKafka.start({ partitions: 2 });
});
afterEach(() => cluster.stop());

const newKafka = (options) =>
  new Kafka({
    brokers: cluster.brokers,
    logLevel: logLevel.NOTHING,
    librdkafka: { 'fetch.wait.max.ms': 10 },
    ...options,
  });
const newGroup = () => `close-${process.pid}-${number++}`;

async function connected(client) {
  await client.connect();
  return client;
}

async function filledTopic(count = 50) {
  const topic = `close-${number++}`;
  cluster.createTopic({ topic, partitions: 1 });
  const producer = await connected(newKafka().producer());
  const messages = Array.from({ length: count }, (_, i) => ({ value: `${i}` }));
  await producer.send({ topic, messages });
  await producer.disconnect();
  return topic;
}

/** A consumer of a topic with messages, in the hands of this handler. */
async function running(eachMessage, { topic, ...options } = {}) {
  const consumer = await connected(newKafka().consumer({ groupId: newGroup(), ...options }));
  await consumer.subscribe({ topic: topic ?? (await filledTopic()), fromBeginning: true });
  await consumer.run({ eachMessage: (payload) => eachMessage(payload, consumer) });
  return consumer;
}

function deferred() {
  let resolve;
  const promise = new Promise((r) => (resolve = r));
  return { promise, resolve };
}

const outcomeOf = (promise) =>
  promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );

async function timed(promise) {
  const started = Date.now();
  await promise;
  return Date.now() - started;
}

describe('a producer', () => {
  test('disconnect() waits for sends on their way: they are acknowledged', async () => {
    cluster.setBrokerRtt(200);
    const producer = await connected(newKafka().producer());
    const sends = Array.from({ length: 100 }, (_, i) =>
      producer.send({ topic: 'slow', messages: [{ value: `${i}` }] }),
    );
    await producer.disconnect();
    for (const outcome of await Promise.all(sends.map(outcomeOf))) {
      expect(outcome.value).toMatchObject([{ topicName: 'slow', errorCode: 0 }]);
    }
  });

  test('sends that no broker takes are rejected, typed, at the end of disconnectTimeout', async () => {
    const producer = await connected(newKafka({ disconnectTimeout: 500 }).producer());
    await producer.send({ topic: 'gone', messages: [{ value: 'known' }] });
    cluster.brokerDown();
    const sends = Array.from({ length: 100 }, () =>
      outcomeOf(producer.send({ topic: 'gone', messages: [{ value: 'lost' }] })),
    );
    const tookMs = await timed(producer.disconnect());
    expect(tookMs).toBeGreaterThanOrEqual(490);
    expect(tookMs).toBeLessThan(IN_TIME_MS);
    for (const { error } of await Promise.all(sends)) {
      expect(error).toBeInstanceOf(KafkaJSError);
      expect(error.errorCode).toMatch(/^ERR_KAFKA_/);
    }
    expect(producer.queued).toEqual({ bytes: 0, messages: 0, waitingSends: 0 });
  });

  test('sends that wait for room are settled too', async () => {
    cluster.setBrokerRtt(50);
    const producer = await connected(newKafka().producer({ maxQueuedMessages: 10 }));
    const sends = Array.from({ length: 100 }, () =>
      outcomeOf(producer.send({ topic: 'narrow', messages: [{ value: 'v' }] })),
    );
    expect(producer.queued.waitingSends).toBe(90);
    await producer.disconnect();
    const outcomes = await Promise.all(sends);
    for (const { value, error } of outcomes) {
      if (error) expect(error).toBeInstanceOf(KafkaJSError);
      else expect(value).toMatchObject([{ errorCode: 0 }]);
    }
  });

  test('a send during and after disconnect() is refused', async () => {
    const producer = await connected(newKafka().producer());
    const closing = producer.disconnect();
    const record = { topic: 't', messages: [{ value: 'v' }] };
    await expect(producer.send(record)).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_NOT_CONNECTED',
    });
    await closing;
    await expect(producer.send(record)).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_NOT_CONNECTED',
    });
  });
});

describe.each([
  ['producer', (kafka) => kafka.producer()],
  ['consumer', (kafka) => kafka.consumer({ groupId: newGroup() })],
  ['admin', (kafka) => kafka.admin()],
])('any client: %s', (_, create) => {
  test('disconnect() ends a connect() that waits for a broker', async () => {
    cluster.brokerDown();
    const client = create(newKafka({ disconnectTimeout: 60_000 }));
    const connecting = outcomeOf(client.connect());
    expect(await timed(client.disconnect())).toBeLessThan(IN_TIME_MS);
    expect((await connecting).error).toBeInstanceOf(KafkaJSClosedError);
  });

  test('disconnect() twice, at once and afterwards, and before connect()', async () => {
    const client = create(newKafka());
    await client.disconnect();
    await client.connect();
    await Promise.all([client.disconnect(), client.disconnect()]);
    await client.disconnect();
  });

  test('connects again after disconnect()', async () => {
    const client = create(newKafka());
    for (let round = 0; round < 3; round++) {
      await client.connect();
      await client.disconnect();
    }
    await client.connect();
    await client.disconnect();
  });

  test('is quiet afterwards: no log, no event, whatever happens to the brokers', async () => {
    const seen = [];
    const record = (what) => seen.push(what);
    const logs = {
      logLevel: logLevel.DEBUG,
      logCreator:
        () =>
        ({ namespace, log }) =>
          record(`${namespace}: ${log.message}`),
    };
    const client = create(newKafka({ ...logs, librdkafka: { debug: 'broker,cgrp,protocol' } }));
    for (const event of Object.values(client.events)) client.on(event, ({ type }) => record(type));
    await client.connect();
    expect(seen.length).toBeGreaterThan(0);
    await client.disconnect();
    const before = [...seen];
    // Another client sees the brokers go: by then this one would have seen it too.
    const errors = [];
    const witness = newKafka({
      logLevel: logLevel.DEBUG,
      logCreator:
        () =>
        ({ log }) =>
          errors.push(log.message),
    }).producer();
    await witness.connect();
    cluster.brokerDown();
    await until(() => errors.some((message) => /Disconnected|refused|down/i.test(message)), 'them');
    await witness.disconnect();
    expect(seen).toEqual(before);
  });
});

describe('a consumer', () => {
  test('disconnect() while the group is joined: run() settles', async () => {
    cluster.setGroupInitialRebalanceDelay(60_000);
    const consumer = await connected(newKafka().consumer({ groupId: newGroup() }));
    await consumer.subscribe({ topic: await filledTopic() });
    cluster.startRequestTracking();
    const run = outcomeOf(consumer.run({ eachMessage: async () => {} }));
    const JOIN_GROUP = 11;
    await until(() => cluster.requests().some(({ apiKey }) => apiKey === JOIN_GROUP), 'the join');
    expect(await timed(consumer.disconnect())).toBeLessThan(IN_TIME_MS);
    const { error } = await run;
    if (error) expect(error).toBeInstanceOf(KafkaJSError);
  });

  test('disconnect() waits for the handler that runs, and commits what it did', async () => {
    const topic = await filledTopic();
    const groupId = newGroup();
    const started = deferred();
    const mayEnd = deferred();
    const handled = [];
    const consumer = await running(
      async ({ message }) => {
        started.resolve();
        await mayEnd.promise;
        handled.push(message.offset);
      },
      { topic, groupId },
    );
    await started.promise;
    let isOver = false;
    const closing = consumer.disconnect().then(() => (isOver = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    expect(handled).toEqual([]);
    mayEnd.resolve();
    await closing;
    expect(handled).toEqual(['0']);
    const admin = await connected(newKafka().admin());
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] });
    await admin.disconnect();
    expect(partitions).toMatchObject([{ partition: 0, offset: '1' }]);
  });

  test('a handler that never ends holds disconnect() no longer than disconnectTimeout', async () => {
    const seen = [];
    const topic = await filledTopic();
    const groupId = newGroup();
    const started = deferred();
    const consumer = await running(
      ({ message }) => {
        if (message.offset !== '3') return;
        started.resolve();
        return new Promise(() => {});
      },
      // A fifth of it is for the commit.
      { topic, groupId, disconnectTimeout: 10_000 },
    );
    for (const name of ['STOP', 'DISCONNECT']) {
      consumer.on(consumer.events[name], ({ type }) => seen.push(type));
    }
    await started.promise;
    expect(await timed(consumer.disconnect())).toBeLessThan(25_000);
    // Ended in order, not left to go on behind our back.
    expect(seen).toEqual(['consumer.stop', 'consumer.disconnect']);
    const admin = await connected(newKafka().admin());
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] });
    await admin.disconnect();
    expect(partitions).toMatchObject([{ partition: 0, offset: '3' }]);
  });

  test('disconnect() inside a handler that does not wait for it', async () => {
    const closed = deferred();
    let calls = 0;
    await running(async (_, consumer) => {
      calls += 1;
      consumer.disconnect().then(closed.resolve);
    });
    await closed.promise;
    expect(calls).toBe(1);
  });

  test('disconnect() awaited inside a handler is no deadlock', async () => {
    // It waits for the handler, which waits for it: in KafkaJS for ever, here until disconnectTimeout.
    const ended = deferred();
    await running(
      async (_, consumer) => {
        await consumer.disconnect();
        ended.resolve();
      },
      { disconnectTimeout: 500 },
    );
    expect(await timed(ended.promise)).toBeLessThan(IN_TIME_MS);
  });

  test('nothing is handed out once disconnect() was called', async () => {
    const calls = [];
    let closing = null;
    const over = deferred();
    await running(async ({ message }, consumer) => {
      calls.push({ offset: message.offset, late: closing !== null });
      if (message.offset === '10') {
        closing = consumer.disconnect();
        closing.then(over.resolve);
      }
    });
    await over.promise;
    expect(calls.filter(({ late }) => late)).toEqual([]);
    expect(calls).toHaveLength(11);
  });

  test('a loop over batches() ends by itself when the consumer is disconnected', async () => {
    const consumer = await connected(newKafka().consumer({ groupId: newGroup() }));
    await consumer.subscribe({ topic: await filledTopic(), fromBeginning: true });
    let messages = 0;
    for await (const batch of consumer.batches()) {
      messages += batch.length;
      consumer.disconnect();
    }
    expect(messages).toBeGreaterThan(0);
    await consumer.disconnect();
  });
});
