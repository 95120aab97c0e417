'use strict';

// Clients, topics and reading back, for tests on any broker.

const { setTimeout: delay } = require('node:timers/promises');
const { Kafka, logLevel } = require('../../lib');
const { until } = require('./consumer-tools');

let number = 0;
/** A name that no other test, file or run has. */
const unique = (name) => `${name}-${process.pid}-${Date.now()}-${(number += 1)}`;

/** What a promise was rejected with. */
const rejection = (promise) =>
  promise.then(
    (value) => {
      throw new Error(`Expected a rejection but it resolved to ${JSON.stringify(value)}`);
    },
    (error) => error,
  );

/** Reads until it is as expected: for what a cluster does behind its answer. */
async function eventually(read, expected, timeoutMs = 60_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    try {
      expect(value).toEqual(expected);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await delay(20);
  }
}

/** @param {{ bootstrap: string, isEmbedded: boolean, createTopic: Function }} broker */
function clientsOf(broker) {
  const open = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.disconnect()));
  });

  const kafka = (options = {}) =>
    new Kafka({ brokers: broker.bootstrap.split(','), logLevel: logLevel.NOTHING, ...options });

  const connected = async (client) => {
    open.push(client);
    await client.connect();
    return client;
  };

  const clients = {
    kafka,
    /** Disconnects it after the test. */
    track: (client) => {
      open.push(client);
      return client;
    },
    producer: (options, kafkaOptions) => connected(kafka(kafkaOptions).producer(options)),
    admin: () => connected(kafka().admin()),
    consumer: (options) =>
      connected(kafka().consumer({ groupId: unique('group'), maxWaitTimeInMs: 50, ...options })),

    newTopic: async (partitions = 1, configs = undefined) => {
      const topic = unique('topic');
      await broker.createTopic(topic, partitions, configs);
      return topic;
    },

    /** The messages from the beginning of all partitions, in the order of arrival, until `enough(messages)`. */
    readUntil: async (topic, enough, { partitions = 1, timeoutMs, ...options } = {}) => {
      const consumer = kafka().consumer({
        groupId: unique('reader'),
        maxWaitTimeInMs: 50,
        ...options,
      });
      const messages = [];
      try {
        await consumer.connect();
        await consumer.assign(
          Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: '0' })),
        );
        await consumer.run({
          eachBatch: async ({ batch }) => {
            for (const message of batch.messages) {
              messages.push({ partition: batch.partition, ...message.detach() });
            }
          },
        });
        await until(() => enough(messages), `messages of ${topic}`, timeoutMs);
      } finally {
        await consumer.disconnect();
      }
      return messages;
    },

    /** All messages that a topic has now. */
    readAll: async (topic, options = {}) => {
      const admin = kafka().admin();
      let total;
      let partitions;
      try {
        await admin.connect();
        const offsets = await admin.fetchTopicOffsets(topic);
        partitions = offsets.length;
        total = offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
      } finally {
        await admin.disconnect();
      }
      if (total === 0) return [];
      const messages = await clients.readUntil(topic, (all) => all.length >= total, {
        partitions,
        ...options,
      });
      expect(messages).toHaveLength(total);
      return messages;
    },
  };
  return clients;
}

const text = (buffer) => (buffer === null ? null : buffer.toString());
const numbers = (count, from = 0) => Array.from({ length: count }, (_, i) => from + i);

module.exports = { clientsOf, unique, rejection, eventually, text, numbers, until };
