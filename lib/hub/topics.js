'use strict';

// What the hub has to know of its topics before it can follow them: which they are now, and from where to where to read.

const { createHash } = require('node:crypto');
const { fromNative } = require('../errors');

const LATEST = '-1';
const EARLIEST = '-2';
const TOPIC_RESOURCE = 2;
const EPOCH_BYTES = 12;

/**
 * @typedef {object} Place one partition
 * @property {string} topic
 * @property {number} partition
 * @property {string} id as in `at`: '3', or '1.3' where there are several topics
 * @property {boolean} compacted
 * @property {bigint} start
 * @property {bigint} end where the partition ended when we looked
 */

/**
 * @param {import('../clients/admin').Admin} admin
 * @param {string[]} topics
 * @returns {Promise<{ topic: string, topicId: string | null, partitions: number[] }[]>} in the order asked for
 * @throws the error of the first topic that has one
 */
function describeTopics(admin, topics) {
  return admin.retrying(async () => {
    const described = await admin.call('describeTopics', { topics });
    return topics.map((topic) => {
      const { topicId, error, partitions } = described.find((item) => item.topic === topic);
      if (error) throw fromNative(error, { topic });
      const numbers = partitions.map(({ partition }) => partition).sort((a, b) => a - b);
      return { topic, topicId, partitions: numbers };
    });
  });
}

/** @returns {Promise<Set<string>>} topics whose latest record of a key stays */
async function compactedTopics(admin, topics) {
  const described = await admin.call('describeConfigs', {
    resources: topics.map((name) => ({
      type: TOPIC_RESOURCE,
      name,
      configNames: ['cleanup.policy'],
    })),
  });
  admin.throwFirst(described);
  const compacted = described.filter(({ entries }) =>
    entries.some(({ name, value }) => name === 'cleanup.policy' && /\bcompact\b/.test(value ?? '')),
  );
  return new Set(compacted.map(({ name }) => name));
}

/** @returns {Promise<bigint[]>} for each of the partitions; -1 where no record is as young */
async function offsetsAt(admin, places, timestampOf) {
  return admin.retrying(async () => {
    const found = await admin.call('listOffsets', {
      isolation: 'read_committed',
      partitions: places.map((place) => ({
        topic: place.topic,
        partition: place.partition,
        timestamp: timestampOf(place),
      })),
    });
    admin.throwFirst(found);
    const byName = new Map(
      found.map(({ topic, partition, offset }) => [`${topic}:${partition}`, BigInt(offset)]),
    );
    return places.map(({ topic, partition }) => byName.get(`${topic}:${partition}`));
  });
}

/**
 * @param {import('../clients/admin').Admin} admin
 * @param {Omit<Place, 'start' | 'end'>[]} partitions
 * @param {number | null} since ms since 1970 for what is not compacted; null: all from the beginning
 * @returns {Promise<Place[]>}
 */
async function placesOf(admin, partitions, since) {
  if (partitions.length === 0) return [];
  const ends = await offsetsAt(admin, partitions, () => LATEST);
  const starts = await offsetsAt(admin, partitions, ({ compacted }) =>
    compacted || since === null ? EARLIEST : String(since),
  );
  return partitions.map((place, i) => ({
    ...place,
    start: starts[i] >= 0n ? starts[i] : ends[i],
    end: ends[i],
  }));
}

/** Two hubs with the same epoch understand each other's tokens. */
function epochOf(clusterId, channels, described) {
  const what = [clusterId, channels, described.map(({ topic, topicId }) => [topic, topicId])];
  return createHash('sha256')
    .update(JSON.stringify(what))
    .digest()
    .subarray(0, EPOCH_BYTES)
    .toString('base64url');
}

module.exports = { describeTopics, compactedTopics, placesOf, epochOf };
