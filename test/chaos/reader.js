'use strict';

// The checker's own look at a topic.

const { Kafka, logLevel } = require('../../lib');

const END = 'end';
const TIMEOUT_MS = 120_000;

/**
 * All committed messages of a topic, in the order of offsets of each partition. It writes an end into each partition, and reads
 * until there.
 *
 * @param {{ brokers: string[], topic: string, partitions: number }} options
 * @returns {Promise<{ partition: number, id: string }[]>}
 */
async function readTopic({ brokers, topic, partitions }) {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: `chaos-reader-${topic}` });
  const numbers = Array.from({ length: partitions }, (_, partition) => partition);
  const entries = [];
  let ends = 0;
  let timer;
  try {
    await producer.connect();
    await producer.send({
      topic,
      messages: numbers.map((partition) => ({ partition, value: END })),
    });
    await consumer.connect();
    await consumer.assign(numbers.map((partition) => ({ topic, partition, offset: '0' })));
    await new Promise((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${topic} cannot be read to its end, ${entries.length} messages`)),
        TIMEOUT_MS,
      );
      consumer
        .run({
          eachBatch: async ({ batch }) => {
            for (const message of batch.messages) {
              const id = message.text();
              if (id !== END) entries.push({ partition: batch.partition, id });
              else if ((ends += 1) === partitions) resolve();
            }
          },
        })
        .catch(reject);
    });
  } finally {
    clearTimeout(timer);
    await producer.disconnect();
    await consumer.disconnect();
  }
  return entries;
}

module.exports = { readTopic, END };
