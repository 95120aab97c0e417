'use strict';

// Three brokers, which learn of a new topic one after the other; and one of them dead.

const { startKafka } = require('../../scripts/real-kafka');
const { realBroker } = require('../shared/brokers');
const { clientsOf, numbers } = require('../shared/clients');

describe('Admin on three brokers', () => {
  let cluster;
  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3, heapMb: 300 });
  });
  afterAll(() => cluster?.stop());

  const clients = clientsOf(realBroker(() => cluster.bootstrapServers));

  test('a topic whose creation was awaited is there at once; whose deletion was, is gone', async () => {
    const admin = await clients.admin();
    for (const number of numbers(10)) {
      const topic = `there-at-once-${number}`;
      const made = { topic, numPartitions: 3, replicationFactor: 3 };
      await admin.createTopics({ topics: [made], timeout: 60_000 });
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      expect(topics[0].partitions).toHaveLength(3);
      await admin.deleteTopics({ topics: [topic], timeout: 60_000 });
      await expect(admin.fetchTopicMetadata({ topics: [topic] })).rejects.toMatchObject({
        type: 'UNKNOWN_TOPIC_OR_PARTITION',
      });
    }
  });

  test('the broker that is asked first is dead: another answers soon', async () => {
    const admin = await clients.admin();
    const topic = 'described-by-another';
    const made = { topic, numPartitions: 1, replicationFactor: 3 };
    await admin.createTopics({ topics: [made], timeout: 60_000 });
    // All replicas have acknowledged it: all brokers know the topic.
    const producer = await clients.producer();
    await producer.send({ topic, messages: [{ value: 'x' }] });
    await cluster.kill(1);
    const started = Date.now();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(Date.now() - started).toBeLessThan(20_000); // the dead one would be waited for for 30 s
    expect(topics[0].name).toBe(topic);
  });
});
