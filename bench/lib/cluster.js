'use strict';

// The broker of a benchmark and its topics. One broker for all sides of a run; a topic of its own for each produce.

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';

const { setTimeout: delay } = require('node:timers/promises');
const { Kafka, logLevel } = require('kafkajs');
const { startKafka, kafkaVersion } = require('../../scripts/real-kafka');

const LEADERS_TIMEOUT_MS = 30_000;
const LEADERS_POLL_MS = 20;

const PROPERTIES = {
  // Hundreds of megabytes a run: a deleted topic has to go at once.
  'log.segment.delete.delay.ms': 500,
};

/** kafkajs's own waitForLeaders gives up when the broker does not know a topic yet that it has just made. */
async function untilLed(admin, topic, partitions) {
  const deadline = Date.now() + LEADERS_TIMEOUT_MS;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const led = topics[0].partitions.filter(({ leader }) => leader >= 0);
      if (led.length === partitions) return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error(`${topic} got no leaders`);
    await delay(LEADERS_POLL_MS);
  }
}

async function startCluster({ log, heapMb = 1_024 }) {
  log(`Starting Kafka ${kafkaVersion()}, one broker …`);
  const kafka = await startKafka({ brokers: 1, heapMb, properties: PROPERTIES, log });
  const admin = new Kafka({
    brokers: [kafka.bootstrapServers],
    logLevel: logLevel.NOTHING,
  }).admin();
  try {
    await admin.connect();
  } catch (error) {
    await kafka.stop();
    throw error;
  }
  let topics = 0;
  return {
    brokers: kafka.bootstrapServers,
    version: kafkaVersion(),
    /** Makes a topic with leaders and returns its name. */
    async topic(partitions) {
      const topic = `bench-${(topics += 1)}`;
      await admin.createTopics({
        waitForLeaders: false,
        topics: [{ topic, numPartitions: partitions }],
      });
      await untilLed(admin, topic, partitions);
      return topic;
    },
    /** How the broker sees a consumer group: { state, members }. */
    async group(groupId) {
      const { groups } = await admin.describeGroups([groupId]);
      return groups[0];
    },
    drop: (topic) => admin.deleteTopics({ topics: [topic] }),
    async stop() {
      await admin.disconnect().catch(() => {});
      await kafka.stop();
    },
  };
}

module.exports = { startCluster };
