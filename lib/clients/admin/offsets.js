'use strict';

const { classes, fromNative } = require('../../errors');
const { invalidOption } = require('../../options/validate');
const { checkGroupId, checkTopicName, checkSeekEntries, fail } = require('./check');
const { partitionsOf } = require('./partitions');

const LATEST = '-1';
const EARLIEST = '-2';
/** Groups in these states have no member, so that their offsets may be changed. */
const WITHOUT_MEMBERS = new Set(['Empty', 'Dead']);

/**
 * Offset by partition number; -1 where there is none (no record of that time).
 * `reading`: isolation and timeoutMs of the request, where they are not the usual ones.
 */
async function offsetsAt(admin, topic, partitions, timestamp, reading) {
  const results = await admin.call('listOffsets', {
    ...reading,
    partitions: partitions.map((partition) => ({ topic, partition, timestamp })),
  });
  admin.throwFirst(results);
  return new Map(results.map(({ partition, offset }) => [partition, offset]));
}

async function fetchTopicOffsets(admin, topic, reading = {}) {
  checkTopicName(topic);
  return admin.retrying(async () => {
    const partitions = await partitionsOf(admin, topic);
    const high = await offsetsAt(admin, topic, partitions, LATEST, reading);
    const low = await offsetsAt(admin, topic, partitions, EARLIEST, reading);
    return partitions.map((partition) => ({
      partition,
      offset: high.get(partition),
      high: high.get(partition),
      low: low.get(partition),
    }));
  });
}

/** The first offset at or after the time; the end where there is none. */
async function fetchTopicOffsetsByTimestamp(admin, topic, timestamp, reading = {}) {
  checkTopicName(topic);
  const at = timestamp ?? LATEST;
  if (!/^-?\d+$/.test(String(at))) {
    throw fail(
      `Expected milliseconds for timestamp but received ${String(timestamp)}`,
      'timestamp',
    );
  }
  return admin.retrying(async () => {
    const partitions = await partitionsOf(admin, topic);
    const high = await offsetsAt(admin, topic, partitions, LATEST, reading);
    const found = await offsetsAt(admin, topic, partitions, String(at), reading);
    return partitions.map((partition) => ({
      partition,
      offset: BigInt(found.get(partition)) >= 0n ? found.get(partition) : high.get(partition),
    }));
  });
}

async function fetchOffsets(admin, { groupId, topics, resolveOffsets = false } = {}) {
  checkGroupId(groupId);
  const wanted = topics ?? [];
  if (!Array.isArray(wanted)) throw fail('Expected topics array to be set', 'topics');
  wanted.forEach(checkTopicName);

  const fetched = await admin.retrying(async () => {
    const request = { groupId };
    if (wanted.length > 0) {
      request.partitions = [];
      for (const topic of wanted) {
        for (const partition of await partitionsOf(admin, topic)) {
          request.partitions.push({ topic, partition });
        }
      }
    }
    const results = await admin.call('listConsumerGroupOffsets', request);
    admin.throwFirst(results);
    return results;
  });

  const byTopic = new Map(wanted.map((topic) => [topic, []]));
  for (const { topic, partition, offset, metadata } of fetched) {
    if (!byTopic.has(topic)) byTopic.set(topic, []);
    byTopic.get(topic).push({ partition, offset, metadata: metadata || null });
  }
  const result = [...byTopic].map(([topic, partitions]) => ({
    topic,
    partitions: partitions.sort((a, b) => a.partition - b.partition),
  }));
  if (resolveOffsets) {
    for (const entry of result) {
      entry.partitions = await resolved(admin, entry.topic, entry.partitions);
      await setOffsets(admin, { groupId, topic: entry.topic, partitions: entry.partitions });
    }
  }
  return result;
}

