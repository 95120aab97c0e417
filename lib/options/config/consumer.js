'use strict';

const { conflict, invalidOption, unsupported } = require('../validate');
const { isTrue } = require('../properties');
const { commonEntries, clamp } = require('./common');
const { isEmbedded } = require('../../embedded-registry');

const DEFAULTS = Object.freeze({
  sessionTimeout: 30_000,
  rebalanceTimeout: 60_000,
  heartbeatInterval: 3_000,
  maxBytesPerPartition: 1_048_576,
  minBytes: 1,
  maxBytes: 10_485_760,
  // KafkaJS waits 5,000 ms. A broker answers one connection in order, so a shorter wait keeps commits and seeks quick;
  // messages come at once either way.
  maxWaitTimeInMs: 500,
  metadataMaxAge: 300_000,
  maxBatchMessages: 4_096,
  maxBatchBytes: 1_048_576,
  maxBatchWaitMs: 0,
  maxOutstandingBytes: 67_108_864,
});

/** The mock cluster waits the whole time out whenever a fetch finds nothing, even when messages come meanwhile. */
const EMBEDDED_WAIT_MS = 10;
/** A member that is gone without a word is missed for most of the session timeout; members hear of a rebalance by heartbeat. */
const EMBEDDED_SESSION = Object.freeze({ sessionTimeout: 6_000, heartbeatInterval: 500 });
/** The consumer polls this often a max.poll.interval.ms, so that a busy handler does not cost its membership. */
const POLLS_AN_INTERVAL = 4;
const MAX_POLL_PAUSE_MS = 10_000;
const MAX_BLOCKS_PER_PARTITION = 2;

/** @enum {string} names of librdkafka's assignors */
const PartitionAssigners = Object.freeze({
  roundRobin: 'roundrobin',
  range: 'range',
  sticky: 'sticky',
  cooperativeSticky: 'cooperative-sticky',
});
const ASSIGNOR_NAMES = Object.values(PartitionAssigners);

/** The assignor of the group, where the configuration leaves no choice: librdkafka does not say which was chosen. */
function onlyAssignor(names) {
  return names === undefined || names.includes(',') ? null : names;
}

function assignmentStrategy(assigners) {
  if (assigners === undefined) return PartitionAssigners.roundRobin;
  for (const [i, assigner] of assigners.entries()) {
    if (typeof assigner === 'function') {
      throw unsupported(
        'A custom partition assigner',
        'librdkafka has none in JavaScript; use PartitionAssigners.roundRobin, range, sticky or cooperativeSticky',
      );
    }
    if (!ASSIGNOR_NAMES.includes(assigner)) {
      throw invalidOption(
        `one of ${ASSIGNOR_NAMES.map((name) => `'${name}'`).join(', ')}`,
        `partitionAssigners[${i}]`,
        assigner,
      );
    }
  }
  const cooperative = assigners.includes(PartitionAssigners.cooperativeSticky);
  if (cooperative && assigners.length > 1) {
    throw conflict(
      'partitionAssigners: cooperativeSticky cannot be mixed with eager assigners in one consumer',
      'partitionAssigners',
    );
  }
  return assigners.join(',');
}

/** Properties that librdkafka would act on by itself but the consumer of this package does in its stead. */
function takeOver(properties) {
  const taken = {};
  const rest = { ...properties };
  const take = (name) => {
    const value = rest[name];
    delete rest[name];
    return value;
  };
  const reset = take('auto.offset.reset');
  if (reset !== undefined) {
    taken.fromBeginning = ['earliest', 'beginning', 'smallest'].includes(reset);
    taken.offsetReset = reset;
  }
  const autoCommit = take('enable.auto.commit');
  if (autoCommit !== undefined) taken.autoCommit = isTrue(autoCommit);
  const interval = take('auto.commit.interval.ms');
  if (interval !== undefined) taken.autoCommitInterval = Number(interval);
  const size = take('js.consumer.max.batch.size');
  if (size !== undefined) taken.maxBatchMessages = Number(size) > 0 ? Number(size) : undefined;
  return { taken, rest };
}

/**
 * @param {object} kafka checked options of the Kafka object
 * @param {object} options checked options of the consumer
 * @param {string[]} brokers
 * @returns {{ entries: [string, string][], native: Record<string, number>, settings: object }}
 *   `native` is the options argument of the native Consumer; `settings` what the runner needs
 */
