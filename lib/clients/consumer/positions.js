'use strict';

// Where partitions are, as the user wants to see it.

const { fromNative } = require('../../errors');

/** A librdkafka offset below 0 stands for "unknown". */
const exact = (text) => (text.startsWith('-') ? null : BigInt(text));
const text = (offset) => (offset === null ? null : offset.toString());

/**
 * Next offset that a handler will see. When all that was received is resolved and the partition had ended, it is the end:
 * between the last record and that are markers of transactions, or what compaction left of records.
 */
function nextOffset({ generation, position, end }, lane) {
  const received = exact(position);
  const next = lane?.position() ?? lane?.startOffset ?? received;
  const endedAt = exact(end);
  const isSameRun = lane === undefined || lane.generation === generation;
  const isAllResolved = received === null || next === received;
  if (endedAt === null || !isSameRun || !isAllResolved) return next;
  return next === null || endedAt > next ? endedAt : next;
}

/**
 * @param {{ topic, partition, generation, position, end, low, high }} known by the native side
 * @param {import('./lane').Lane | undefined} lane
 */
function partitionLag(known, lane) {
  const { topic, partition, low, high } = known;
  const end = exact(high);
  const next = nextOffset(known, lane);
  let lag = null;
  if (end !== null && next !== null) lag = end > next ? end - next : 0n;
  return {
    topic,
    partition,
    position: text(next),
    low: text(exact(low)),
    high: text(end),
    lag: text(lag),
  };
}

async function committedOffsets(request, partitions, timeoutMs) {
  const committed = await request('committed', { partitions, timeoutMs });
  return committed.map(({ topic, partition, offset, metadata, error }) => {
    if (error) throw fromNative(error, { topic, partition });
    return { topic, partition, offset: text(exact(offset)), metadata: metadata || null };
  });
}

module.exports = { partitionLag, committedOffsets };
