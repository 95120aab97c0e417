'use strict';

// KafkaJS's partitioners. The default one is librdkafka's `murmur2_random` when it is given to (or left out of)
// kafka.producer(); called as a function, as custom partitioners do to fall back on it, it computes the same in JS.

const { randomInt } = require('node:crypto');
const { isUint8Array } = require('node:util/types');
const native = require('../../binding');

const toPositive = (hash) => hash & 0x7fffffff;

function keyBytes(key) {
  return isUint8Array(key) ? key : Buffer.from(String(key));
}

/** Explicit partition, else hash of the key, else round robin over partitions that have a leader. */
function createPartitioner(hash) {
  return () => {
    const counters = new Map();
    const next = (topic) => {
      const count = (counters.get(topic) ?? randomInt(0x7fffffff)) + 1;
      counters.set(topic, count);
      return toPositive(count);
    };
    return ({ topic, partitionMetadata, message }) => {
      if (message.partition !== undefined && message.partition !== null) return message.partition;
      if (message.key !== undefined && message.key !== null) {
        return toPositive(hash(keyBytes(message.key))) % partitionMetadata.length;
      }
      const available = partitionMetadata.filter(({ leader }) => leader >= 0);
      if (available.length === 0) return next(topic) % partitionMetadata.length;
      return available[next(topic) % available.length].partitionId;
    };
  };
}

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/**
 * What KafkaJS 1 had in place of murmur2: the same steps in floating point, where products above 2^53 lose their low
 * bits. Topics written by it need exactly these partitions, so it is kept step by step.
 */
function legacyMurmur2(key) {
  const { length } = key;
  let h = SEED ^ length;
  // A last incomplete block counts as a block here too, with zeros for what is missing.
  for (let at = 0; at < length; at += 4) {
    let k =
      (key[at] & 0xff) +
      ((key[at + 1] & 0xff) << 8) +
      ((key[at + 2] & 0xff) << 16) +
      ((key[at + 3] & 0xff) << 24);
    k *= MULTIPLIER;
    k ^= k >>> 24;
    k *= MULTIPLIER;
    h *= MULTIPLIER;
    h ^= k;
  }
  const rest = length & ~3;
  const left = length % 4;
  if (left === 3) h ^= (key[rest + 2] & 0xff) << 16;
  if (left >= 2) h ^= (key[rest + 1] & 0xff) << 8;
  if (left >= 1) {
    h ^= key[rest] & 0xff;
    h *= MULTIPLIER;
  }
  h ^= h >>> 13;
  h *= MULTIPLIER;
  h ^= h >>> 15;
  return h;
}

const DefaultPartitioner = createPartitioner((key) => native.murmur2(key));
const LegacyPartitioner = createPartitioner(legacyMurmur2);

const Partitioners = Object.freeze({
  DefaultPartitioner,
  LegacyPartitioner,
  JavaCompatiblePartitioner: DefaultPartitioner,
});

module.exports = { Partitioners, legacyMurmur2 };
