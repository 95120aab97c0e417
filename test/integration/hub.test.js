'use strict';

// StatusHub on a real broker: what an embedded one cannot do, and the suite of one transport.

const { realBroker } = require('../shared/brokers');
const { until } = require('../shared/consumer-tools');
const { hubSuite } = require('../shared/hub-suite');
const { TRANSPORTS, everybody, hubTools, message, tombstone } = require('../shared/hub-tools');
const { eventually, unique } = require('../shared/clients');

const broker = realBroker();

describe('StatusHub on a real broker, descriptor', () => hubSuite(broker, TRANSPORTS.descriptor));

describe('StatusHub on a real broker', () => {
  const tools = hubTools(broker);
  const ids = (items) => items.map(({ channel }) => channel).sort();
  const HOUR_MS = 3_600_000;
  const old = () => ({ timestamp: String(Date.now() - 2 * HOUR_MS) });

  async function topicOf(partitions, configs) {
    const topic = unique('hub');
    await broker.createTopic(topic, partitions, configs);
    return topic;
  }

  const stateOf = async (settings) => {
    const { open } = await tools.start(settings);
    return ids((await (await open({ channel: '*' })).snapshot()).items);
  };

  it('reads a window of time, or all of it', async () => {
    const topic = await topicOf(2, { 'retention.ms': 24 * HOUR_MS });
    await tools.send(topic, { ...message({ id: 1 }), ...old(), partition: 0 });
    await tools.send(topic, { ...message({ id: 2 }), partition: 0 });
    // Nothing in this partition is as young.
    await tools.send(topic, { ...message({ id: 3 }), ...old(), partition: 1 });
    const window = { ms: HOUR_MS };
    expect(await stateOf({ topic, options: { ...everybody, window } })).toEqual(['task/2']);
    expect(await stateOf({ topic })).toEqual(['task/1', 'task/2', 'task/3']);
    expect(await stateOf({ topic, options: { ...everybody, window, from: 'beginning' } })).toEqual([
      'task/1',
      'task/2',
      'task/3',
    ]);
  });

  it('reads a compacted topic from its beginning', async () => {
    const topic = await topicOf(1, { 'cleanup.policy': 'compact' });
    await tools.send(
      topic,
      { ...message({ id: 1 }), ...old() },
      { ...message({ id: 2 }), ...old() },
    );
    await tools.send(topic, { ...tombstone({ id: 2 }), ...old() });
    const options = { ...everybody, window: { ms: HOUR_MS } };
    expect(await stateOf({ topic, options })).toEqual(['task/1']);
  });

  it('is ready behind markers of transactions, and shows nothing of one that was aborted', async () => {
    const topic = await topicOf(1);
    const producer = tools.kafka().producer({ transactionalId: topic, maxInFlightRequests: 1 });
    tools.onEnd(() => producer.disconnect());
    await producer.connect();
    const committed = await producer.transaction();
    await committed.send({ topic, messages: [message({ id: 1 })] });
    await committed.commit();
    const aborted = await producer.transaction();
    await aborted.send({ topic, messages: [message({ id: 2 })] });
    await aborted.abort();
    expect(await stateOf({ topic })).toEqual(['task/1']);
  });

  it('follows partitions that are added', async () => {
    const topic = await topicOf(1);
    const { hub, open, send } = await tools.start({
      topic,
      options: { ...everybody, metadataIntervalMs: 200 },
    });
    const client = await open();
    await client.snapshot();
    const admin = tools.kafka().admin();
    tools.onEnd(() => admin.disconnect());
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await eventually(async () => (await admin.fetchTopicOffsets(topic)).length, 3);
    const producer = tools.kafka().producer();
    tools.onEnd(() => producer.disconnect());
    await producer.connect();
    await producer.send({ topic, messages: [{ ...message({ id: 7 }), partition: 2 }] });
    expect(await client.next('update')).toMatchObject({ at: '2:0', channel: 'task/7' });
    await send({ ...message({ id: 8 }), partition: 0 });
    expect(await client.next('update')).toMatchObject({ at: '0:0', channel: 'task/8' });
    expect(hub.state).toBe('ready');
  });

  it('a topic that is made anew begins anew', async () => {
    const topic = await topicOf(1);
    await tools.send(topic, message({ id: 1 }));
    const { hub, open } = await tools.start({
      topic,
      options: { ...everybody, metadataIntervalMs: 200 },
    });
    const client = await open();
    const { token } = await client.snapshot();
    const admin = tools.kafka().admin();
    tools.onEnd(() => admin.disconnect());
    await admin.connect();
    const rebuilt = new Promise((resolve) => hub.once('ready', resolve));
    await admin.deleteTopics({ topics: [topic] });
    await broker.createTopic(topic, 1);
    await rebuilt;
    expect(await client.snapshot()).toMatchObject({ recovered: false, items: [] });
    const producer = tools.kafka().producer();
    tools.onEnd(() => producer.disconnect());
    await producer.connect();
    await producer.send({ topic, messages: [message({ id: 2 })] });
    expect(await client.next('update')).toMatchObject({ channel: 'task/2', at: '0:0' });
    expect(await (await open({ since: token })).snapshot()).toMatchObject({ recovered: false });
  });

  it('two hubs on one topic: a client goes from one to the other with its token', async () => {
    const topic = await topicOf(3);
    const one = await tools.start({ topic });
    const two = await tools.start({ topic });
    await one.send(...Array.from({ length: 50 }, (_, id) => message({ id })));
    await until(() => one.hub.metrics().updates === 50);
    const client = await one.open();
    const { token } = await client.snapshot();
    await one.hub.close();
    await one.send(message({ id: 3, n: 2 }));
    await until(() => two.hub.metrics().updates === 51);
    const moved = await (await two.open({ since: token })).snapshot();
    expect(moved.recovered).toBe(true);
    expect(moved.items).toMatchObject([{ channel: 'task/3', data: { n: 2 } }]);
  });
});
