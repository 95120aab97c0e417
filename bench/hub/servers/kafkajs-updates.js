'use strict';

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';

const { Kafka, logLevel } = require('kafkajs');

/**
 * Calls onUpdate(channel, pattern, value, text) for each message of the topic: eachBatch, as kafkajs's documents advise for throughput.
 *
 * @returns {Promise<() => Promise<void>>} ends it
 */
async function consumeUpdates({ brokers, topic, groupId }, onUpdate) {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR });
  const consumer = kafka.consumer({ groupId });
  const joined = new Promise((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, resolve);
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    // Its group is its own and begins anew: nothing to commit, and a commit after each batch costs latency.
    autoCommit: false,
    eachBatch: async ({ batch, heartbeat }) => {
      for (const message of batch.messages) {
        const text = message.value.toString();
        const value = JSON.parse(text);
        onUpdate(`${value.entityType}/${value.entityId}`, `${value.entityType}/*`, value, text);
      }
      await heartbeat();
    },
  });
  await joined;
  return () => consumer.disconnect();
}

module.exports = { consumeUpdates };