/** Logical offsets (-1 end, -2 beginning) as the numbers they stand for now. */
async function resolved(admin, topic, partitions) {
  if (!partitions.some(({ offset }) => offset === LATEST || offset === EARLIEST)) return partitions;
  const known = new Map(
    (await fetchTopicOffsets(admin, topic)).map((entry) => [entry.partition, entry]),
  );
  return partitions.map((entry) => {
    const bounds = known.get(entry.partition);
    if (bounds === undefined) return entry;
    if (entry.offset === LATEST) return { ...entry, offset: bounds.high };
    if (entry.offset === EARLIEST) return { ...entry, offset: bounds.low };
    return entry;
  });
}

async function setOffsets(admin, { groupId, topic, partitions } = {}) {
  checkGroupId(groupId);
  checkTopicName(topic);
  const wanted = checkSeekEntries(partitions);
  for (const { offset } of wanted) {
    if (offset.startsWith('-') && offset !== LATEST && offset !== EARLIEST) {
      throw fail('Offset must not be a negative number', 'offset');
    }
  }
  await needNoMembers(admin, groupId);
  const entries = await resolved(admin, topic, wanted);
  await admin.retrying(async () => {
    const results = await admin.call('alterConsumerGroupOffsets', {
      groupId,
      partitions: entries.map(({ partition, offset, metadata }) => ({
        topic,
        partition,
        offset,
        ...(typeof metadata === 'string' && { metadata }),
      })),
    });
    admin.throwFirst(results);
  });
}

async function needNoMembers(admin, groupId) {
  let state;
  try {
    const { groups } = await admin.describeGroups([groupId]);
    [{ state }] = groups;
  } catch (error) {
    // An embedded broker describes no groups; it refuses the offsets of a group with members by itself.
    if (error.errorCode === 'ERR_KAFKA_API_NOT_SUPPORTED') return;
    throw error;
  }
  if (WITHOUT_MEMBERS.has(state)) return;
  throw new classes.KafkaJSNonRetriableError(
    `The consumer group must have no running instances, current state: ${state}`,
    { errorCode: 'ERR_KAFKA_STATE' },
  );
}

/**
 * To the end, or to the beginning with `earliest`. KafkaJS commits the logical offset, which a later consumer resolves
 * by its own default; this commits where the end or beginning is now.
 */
async function resetOffsets(admin, { groupId, topic, earliest = false } = {}) {
  checkGroupId(groupId);
  checkTopicName(topic);
  const offset = earliest ? EARLIEST : LATEST;
  const partitions = (await partitionsOf(admin, topic)).map((partition) => ({ partition, offset }));
  await setOffsets(admin, { groupId, topic, partitions });
}

/** Beyond KafkaJS: the group forgets these offsets. `{ groupId, topic, partitions?: number[] }` */
async function deleteOffsets(admin, { groupId, topic, partitions } = {}) {
  checkGroupId(groupId);
  checkTopicName(topic);
  const numbers = partitions ?? (await partitionsOf(admin, topic));
  await admin.retrying(async () => {
    const results = await admin.call('deleteConsumerGroupOffsets', {
      groupId,
      partitions: numbers.map((partition) => ({ topic, partition })),
    });
    admin.throwFirst(results);
  });
}

/**
 * Beyond KafkaJS: `[{ topic, partition, timestamp }]` -> where each is; timestamp 'latest', 'earliest',
 * 'maxTimestamp' or milliseconds.
 */
async function listOffsets(admin, { partitions, isolation } = {}) {
  if (!Array.isArray(partitions)) {
    throw invalidOption('an array of { topic, partition, timestamp }', 'partitions', partitions);
  }
  const names = { latest: LATEST, earliest: EARLIEST, maxTimestamp: '-3' };
  const results = await admin.call('listOffsets', {
    partitions: partitions.map(({ topic, partition, timestamp = 'latest' }) => ({
      topic,
      partition,
      timestamp: names[timestamp] ?? String(timestamp),
    })),
    ...(isolation && { isolation }),
  });
  return results.map(({ error, ...entry }) => ({
    ...entry,
    error: error ? fromNative(error, { topic: entry.topic, partition: entry.partition }) : null,
  }));
}

module.exports = {
  fetchTopicOffsets,
  fetchTopicOffsetsByTimestamp,
  fetchOffsets,
  setOffsets,
  resetOffsets,
  deleteOffsets,
  listOffsets,
};
