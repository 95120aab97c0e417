'use strict';

// The two brokers that the shared suites run on. To be called at the top of a test file: starting and stopping are
// hooks of Jest.

const { EmbeddedKafka, Kafka, logLevel } = require('../../lib');

/** For a failure only. */
const PATIENCE_MS = 60_000;

/** EmbeddedKafka, one for a test file. */
function embeddedBroker() {
  let cluster;
  beforeAll(async () => {
    cluster = await EmbeddedKafka.start({ partitions: 1 });
  });
  afterAll(() => cluster.stop());
  return {
    isEmbedded: true,
    get bootstrap() {
      return cluster.bootstrapServers;
    },
    createTopic: (topic, partitions) => cluster.createTopic({ topic, partitions }),
    stopBroker: () => cluster.brokerDown(1),
    startBroker: () => cluster.brokerUp(1),
  };
}

/** The Kafka that the runner started (or the one given): as the suites see it. */
function realBroker(bootstrap = () => process.env.EASYFLOW_TEST_BOOTSTRAP, more = {}) {
  let admin;
  beforeAll(async () => {
    admin = new Kafka({ brokers: bootstrap().split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  afterAll(() => admin?.disconnect());
  return {
    isEmbedded: false,
    get bootstrap() {
      return bootstrap();
    },
    createTopic: async (topic, numPartitions, configs = {}) => {
      await admin.createTopics({
        timeout: PATIENCE_MS,
        topics: [
          {
            topic,
            numPartitions,
            configEntries: Object.entries(configs).map(([name, value]) => ({
              name,
              value: String(value),
            })),
          },
        ],
      });
      // A broker names itself as leader before it serves the partition: what is sent with acks 0 would be lost.
      await admin.fetchTopicOffsets(topic);
    },
    ...more,
  };
}

module.exports = { embeddedBroker, realBroker };
