'use strict';

const { classes, fromNative } = require('../../errors');
const { partitionsOf } = require('./partitions');
const {
  checkArray,
  checkTopicName,
  checkUniqueTopics,
  checkConfigEntries,
  checkSeekEntries,
  fail,
} = require('./check');

/** KafkaJS's `timeout` of the requests that change topics. */
const CHANGE_TIMEOUT_MS = 5_000;
const LEADER_LOOK_MS = 100;
const GONE_LOOK_MS = 20;

async function listTopics(admin) {
  const { topics } = await admin.call('metadata', {});
  return topics.map(({ topic }) => topic);
}

/** True; false if all of them exist already. */
async function createTopics(admin, options = {}) {
  const {
    topics,
    validateOnly = false,
    timeout = CHANGE_TIMEOUT_MS,
    waitForLeaders = true,
  } = options;
  checkArray(topics, 'Invalid topics array', null, 'topics');
  checkUniqueTopics(topics, 'topics', 'topics');
  for (const { topic, configEntries } of topics) checkConfigEntries(topic, configEntries);
  if (topics.length === 0) return true;
  try {
    await admin.retrying(async () => {
      const results = await admin.call('createTopics', {
        topics: topics.map(topicArguments),
        validateOnly,
        timeoutMs: timeout,
      });
      const failed = results.filter(({ error }) => error);
      if (failed.length === 0) return;
      const errors = failed.map(
        ({ topic, error }) =>
          new classes.KafkaJSCreateTopicError(fromNative(error, { topic }), topic),
      );
      const notController = errors.find(({ type }) => type === 'NOT_CONTROLLER');
      throw notController ?? new classes.KafkaJSAggregateError('Topic creation errors', errors);
    });
  } catch (error) {
    if (error.errors?.every(({ type }) => type === 'TOPIC_ALREADY_EXISTS')) return false;
    throw error;
  }
  if (waitForLeaders && !validateOnly) {
    await untilLed(
      admin,
      topics.map(({ topic }) => topic),
      timeout,
    );
  }
  return true;
}

function topicArguments({
  topic,
  numPartitions = -1,
  replicationFactor = -1,
  replicaAssignment = [],
  configEntries = [],
}) {
  if (!Number.isInteger(numPartitions) || !Number.isInteger(replicationFactor)) {
    throw fail(
      `Invalid numPartitions or replicationFactor for topic "${topic}", must be integers`,
      'numPartitions',
    );
  }
  return {
    topic,
    numPartitions,
    replicationFactor,
    ...(replicaAssignment?.length > 0 && { replicaAssignment }),
    configEntries: configEntries ?? [],
  };
}

/** A topic that was created has leaders a little later. */
async function untilLed(admin, topics, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const described = await admin.call('describeTopics', { topics });
    const led = described.every(
      ({ error, partitions }) =>
        !error && partitions.length !== 0 && partitions.every(({ leader }) => leader >= 0),
    );
    if (led) return;
    if (Date.now() >= deadline) {
      throw new classes.KafkaJSTimeout('Timed out while waiting for topic leaders');
    }
    await new Promise((resolve) => {
      setTimeout(resolve, LEADER_LOOK_MS);
    });
  }
}

async function deleteTopics(admin, { topics, timeout = CHANGE_TIMEOUT_MS } = {}) {
  checkArray(topics, 'Invalid topics array', null, 'topics');
  if (topics.some((topic) => typeof topic !== 'string')) {
    throw fail('Invalid topics array, the names must be a valid string', 'topics');
  }
  if (topics.length === 0) return;
  await admin.retrying(async () => {
    admin.throwFirst(await admin.call('deleteTopics', { topics, timeoutMs: timeout }));
  });
  await untilGone(admin, topics, timeout);
}

/**
 * The controller, which answered, knows of the deletion before the brokers that are asked for topics. A topic with
 * another id was made again meanwhile. Never rejects.
 */
