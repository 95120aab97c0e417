'use strict';

const { EndOfTopic } = require('../end-of-topic');

const STATISTICS_MS = 200;
/** A broker that has nothing holds its answer back so long. */
const FETCH_WAIT_MS = 100;

/**
 * The messages that a topic has now, without a group: nothing that others see changes.
 *
 * @param {import('../../clients/kafka').Kafka} kafka
 * @param {string} groupId no member of it is made; brokers log the name
 * @param {string} topic
 * @param {{ partition: number, offset: bigint, high: bigint }[]} places from where, and up to where
 * @yields {object} messages that may be kept
 */
async function* readTopic(kafka, groupId, topic, places) {
  const end = new EndOfTopic(topic, places);
  if (end.isReached) return;
  const stop = new AbortController();
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    statisticsIntervalMs: STATISTICS_MS,
  });
  consumer.on(consumer.events.FETCH, () => end.onFetch());
  consumer.on(consumer.events.STATISTICS, ({ payload }) => {
    end.onStatistics(payload);
    if (end.isReached) stop.abort();
  });
  try {
    await consumer.connect();
    const partitions = places.map(({ partition, offset }) => ({
      topic,
      partition,
      offset: String(offset),
    }));
    await consumer.assign(partitions);
    for await (const batch of consumer.batches({ signal: stop.signal, autoCommit: false })) {
      for (const message of batch.messages) {
        if (end.has(batch.partition, message.offset)) {
          yield { topic, partition: batch.partition, ...message.detach() };
        }
        end.onMessage(batch.partition, message.offset);
      }
      end.onBatchDone();
      if (end.isReached) return;
    }
  } catch (error) {
    if (!stop.signal.aborted || error.errorCode !== 'ERR_KAFKA_ABORTED') throw error;
  } finally {
    await consumer.disconnect();
  }
}

module.exports = { readTopic };
