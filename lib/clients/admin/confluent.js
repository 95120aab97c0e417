'use strict';

// The admin methods whose results @confluentinc/kafka-javascript shapes otherwise than KafkaJS does; they take its
// options, too. An admin client has them when it was made in that style (options under `kafkaJS`).

const { classes, fromNative } = require('../../errors');
const { ConsumerGroupStates, ConsumerGroupTypes, IsolationLevel } = require('../enums');
const { checkArray, checkGroupId, checkSeekEntries, checkTopicName, fail } = require('./check');
const { partitionsOf } = require('./partitions');
const { fetchTopicOffsets, fetchTopicOffsetsByTimestamp } = require('./offsets');

const STATES = {
  PreparingRebalance: ConsumerGroupStates.PREPARING_REBALANCE,
  CompletingRebalance: ConsumerGroupStates.COMPLETING_REBALANCE,
  Stable: ConsumerGroupStates.STABLE,
  Dead: ConsumerGroupStates.DEAD,
  Empty: ConsumerGroupStates.EMPTY,
};
const TYPES = { Consumer: ConsumerGroupTypes.CONSUMER, Classic: ConsumerGroupTypes.CLASSIC };
const stateNumber = (name) => STATES[name] ?? ConsumerGroupStates.UNKNOWN;
const typeNumber = (name) => TYPES[name] ?? ConsumerGroupTypes.UNKNOWN;

const within = (timeout) => (timeout === undefined ? {} : { timeoutMs: timeout });
const errorOf = (error, at) => (error ? fromNative(error, at) : null);

async function listGroups(admin, options = {}) {
  const { timeout, matchConsumerGroupStates, matchConsumerGroupTypes } = options;
  const listed = await admin.call('listGroups', within(timeout));
  const groups = listed
    .filter(({ error }) => !error)
    .map(({ groupId, protocolType, state, type }) => ({
      groupId,
      protocolType,
      isSimpleConsumerGroup: protocolType === '',
      state: stateNumber(state),
      type: typeNumber(type),
    }));
  const wanted = (list, value) => list === undefined || list.includes(value);
  return {
    groups: groups.filter(
      ({ state, type }) =>
        wanted(matchConsumerGroupStates, state) && wanted(matchConsumerGroupTypes, type),
    ),
    errors: listed.filter(({ error }) => error).map(({ error }) => fromNative(error)),
  };
}

async function describeGroups(admin, groupIds, options = {}) {
  const { timeout, includeAuthorizedOperations = false } = options;
  checkArray(groupIds, 'Invalid groupIds array', null, 'groupIds');
  groupIds.forEach(checkGroupId);
  const described = await admin.call('describeConsumerGroups', {
    groupIds,
    includeAuthorizedOperations,
    ...within(timeout),
  });
  return { groups: described.map(describedGroup) };
}

function describedGroup({ groupId, error, isSimple, partitionAssignor, coordinator, ...group }) {
  return {
    groupId,
    ...(error && { error: fromNative(error, { groupId }) }),
    protocol: partitionAssignor,
    partitionAssignor,
    protocolType: isSimple ? 'simple' : 'consumer',
    isSimpleConsumerGroup: isSimple,
    state: stateNumber(group.state),
    type: typeNumber(group.type),
    coordinator: coordinator && nodeOf(coordinator),
    ...(group.authorizedOperations && { authorizedOperations: group.authorizedOperations }),
    members: group.members.map(({ assignment, targetAssignment, ...member }) => ({
      ...member,
      memberAssignment: null,
      memberMetadata: null,
      assignment: { topicPartitions: assignment },
      ...(targetAssignment && { targetAssignment: { topicPartitions: targetAssignment } }),
    })),
  };
}

function nodeOf({ nodeId, host, port, rack }) {
  return { id: nodeId, host, port, ...(rack && { rack }) };
}

function uuidOf(base64str) {
  if (!base64str) return null;
  const bytes = Buffer.from(base64str, 'base64');
  return {
    mostSignificantBits: bytes.readBigInt64BE(0),
    leastSignificantBits: bytes.readBigInt64BE(8),
    base64str,
  };
}

