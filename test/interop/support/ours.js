'use strict';

const { Kafka, logLevel } = require('../../../lib');

let number = 0;
const unique = (name) => `${name}-${process.pid}-${Date.now()}-${number++}`;

function newKafka(options) {
  return new Kafka({
    brokers: process.env.EASYFLOW_TEST_BOOTSTRAP.split(','),
    logLevel: logLevel.NOTHING,
    ...options,
  });
}

async function withClient(client, use) {
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.disconnect();
  }
}

async function createTopic(name, numPartitions = 1) {
  const topic = unique(name);
  await withClient(newKafka().admin(), (admin) =>
    admin.createTopics({ topics: [{ topic, numPartitions }] }),
  );
  return topic;
}

function produce(topic, messages, options) {
  return withClient(newKafka().producer(), (producer) =>
    producer.send({ topic, messages, ...options }),
  );
}

/**
 * Messages, detached, with their partition, until there are `count` of them, or of their `distinct` ones: a client that
 * is not idempotent may have sent some twice.
 */
function consume(topic, count, { groupId = unique('group'), distinct } = {}) {
  return withClient(newKafka().consumer({ groupId }), async (consumer) => {
    const messages = [];
    const seen = new Set();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer
        .run({
          eachMessage: async ({ partition, message }) => {
            if (seen.size === count) return;
            messages.push({ partition, ...message.detach() });
            seen.add(distinct ? distinct(message) : messages.length);
            if (seen.size === count) resolve();
          },
        })
        .catch(reject);
    });
    return messages;
  });
}

module.exports = { unique, newKafka, withClient, createTopic, produce, consume };
