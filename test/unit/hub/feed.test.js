'use strict';

const { once } = require('node:events');
const { Registry } = require('prom-client');
const { EmbeddedKafka, Kafka, StatusHub, logLevel } = require('../../../lib');
const { Progress } = require('../../../lib/hub/progress');
const { compactedTopics, epochOf, placesOf } = require('../../../lib/hub/topics');
const { METRICS } = require('../../../lib/hub/metrics');
const { KafkaService } = require('../../../lib/service');
const { rejection } = require('../../shared/clients');
const { until } = require('../../shared/consumer-tools');
const { parseExposition, valueOf } = require('../../shared/exposition');
const { hubTools, everybody, message } = require('../../shared/hub-tools');

let cluster;
const broker = {
  get bootstrap() {
    return cluster.bootstrapServers;
  },
  createTopic: (topic, partitions) => cluster.createTopic({ topic, partitions }),
};
beforeAll(async () => {
  cluster = await EmbeddedKafka.start();
});
afterAll(() => cluster.stop());
const tools = hubTools(broker);

describe('epoch', () => {
  const topics = [{ topic: 'a', topicId: '1' }];

  test('is the same for what is the same, and short', () => {
    expect(epochOf('c', '{id}', topics)).toBe(
      epochOf('c', '{id}', [{ ...topics[0], partitions: [1] }]),
    );
    expect(epochOf('c', '{id}', topics)).toMatch(/^[\w-]{16}$/);
  });

  test.each([
    ['another cluster', 'd', '{id}', topics],
    ['another template', 'c', '{key}', topics],
    ['another topic', 'c', '{id}', [{ topic: 'b', topicId: '1' }]],
    ['a topic made anew', 'c', '{id}', [{ topic: 'a', topicId: '2' }]],
    ['one topic more', 'c', '{id}', [...topics, { topic: 'b', topicId: '2' }]],
  ])('%s has another', (_, ...other) => {
    expect(epochOf(...other)).not.toBe(epochOf('c', '{id}', topics));
  });
});

describe('where reading begins', () => {
  /** An admin client of a cluster whose offsets are known. */
  const admin = (offsets, asked = []) => ({
    retrying: (attempt) => attempt(),
    throwFirst: () => {},
    call: async (operation, { partitions }) => {
      asked.push(partitions.map(({ timestamp }) => timestamp));
      return partitions.map(({ topic, partition, timestamp }) => ({
        topic,
        partition,
        offset: offsets[timestamp] ?? '-1',
      }));
    },
  });
  const place = (compacted, partition = 0) => ({ topic: 't', partition, id: '0', compacted });

  test('by time, unless the topic is compacted', async () => {
    const asked = [];
    const offsets = { '-1': '100', '-2': '3', 5_000: '40' };
    const places = await placesOf(admin(offsets, asked), [place(false), place(true, 1)], 5_000);
    expect(asked).toEqual([
      ['-1', '-1'],
      ['5000', '-2'],
    ]);
    expect(places).toMatchObject([
      { start: 40n, end: 100n },
      { start: 3n, end: 100n },
    ]);
  });

  test('at the end where nothing is as young, at the beginning where that is wanted', async () => {
    const offsets = { '-1': '100', '-2': '3' };
    expect((await placesOf(admin(offsets), [place(false)], 5_000))[0].start).toBe(100n);
    expect((await placesOf(admin(offsets), [place(false)], null))[0].start).toBe(3n);
  });

  test('which topics are compacted is what their settings say', async () => {
    const settings = { a: 'compact', b: 'delete', c: 'compact,delete', d: 'compacted' };
    const described = Object.entries(settings).map(([name, value]) => ({
      name,
      entries: [{ name: 'cleanup.policy', value }],
    }));
    const asked = { call: async () => described, throwFirst: () => {} };
    expect(await compactedTopics(asked, Object.keys(settings))).toEqual(new Set(['a', 'c']));
  });
});