/** An array of topics, where KafkaJS has `{ topics }`. */
async function fetchTopicMetadata(admin, options = {}) {
  const { timeout, includeAuthorizedOperations = false } = options;
  const topics = options.topics ?? (await admin.listTopics());
  checkArray(topics, 'Invalid topics array', null, 'topics');
  topics.forEach(checkTopicName);
  if (topics.length === 0) return [];
  const described = await admin.retrying(async () => {
    const results = await admin.call('describeTopics', {
      topics,
      includeAuthorizedOperations,
      ...within(timeout),
    });
    admin.throwFirst(results);
    return results;
  });
  const { brokers } = await admin.call('describeCluster', within(timeout));
  const nodes = new Map(brokers.map((broker) => [broker.nodeId, nodeOf(broker)]));
  const nodesOf = (ids) => ids.map((id) => nodes.get(id) ?? { id, host: '', port: -1 });
  return described.map(({ topic, topicId, isInternal, authorizedOperations, partitions }) => ({
    name: topic,
    topicId: uuidOf(topicId),
    isInternal,
    ...(authorizedOperations && { authorizedOperations }),
    partitions: partitions.map(({ partition, leader, replicas, isrs }) => ({
      partitionErrorCode: 0,
      partitionId: partition,
      leader,
      leaderNode: nodes.get(leader) ?? null,
      replicas,
      replicaNodes: nodesOf(replicas),
      isr: isrs,
      isrNodes: nodesOf(isrs),
    })),
  }));
}

/** `topics` may name partitions; leader epochs come along, and an error of a partition stays with it. */
async function fetchOffsets(admin, options = {}) {
  const { groupId, topics, timeout, requireStableOffsets = false } = options;
  checkGroupId(groupId);
  const request = { groupId, requireStable: requireStableOffsets, ...within(timeout) };
  if (topics !== undefined && topics !== null) {
    checkArray(topics, 'Invalid topics array', null, 'topics');
    request.partitions = await namedPartitions(admin, topics);
  }
  const fetched = await admin.call('listConsumerGroupOffsets', request);
  const byTopic = new Map();
  for (const { topic, partition, offset, metadata, leaderEpoch, error } of fetched) {
    if (!byTopic.has(topic)) byTopic.set(topic, []);
    byTopic.get(topic).push({
      partition,
      offset,
      metadata: metadata || null,
      leaderEpoch: leaderEpoch >= 0 ? leaderEpoch : null,
      error: errorOf(error, { topic, partition }),
    });
  }
  return [...byTopic].map(([topic, partitions]) => ({ topic, partitions }));
}

async function namedPartitions(admin, topics) {
  const lists = await Promise.all(
    topics.map(async (entry) => {
      const topic = typeof entry === 'string' ? entry : entry?.topic;
      checkTopicName(topic);
      const partitions = entry.partitions ?? (await partitionsOf(admin, topic));
      return partitions.map((partition) => ({ topic, partition }));
    }),
  );
  return lists.flat();
}

/** What is left of each partition; KafkaJS tells nothing and fails as a whole. */
async function deleteTopicRecords(admin, { topic, partitions, timeout, operationTimeout } = {}) {
  checkTopicName(topic);
  const wanted = checkSeekEntries(partitions);
  const results = await admin.call('deleteRecords', {
    partitions: wanted.map(({ partition, offset }) => ({ topic, partition, offset })),
    ...within(operationTimeout ?? timeout),
  });
  const failed = results.filter(({ error }) => error);
  if (failed.length > 0) {
    throw new classes.KafkaJSDeleteTopicRecordsError({
      topic,
      partitions: failed.map(({ partition, error }) => ({
        partition,
        offset: wanted.find((entry) => entry.partition === partition)?.offset,
        error: fromNative(error, { topic, partition }),
      })),
    });
  }
  return results.map(({ partition, lowWatermark }) => ({
    topic,
    partition,
    lowWatermark: Number(lowWatermark),
    error: null,
  }));
}

function readOptions({ timeout, isolationLevel } = {}) {
  const names = {
    [IsolationLevel.READ_UNCOMMITTED]: 'read_uncommitted',
    [IsolationLevel.READ_COMMITTED]: 'read_committed',
  };
  if (isolationLevel !== undefined && names[isolationLevel] === undefined) {
    throw fail(
      `Expected a value of IsolationLevel for isolationLevel but received ${String(isolationLevel)}`,
      'isolationLevel',
    );
  }
  return {
    ...(isolationLevel !== undefined && { isolation: names[isolationLevel] }),
    ...within(timeout),
  };
}

module.exports = {
  listGroups,
  describeGroups,
  fetchTopicMetadata,
  fetchOffsets,
  deleteTopicRecords,
  fetchTopicOffsets: (admin, topic, options) =>
    fetchTopicOffsets(admin, topic, readOptions(options)),
  fetchTopicOffsetsByTimestamp: (admin, topic, timestamp, options) =>
    fetchTopicOffsetsByTimestamp(admin, topic, timestamp, readOptions(options)),
};