function consumerConfig(kafka, options, brokers) {
  const { taken, rest } = takeOver(options.properties);
  const groupId = options.groupId ?? rest['group.id'];
  if (groupId === undefined) {
    throw invalidOption('a non-empty string', 'groupId', options.groupId);
  }
  const embedded = isEmbedded(brokers);
  const given = (name) =>
    options[name] ?? (embedded ? EMBEDDED_SESSION[name] : undefined) ?? DEFAULTS[name];
  const kip848 = options.groupProtocol === 'consumer' || rest['group.protocol'] === 'consumer';
  // What is no number is left to librdkafka, which names the property.
  const numberOf = (property, otherwise) => {
    const number = Number(rest[property] ?? otherwise);
    return Number.isFinite(number) ? number : otherwise;
  };
  const sessionTimeout = numberOf('session.timeout.ms', given('sessionTimeout'));
  const heartbeat = numberOf('heartbeat.interval.ms', given('heartbeatInterval'));
  // The time a handler may take once a rebalance wants its partition.
  const pollInterval = numberOf(
    'max.poll.interval.ms',
    Math.max(given('rebalanceTimeout'), sessionTimeout),
  );
  const wait = options.maxWaitTimeInMs ?? (embedded ? EMBEDDED_WAIT_MS : DEFAULTS.maxWaitTimeInMs);

  const entries = commonEntries(
    kafka,
    { metadataMaxAge: DEFAULTS.metadataMaxAge, ...options },
    brokers,
  )
    .set('group.id', groupId)
    .set('group.instance.id', options.groupInstanceId)
    .set('max.poll.interval.ms', clamp(pollInterval, 1, 86_400_000));

  if (kip848) {
    for (const name of [
      'sessionTimeout',
      'heartbeatInterval',
      'partitionAssigners',
      'partitionAssignors',
    ]) {
      if (options[name] !== undefined) {
        throw conflict(`${name} belongs to the broker with groupProtocol: 'consumer'`, name);
      }
    }
    entries
      .set('group.protocol', 'consumer')
      .set('group.remote.assignor', options.groupRemoteAssignor);
  } else {
    if (heartbeat >= sessionTimeout) {
      throw conflict(
        `heartbeatInterval (${heartbeat}) must be lower than sessionTimeout (${sessionTimeout}); a third is usual`,
        'heartbeatInterval',
      );
    }
    entries
      .set('session.timeout.ms', sessionTimeout)
      .set('heartbeat.interval.ms', heartbeat)
      .set(
        'partition.assignment.strategy',
        assignmentStrategy(options.partitionAssigners ?? options.partitionAssignors),
      );
  }

  const maxBytes = given('maxBytes');
  entries
    .set('fetch.message.max.bytes', given('maxBytesPerPartition'))
    .set('fetch.min.bytes', given('minBytes'))
    .set('fetch.max.bytes', Math.max(maxBytes, 1_000))
    .set('message.max.bytes', clamp(maxBytes, 1_000, 1_000_000))
    .set(
      'receive.message.max.bytes',
      clamp(Math.max(maxBytes + 512, 100_000_000), 1_000, 2_147_483_647),
    )
    .set('fetch.wait.max.ms', wait)
    // The default of 1,000 ms starves a partition whose handler is quicker than its fetches.
    .set('fetch.queue.backoff.ms', 5)
    .set('queued.min.messages', 100_000)
    .set('queued.max.messages.kbytes', 4_096)
    .set(
      'isolation.level',
      options.readUncommitted === true ? 'read_uncommitted' : 'read_committed',
    )
    .set('allow.auto.create.topics', options.allowAutoTopicCreation ?? true)
    .set('auto.offset.reset', taken.offsetReset ?? 'latest');
  if (options.rackId) entries.set('client.rack', options.rackId);
  entries.override(rest);
  // Offsets are stored and committed by this package, after the handler.
  entries.set('enable.auto.commit', 'false').set('enable.auto.offset.store', 'false');
  entries.set('enable.partition.eof', 'true');

  return {
    entries: entries.toArray(),
    native: {
      maxBatchMessages:
        options.maxBatchMessages ?? taken.maxBatchMessages ?? DEFAULTS.maxBatchMessages,
      maxBatchBytes: given('maxBatchBytes'),
      maxBatchWaitMs: given('maxBatchWaitMs'),
      maxBlocksPerPartition: MAX_BLOCKS_PER_PARTITION,
      maxOutstandingBytes: given('maxOutstandingBytes'),
      rebalanceTimeoutMs: clamp(pollInterval, 1, 86_400_000),
      pollIntervalMs: clamp(Math.floor(pollInterval / POLLS_AN_INTERVAL), 1, MAX_POLL_PAUSE_MS),
    },
    settings: {
      groupId,
      style: options.style,
      sessionTimeout,
      heartbeatInterval: heartbeat,
      rebalanceTimeout: pollInterval,
      cooperative:
        entries.get('partition.assignment.strategy') === PartitionAssigners.cooperativeSticky,
      groupProtocol: kip848 ? 'consumer' : 'classic',
      groupProtocolName: onlyAssignor(
        entries.get(kip848 ? 'group.remote.assignor' : 'partition.assignment.strategy'),
      ),
      fromBeginning: options.fromBeginning ?? taken.fromBeginning ?? false,
      offsetReset: taken.offsetReset,
      autoCommit: options.autoCommit ?? taken.autoCommit,
      autoCommitInterval: options.autoCommitInterval ?? taken.autoCommitInterval,
      autoCommitThreshold: options.autoCommitThreshold,
      // A consumer has its own default of five retries, over whatever the Kafka object says about times.
      retry: { ...kafka.retry, retries: 5, ...options.retry },
      onPartitionsAssigned: options.onPartitionsAssigned,
      onPartitionsRevoked: options.onPartitionsRevoked,
      rebalanceCallback: options.properties.rebalance_cb,
      offsetCommitCallback: options.properties.offset_commit_cb,
    },
  };
}

module.exports = { consumerConfig, PartitionAssigners, DEFAULTS };