async function untilGone(admin, topics, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  const ids = new Map();
  for (;;) {
    const described = await admin.call('describeTopics', { topics, timeoutMs }).catch(() => []);
    const gone = described.every(({ topic, topicId, error }) => {
      if (!ids.has(topic)) ids.set(topic, topicId);
      return error || ids.get(topic) !== topicId;
    });
    if (gone || Date.now() >= deadline) return;
    await new Promise((resolve) => {
      setTimeout(resolve, GONE_LOOK_MS);
    });
  }
}

async function createPartitions(admin, options = {}) {
  const { topicPartitions, validateOnly = false, timeout = CHANGE_TIMEOUT_MS } = options;
  checkArray(
    topicPartitions,
    'Invalid topic partitions array',
    'Empty topic partitions array',
    'topicPartitions',
  );
  checkUniqueTopics(topicPartitions, 'topic partitions', 'topicPartitions');
  for (const { topic, count } of topicPartitions) {
    if (!Number.isInteger(count) || count < 1) {
      throw fail(`Invalid count for topic "${topic}", must be a positive integer`, 'count');
    }
  }
  await admin.retrying(async () => {
    const results = await admin.call('createPartitions', {
      topicPartitions: topicPartitions.map(({ topic, count, assignments }) => ({
        topic,
        count,
        ...(assignments?.length > 0 && { assignments }),
      })),
      validateOnly,
      timeoutMs: timeout,
    });
    admin.throwFirst(results);
  });
  return true;
}

/** All topics without `topics`. */
async function fetchTopicMetadata(admin, { topics = [] } = {}) {
  if (topics !== null) {
    if (!Array.isArray(topics)) throw fail(`Invalid topics array ${String(topics)}`, 'topics');
    topics.forEach(checkTopicName);
  }
  const described = await admin.retrying(async () => {
    if (topics === null || topics.length === 0) return (await admin.call('metadata', {})).topics;
    const wanted = await admin.call('describeTopics', { topics });
    admin.throwFirst(wanted);
    return wanted;
  });
  return {
    topics: described.map(({ topic, partitions }) => ({
      name: topic,
      partitions: partitions.map(({ partition, error, leader, replicas, isrs }) => ({
        partitionErrorCode: error?.code ?? 0,
        partitionId: partition,
        leader,
        replicas,
        isr: isrs,
        offlineReplicas: [],
      })),
    })),
  };
}

async function deleteTopicRecords(admin, { topic, partitions } = {}) {
  if (!topic || typeof topic !== 'string') throw fail(`Invalid topic "${topic}"`, 'topic');
  const wanted = checkSeekEntries(partitions);
  const existing = new Set(await partitionsOf(admin, topic));
  const unknown = wanted.filter(({ partition }) => !existing.has(partition));
  if (unknown.length > 0) {
    const error = new classes.KafkaJSBrokerNotFound('Could not find the leader for the partition', {
      retriable: false,
    });
    throw new classes.KafkaJSDeleteTopicRecordsError({
      topic,
      partitions: unknown.map(({ partition, offset }) => ({ partition, offset, error })),
    });
  }
  await admin.retrying(async () => {
    const results = await admin.call('deleteRecords', {
      partitions: wanted.map(({ partition, offset }) => ({ topic, partition, offset })),
    });
    const failed = results.filter(({ error }) => error);
    if (failed.length === 0) return;
    throw new classes.KafkaJSDeleteTopicRecordsError({
      topic,
      partitions: failed.map(({ partition, error }) => ({
        partition,
        offset: wanted.find((entry) => entry.partition === partition)?.offset,
        error: fromNative(error, { topic, partition }),
      })),
    });
  });
}

/** Beyond KafkaJS: `{ electionType: 'preferred' | 'unclean', partitions: [{ topic, partition }] }`. */
async function electLeaders(admin, { electionType = 'preferred', partitions } = {}) {
  const results = await admin.call('electLeaders', {
    electionType,
    ...(partitions && { partitions }),
  });
  return results.map(({ error, ...entry }) => ({
    ...entry,
    error: error ? fromNative(error, entry) : null,
  }));
}

module.exports = {
  listTopics,
  createTopics,
  deleteTopics,
  createPartitions,
  fetchTopicMetadata,
  deleteTopicRecords,
  electLeaders,
};
