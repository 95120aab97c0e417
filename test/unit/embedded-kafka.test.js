'use strict';

const { EmbeddedKafka, Kafka, logLevel, KafkaJSEmbeddedError } = require('../../lib');

test('starts, makes topics, stops; a second start or stop changes nothing', async () => {
  const cluster = new EmbeddedKafka({
    brokers: 3,
    topics: ['a', { topic: 'b', partitions: 7 }],
    partitions: 2,
  });
  expect(cluster.running).toBe(false);
  await cluster.start();
  await cluster.start();
  expect(cluster.running).toBe(true);
  expect(cluster.brokers).toHaveLength(3);
  expect(cluster.bootstrapServers).toBe(cluster.brokers.join(','));
  expect(cluster.brokerIds).toEqual([1, 2, 3]);

  const producer = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  const partitions = async (topic) =>
    (await producer.request('metadata', { topic, timeoutMs: 5_000 })).topics[0].partitions.length;
  expect(await partitions('a')).toBe(2);
  expect(await partitions('b')).toBe(7);
  cluster.createTopic('c', { partitions: 3 });
  expect(await partitions('c')).toBe(3);
  await producer.disconnect();

  await cluster.stop();
  await cluster.stop();
  expect(() => cluster.createTopic('d')).toThrow(KafkaJSEmbeddedError);
});

test('what it refuses says why, with the caller on the stack', async () => {
  const cluster = await EmbeddedKafka.start();
  function theCaller() {
    cluster.call('nonsense');
  }
  expect(theCaller).toThrow(expect.objectContaining({ errorCode: 'ERR_KAFKA_EMBEDDED' }));
  try {
    theCaller();
  } catch (e) {
    expect(e.stack.split('\n')[1]).toMatch(/theCaller/);
  }
  expect(() => cluster.pushRequestErrors('Nonsense', [1])).toThrow(/Produce, Fetch/);
  await cluster.stop();
});

test.each([[{ brokers: 0 }], [{ topics: 'a' }], [{ topics: [{}] }], [{ partition: 1 }]])(
  'bad options are named: %j',
  (options) => {
    expect(() => new EmbeddedKafka(options)).toThrow(
      expect.objectContaining({ errorCode: 'ERR_KAFKA_INVALID_OPTION' }),
    );
  },
);

test('a started cluster that nobody holds stays', async () => {
  const { brokers } = await EmbeddedKafka.start();
  expect(brokers).toHaveLength(1);
  globalThis.gc?.();
  const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.disconnect();
});