describe('progress', () => {
  const place = (partition, start, end) => ({ topic: 't', partition, start, end });

  test('is done when every partition is at the end that it had', () => {
    const progress = new Progress();
    progress.add([place(0, 10n, 20n), place(1, 0n, 5n), place(2, 7n, 7n)]);
    expect(progress.snapshot()).toEqual({
      records: 0,
      total: 15,
      partitions: 3,
      partitionsDone: 1,
    });
    progress.onPositions(
      new Map([
        ['t:0', 15n],
        ['t:1', 9n],
      ]),
    );
    expect(progress.snapshot()).toEqual({
      records: 10,
      total: 15,
      partitions: 3,
      partitionsDone: 2,
    });
    expect(progress.isDone).toBe(false);
    // What is compacted away, and the marker of a transaction, never come.
    progress.onEnd({ topic: 't', partition: 0 });
    expect(progress.isDone).toBe(true);
    expect(progress.snapshot()).toMatchObject({ records: 15, partitionsDone: 3 });
  });
});

test('all that was there is served when the hub is ready', async () => {
  const topic = await tools.newTopic(1);
  const text = 'x'.repeat(1_000);
  await tools.send(topic, ...Array.from({ length: 3_000 }, (_, id) => message({ id, text })));
  for (let i = 0; i < 5; i += 1) {
    const { hub, open } = await tools.start({ topic });
    expect(hub.metrics()).toMatchObject({ entities: 3_000, updates: 3_000 });
    expect((await (await open()).snapshot()).items).toHaveLength(3_000);
    await hub.close();
  }
});

test('several topics are one hub’s, and `at` says which', async () => {
  const topics = [await tools.newTopic(1), await tools.newTopic(1)];
  const hub = new StatusHub(tools.kafka(), { ...everybody, topics, channel: '{type}/{id}' });
  tools.onEnd(() => hub.close());
  const { attaching, connect } = await tools.attach(hub, { isSecure: false });
  await attaching;
  await hub.whenReady();
  const client = await connect();
  await client.next('welcome');
  client.send({ type: 'subscribe', id: 1, channels: ['*'] });
  await client.snapshot();
  await tools.send(topics[1], message({ id: 1 }));
  expect(await client.next('update')).toMatchObject({ at: '1.0:0' });
  await tools.send(topics[0], message({ id: 1 }));
  expect(await client.next('update')).toMatchObject({ at: '0.0:0' });
});

test('a topic that is made anew begins anew, for clients too', async () => {
  const topic = await tools.newTopic(1);
  await tools.send(topic, message({ id: 1 }), message({ id: 2 }));
  const { hub, open } = await tools.start({
    topic,
    options: { ...everybody, metadataIntervalMs: 50 },
  });
  const client = await open();
  const { token, items } = await client.snapshot();
  expect(items).toHaveLength(2);
  // Not once(): while the topic is away, 'error' comes.
  const rebuilt = new Promise((resolve) => hub.once('ready', resolve));
  cluster.deleteTopic(topic);
  cluster.createTopic({ topic, partitions: 1 });
  await rebuilt;
  const producer = tools.kafka().producer();
  tools.onEnd(() => producer.disconnect());
  await producer.connect();
  await producer.send({ topic, messages: [message({ id: 3 })] });
  const again = await client.snapshot();
  expect(again.recovered).toBe(false);
  const seen = again.items.length > 0 ? again.items[0] : await client.next('update');
  expect(seen).toMatchObject({ channel: 'task/3' });
  const resumed = await open({ since: token });
  expect((await resumed.snapshot()).recovered).toBe(false);
});

test('a topic that is not there is told at attach(), and the server stays as it was', async () => {
  const topic = await tools.newTopic();
  cluster.setTopicError(topic, 'UNKNOWN_TOPIC_OR_PART');
  const hub = tools.newHub(topic);
  const { attaching, server } = await tools.attach(hub, { isSecure: false });
  expect(await rejection(attaching)).toMatchObject({ errorCode: 'ERR_KAFKA_UNKNOWN_TOPIC' });
  expect(Object.hasOwn(server, 'emit')).toBe(false);
  cluster.setTopicError(topic, 0);
  await hub.attach(server);
  await hub.whenReady();
});

