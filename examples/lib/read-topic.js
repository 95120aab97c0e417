'use strict';

const { randomUUID } = require('node:crypto');
const { ended } = require('./program');

/** partition -> [first offset, offset behind the last one] of those that hold something. */
async function extent(kafka, topic) {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(
      offsets
        .map(({ partition, low, high }) => [partition, BigInt(low), BigInt(high)])
        .filter(([, low, high]) => low < high)
        .map(([partition, , high]) => [partition, high]),
    );
  } finally {
    await admin.disconnect();
  }
}

/**
 * Reads what a topic holds when the call begins, each partition in order, and ends. Not for topics that end in what no
 * consumer is handed: markers of transactions, or records that compaction took.
 *
 * @param {object} cluster of openCluster()
 * @param {{ topic: string, handler: 'each-batch' | 'each-message', signal: AbortSignal, stop: Function,
 *   onMessages: (messages: object[], partition: number) => Promise<void> }} options
 */
async function readTopic(cluster, { topic, handler, signal, stop, onMessages }) {
  const { kafka, consumerOptions } = cluster;
  const open = await extent(kafka, topic);
  if (open.size === 0) return;
  // A group of its own that commits nothing: it leaves no trace.
  const consumer = kafka.consumer({ groupId: `read-${randomUUID()}`, ...consumerOptions });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart) stop(error);
  });
  const reading = new AbortController();
  const end = () => reading.abort();
  signal.addEventListener('abort', end, { once: true });

  async function handle(messages, partition) {
    const before = open.get(partition);
    if (before === undefined) return;
    const isNew = BigInt(messages.at(-1).offset) >= before;
    await onMessages(
      isNew ? messages.filter(({ offset }) => BigInt(offset) < before) : messages,
      partition,
    );
    if (BigInt(messages.at(-1).offset) + 1n < before) return;
    open.delete(partition);
    if (open.size === 0) end();
  }

  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      ...(handler === 'each-batch'
        ? { eachBatch: ({ batch }) => handle(batch.messages, batch.partition) }
        : { eachMessage: ({ message, partition }) => handle([message], partition) }),
    });
    await ended(reading.signal);
  } finally {
    signal.removeEventListener('abort', end);
    await consumer.disconnect();
  }
}

module.exports = { readTopic };
