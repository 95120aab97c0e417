'use strict';

// Where a position such as 'beginning' or a time is in each partition of a topic.

const clamp = (value, low, high) => (value < low ? low : value > high ? high : value);

/**
 * @param {object} admin a connected one
 * @param {string} topic
 * @param {{ kind: string, offset?: bigint, timeMs?: number }} position
 * @returns {Promise<{ partition: number, offset: bigint, low: bigint, high: bigint }[]>} offsets within what is there
 */
async function offsetsOf(admin, topic, position) {
  const bounds = await admin.fetchTopicOffsets(topic);
  const byTime =
    position.kind === 'time'
      ? new Map(
          (await admin.fetchTopicOffsetsByTimestamp(topic, position.timeMs)).map((entry) => [
            entry.partition,
            BigInt(entry.offset),
          ]),
        )
      : null;
  return bounds
    .map((entry) => {
      const low = BigInt(entry.low);
      const high = BigInt(entry.high);
      const wanted = {
        beginning: () => low,
        end: () => high,
        offset: () => position.offset,
        time: () => byTime.get(entry.partition) ?? high,
      }[position.kind]();
      return { partition: entry.partition, offset: clamp(wanted, low, high), low, high };
    })
    .sort((a, b) => a.partition - b.partition);
}

module.exports = { offsetsOf, clamp };