describe('without a broker', () => {
  const nowhere = () =>
    new Kafka({
      brokers: ['127.0.0.1:1'],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
      connectionTimeout: 100,
    });

  test('attach() says so, and may be called again', async () => {
    const hub = tools.newHub('t', everybody, {}, nowhere());
    for (let i = 0; i < 2; i += 1) {
      const { attaching, server } = await tools.attach(hub, { isSecure: false });
      expect(await rejection(attaching)).toMatchObject({ name: expect.stringMatching(/^KafkaJS/) });
      expect(Object.hasOwn(server, 'emit')).toBe(false);
      expect(hub.state).toBe('idle');
    }
  });

  test('close() ends an attach() that waits', async () => {
    const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING });
    const hub = tools.newHub('t', everybody, {}, kafka);
    const { attaching } = await tools.attach(hub, { isSecure: false });
    const outcome = rejection(attaching);
    await hub.close();
    expect(await outcome).toMatchObject({ errorCode: 'ERR_KAFKA_CLOSED' });
    expect(hub.state).toBe('closed');
  });
});

describe('metrics', () => {
  const ofHub = async (text) => parseExposition(await text);

  test('are in the Registry that is given, until close()', async () => {
    const registry = new Registry();
    const { hub, open, send } = await tools.start({
      options: { ...everybody, metricsRegistry: registry },
    });
    const client = await open();
    await client.snapshot();
    await send(message({ id: 1 }));
    await client.next('update');
    // Counted when it is on its way, which may be before.
    await until(() => hub.metrics().deliveries === 1, 'the count');
    const metrics = await ofHub(registry.metrics());
    expect(valueOf(metrics, 'kafka_hub_ready')).toBe(1);
    expect(valueOf(metrics, 'kafka_hub_connections')).toBe(1);
    expect(valueOf(metrics, 'kafka_hub_deliveries_total')).toBe(1);
    expect(valueOf(metrics, 'kafka_hub_entities')).toBe(1);
    expect(() => tools.newHub('t', { ...everybody, metricsRegistry: registry })).toThrow(
      /kafka_hub_ready already/,
    );
    await hub.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  test('are a service’s where the hub is made of one', async () => {
    const topic = await tools.newTopic();
    const service = new KafkaService({
      catalog: 'easyflow',
      brokers: cluster.brokers,
      env: {},
      logLevel: logLevel.NOTHING,
    });
    tools.onEnd(() => service.shutdown());
    const hub = new StatusHub(service, { ...everybody, topics: [topic], channel: '{id}' });
    tools.onEnd(() => hub.close());
    const { attaching } = await tools.attach(hub, { isSecure: false });
    await attaching;
    await hub.whenReady();
    const names = async () => (await service.metricsJson()).map(({ name }) => name);
    expect(await names()).toEqual(expect.arrayContaining(METRICS.map(({ name }) => name)));
    await hub.close();
    expect((await names()).filter((name) => name.startsWith('kafka_hub'))).toEqual([]);
  });

  test('are numbers before anything has happened, and after the end', async () => {
    const { hub } = await tools.start();
    const before = tools.newHub('t').metrics();
    const now = hub.metrics();
    await hub.close();
    expect(Object.keys(before).sort()).toEqual(Object.keys(now).sort());
    expect(Object.keys(hub.metrics()).sort()).toEqual(Object.keys(now).sort());
    for (const [name, value] of Object.entries(before)) {
      if (!['state', 'ready', 'refused'].includes(name)) expect([name, value]).toEqual([name, 0]);
    }
  });
});

test('a listener that throws disturbs nobody', async () => {
  const { hub, open, send } = await tools.start();
  hub.on('invalid', () => {
    throw new Error('of the application');
  });
  await send({ value: 'no JSON' }, message({ id: 1 }));
  await until(() => hub.metrics().updates === 1);
  expect((await (await open()).snapshot()).items).toHaveLength(1);
});

test('events tell who comes and goes', async () => {
  const { hub, open, connects } = await tools.start({
    options: {},
    authenticate: ({ token }) => ({ subject: token, allow: ['*'] }),
  });
  const client = await open({ token: 'u' });
  expect(connects).toEqual([
    { connection: expect.any(Number), subject: 'u', address: '127.0.0.1', transport: 'descriptor' },
  ]);
  const gone = once(hub, 'disconnect');
  client.cut();
  expect(await gone).toEqual([{ ...connects[0], code: expect.any(Number) }]);
});
