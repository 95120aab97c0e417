'use strict';

// Which options there are, KafkaJS's, @confluentinc/kafka-javascript's and our own, and what they may be.

const { is, INT32_MAX } = require('./validate');

const ms = is.integer(0, INT32_MAX);
const bytes = is.integer(1, INT32_MAX);

const retryShape = {
  maxRetryTime: is.number(0),
  initialRetryTime: is.number(0),
  factor: is.number(0),
  multiplier: is.number(0),
  retries: is.number(0),
  restartOnFailure: is.func,
};

const kafkaShape = {
  brokers: {
    what: "a non-empty array of 'host:port' strings or a function that returns one",
    test: (v) => typeof v === 'function' || isBrokerList(v),
  },
  clientId: is.string,
  ssl: {
    what: 'a boolean or an object of TLS options',
    test: (v) => typeof v === 'boolean' || is.object.test(v),
  },
  sasl: { what: 'an object with a mechanism', test: (v) => v === false || is.object.test(v) },
  connectionTimeout: ms,
  authenticationTimeout: ms,
  reauthenticationThreshold: ms,
  requestTimeout: ms,
  enforceRequestTimeout: is.boolean,
  retry: is.object,
  socketFactory: is.notSupported(
    'librdkafka opens its own sockets; for a proxy or tunnel give its address in `brokers`',
  ),
  logLevel: is.integer(0, 5),
  logCreator: is.func,
  logger: is.object,
  disconnectTimeout: ms,
};

const clientShape = {
  retry: is.object,
  metadataMaxAge: ms,
  logLevel: is.integer(0, 5),
  statisticsIntervalMs: is.integer(0, 86_400_000),
  disconnectTimeout: ms,
};

const acks = is.oneOf(-1, 0, 1);
const compression = {
  what: 'a value of CompressionTypes',
  test: (v) =>
    [0, 1, 2, 3, 4].includes(v) ||
    (typeof v === 'string' && ['none', 'gzip', 'snappy', 'lz4', 'zstd'].includes(v.toLowerCase())),
};
const ackTimeout = is.integer(1, 900_000);

const producerShape = {
  ...clientShape,
  createPartitioner: is.func,
  allowAutoTopicCreation: is.boolean,
  idempotent: is.boolean,
  transactionalId: is.string,
  transactionTimeout: is.integer(1_000, INT32_MAX),
  maxInFlightRequests: is.integer(1, 1_000_000),
  acks,
  compression,
  timeout: ackTimeout,
  maxQueuedBytes: bytes,
  maxQueuedMessages: bytes,
  onQueueFull: is.oneOf('wait', 'reject'),
};

const consumerShape = {
  ...clientShape,
  groupId: is.string,
  partitionAssigners: is.object,
  partitionAssignors: is.object,
  sessionTimeout: is.integer(1, 3_600_000),
  rebalanceTimeout: is.integer(1, 86_400_000),
  heartbeatInterval: is.integer(1, 3_600_000),
  maxBytesPerPartition: is.integer(1, 1_000_000_000),
  minBytes: is.integer(1, 100_000_000),
  maxBytes: is.integer(1, 2_000_000_000),
  maxWaitTimeInMs: is.integer(0, 300_000),
  allowAutoTopicCreation: is.boolean,
  maxInFlightRequests: is.integer(1, 1_000_000),
  readUncommitted: is.boolean,
  rackId: is.anyString,
  fromBeginning: is.boolean,
  autoCommit: is.boolean,
  autoCommitInterval: ms,
  autoCommitThreshold: is.integer(1),
  groupInstanceId: is.string,
  groupProtocol: is.oneOf('classic', 'consumer'),
  groupRemoteAssignor: is.string,
  maxBatchMessages: is.integer(1, 1_000_000),
  maxBatchBytes: is.integer(1, 1_000_000_000),
  maxBatchWaitMs: is.integer(0, 60_000),
  maxOutstandingBytes: is.integer(1, INT32_MAX),
  onPartitionsAssigned: is.func,
  onPartitionsRevoked: is.func,
};
for (const name of ['partitionAssigners', 'partitionAssignors']) {
  consumerShape[name] = {
    what: 'a non-empty array of PartitionAssigners',
    test: (v) => Array.isArray(v) && v.length > 0,
  };
}

const adminShape = { ...clientShape };

function isBrokerList(value) {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((broker) => typeof broker === 'string' && broker.trim() !== '')
  );
}

module.exports = {
  kafkaShape,
  producerShape,
  consumerShape,
  adminShape,
  retryShape,
  isBrokerList,
  acks,
  compression,
  ackTimeout,
};
