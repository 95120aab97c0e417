'use strict';

// What callers give to seek, commitOffsets, pause and resume, judged with KafkaJS's sentences.

const { classes } = require('../../errors');
const { invalidOption } = require('../../options/validate');

/** Logical offsets that seek() takes: end and beginning. */
const LATEST = -1n;
const EARLIEST = -2n;
/** assign() begins at the committed offset. */
const STORED = '-1000';
const MAX_INT64 = 2n ** 63n - 1n;

function invalid(message, option) {
  return new classes.KafkaJSInvalidOptionError(message, { option });
}

function checkTopic(topic) {
  if (typeof topic !== 'string' || topic === '')
    throw invalid(`Invalid topic ${String(topic)}`, 'topic');
}

function checkPartition(partition) {
  const number = typeof partition === 'string' && partition !== '' ? Number(partition) : partition;
  if (!Number.isInteger(number) || number < 0) {
    throw invalid(
      `Invalid partition, expected a number received ${String(partition)}`,
      'partition',
    );
  }
  return number;
}

/** @returns {bigint} */
function parseOffset(offset) {
  let parsed;
  try {
    if (!['string', 'number', 'bigint'].includes(typeof offset) || offset === '')
      throw new TypeError();
    parsed = BigInt(offset);
  } catch {
    throw invalid(`Invalid offset, expected a long received ${String(offset)}`, 'offset');
  }
  if (parsed > MAX_INT64)
    throw invalid(`Invalid offset, expected a long received ${offset}`, 'offset');
  return parsed;
}

function seekArguments({ topic, partition, offset } = {}) {
  checkTopic(topic);
  const number = checkPartition(partition);
  const parsed = parseOffset(offset);
  if (parsed < 0n && parsed !== LATEST && parsed !== EARLIEST) {
    throw invalid('Offset must not be a negative number', 'offset');
  }
  return { topic, partition: number, offset: parsed };
}

/** @returns {{ topic: string, partition: number, offset: string, metadata?: string }[]} */
function commitArguments(topicPartitions) {
  if (!Array.isArray(topicPartitions)) {
    throw invalidOption('an array', 'topicPartitions', topicPartitions);
  }
  return topicPartitions.map((item) => {
    const { topic, partition, offset, metadata = null, leaderEpoch } = item ?? {};
    checkTopic(topic);
    const number = checkPartition(partition);
    const parsed = parseOffset(offset);
    if (parsed < 0n) throw invalid('Offset must not be a negative number', 'offset');
    if (metadata !== null && typeof metadata !== 'string') {
      throw invalid(
        `Invalid offset metadata, expected string or null, received ${String(metadata)}`,
        'metadata',
      );
    }
    const entry = { topic, partition: number, offset: parsed.toString() };
    if (metadata !== null) entry.metadata = metadata;
    if (Number.isInteger(leaderEpoch)) entry.leaderEpoch = leaderEpoch;
    return entry;
  });
}

/** @returns {{ topic: string, partition: number }[]} */
function partitionArguments(topicPartitions) {
  if (!Array.isArray(topicPartitions)) {
    throw invalidOption('an array of { topic, partition }', 'topicPartitions', topicPartitions);
  }
  return topicPartitions.map((item) => {
    checkTopic(item?.topic);
    return { topic: item.topic, partition: checkPartition(item.partition) };
  });
}

/** What assign() takes. @returns {{ topic: string, partition: number, offset: string }[]} */
function assignArguments(partitions) {
  if (!Array.isArray(partitions)) {
    throw invalidOption('an array of { topic, partition, offset }', 'partitions', partitions);
  }
  return partitions.map((item) => {
    const { topic, partition, offset = STORED } = item ?? {};
    checkTopic(topic);
    return { topic, partition: checkPartition(partition), offset: parseOffset(offset).toString() };
  });
}

/** The `{ topics: [{ topic, partitions: [{ partition, offset }] }] }` of handlers and transactions. */
function offsetsArgument(offsets) {
  const flat = (offsets?.topics ?? []).flatMap(({ topic, partitions }) =>
    partitions.map((entry) => ({ ...entry, topic })),
  );
  return commitArguments(flat);
}

/** Also takes @confluentinc/kafka-javascript's `{ topic, partition }`. */
function pauseArguments(topicPartitions, what) {
  if (!Array.isArray(topicPartitions)) {
    throw invalidOption('an array', 'topics', topicPartitions);
  }
  return topicPartitions.map((entry) => {
    if (!entry || !entry.topic)
      throw invalid(`Invalid topic ${String(entry?.topic ?? entry)}`, 'topic');
    const partitions =
      entry.partitions ?? (entry.partition === undefined ? undefined : [entry.partition]);
    if (partitions !== undefined && (!Array.isArray(partitions) || partitions.some(Number.isNaN))) {
      throw invalid(
        `Array of valid partitions required to ${what} specific partitions instead of ${String(partitions)}`,
        'partitions',
      );
    }
    return { topic: entry.topic, partitions: partitions?.map(checkPartition) };
  });
}

module.exports = {
  seekArguments,
  commitArguments,
  partitionArguments,
  assignArguments,
  offsetsArgument,
  pauseArguments,
};
