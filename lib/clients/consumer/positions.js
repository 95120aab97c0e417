'use strict';

// Where partitions are, as the user wants to see it.

const { fromNative } = require('../../errors');

/** A librdkafka offset below 0 stands for "unknown". */
const exact = (text) => (text.startsWith('-') ? null : BigInt(text));
const text = (offset) => (offset === null ? null : offset.toString());

/**
 * @param {{ topic, partition, position, low, high }} known by the native side
 * @param {import('./lane').Lane | undefined} lane
 */
function partitionLag({ topic, partition, position, low, high }, lane) {
  const end = exact(high);
  const next = lane?.position() ?? lane?.startOffset ?? exact(position);
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
