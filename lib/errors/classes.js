'use strict';

// KafkaJS's error classes with its constructor arguments and fields. Every one has besides:
//   errorCode       stable string of lib/errors/codes.js
//   fatal           the client is unusable from now on
//   abortable       the current transaction has to be aborted
//   retriable       the same call may succeed later (KafkaJS)
//   type, code      name and number of the protocol error, where there is one
//   librdkafkaName  `_TRANSPORT`, `TOPIC_AUTHORIZATION_FAILED`, … where librdkafka reported it
//
// `instanceof` has to hold between two copies of this file in one process (Jest gives each test file its own), so a
// class recognises its objects by the names that the prototype chain carries under a registered symbol.

const NAMES = Symbol.for('easyflow-kafka.error-classes');

const ordinaryHasInstance = Function.prototype[Symbol.hasInstance];

function hasInstance(value) {
  if (ordinaryHasInstance.call(this, value)) return true;
  if (!Object.hasOwn(this, 'brand') || value === null || typeof value !== 'object') return false;
  const names = value[NAMES];
  return Array.isArray(names) && names.includes(this.brand);
}

/** Gives a class its brand; the names of its ancestors stay in the list. */
function brand(type, name, errorCode) {
  const inherited = Object.getPrototypeOf(type.prototype)[NAMES] ?? [];
  Object.defineProperty(type.prototype, NAMES, { value: Object.freeze([...inherited, name]) });
  Object.defineProperty(type, 'brand', { value: name });
  Object.defineProperty(type, 'errorCode', { value: errorCode, configurable: true });
  Object.defineProperty(type, Symbol.hasInstance, { value: hasInstance });
  return type;
}

/** A class that adds nothing but its name. */
function simple(name, Base) {
  return {
    [name]: class extends Base {
      constructor(e, options) {
        super(e, options);
        this.name = name;
      }
    },
  }[name];
}

const OPTIONAL = ['helpUrl', 'librdkafkaName', 'librdkafkaCode'];

class KafkaJSError extends Error {
  /**
   * @param {Error | string} e
   * @param {{ retriable?: boolean, cause?: Error, fatal?: boolean, abortable?: boolean, errorCode?: string }} [options]
   */
  constructor(e, { retriable = true, cause, fatal, abortable, errorCode } = {}) {
    super(e?.message ?? String(e), cause === undefined ? undefined : { cause });
    Error.captureStackTrace(this, new.target);
    this.name = 'KafkaJSError';
    this.retriable = retriable;
    this.fatal = fatal ?? e?.fatal ?? false;
    this.abortable = abortable ?? e?.abortable ?? false;
    this.errorCode = errorCode ?? new.target.errorCode ?? 'ERR_KAFKA_ERROR';
    // KafkaJS has these only on some errors.
    for (const name of OPTIONAL) if (e?.[name] !== undefined) this[name] = e[name];
  }
}

class KafkaJSNonRetriableError extends KafkaJSError {
  constructor(e, options = {}) {
    super(e, { ...options, retriable: false });
    this.name = 'KafkaJSNonRetriableError';
  }
}

class KafkaJSProtocolError extends KafkaJSError {
  constructor(e, { retriable = e?.retriable, ...options } = {}) {
    super(e, { retriable, ...options });
    this.type = e?.type;
    this.code = e?.code;
    this.name = 'KafkaJSProtocolError';
  }
}

class KafkaJSOffsetOutOfRange extends KafkaJSProtocolError {
  constructor(e, { topic, partition, ...options } = {}) {
    super(e, options);
    this.topic = topic;
    this.partition = partition;
    this.name = 'KafkaJSOffsetOutOfRange';
  }
}

class KafkaJSMemberIdRequired extends KafkaJSProtocolError {
  constructor(e, { memberId, ...options } = {}) {
    super(e, options);
    this.memberId = memberId;
    this.name = 'KafkaJSMemberIdRequired';
  }
}

class KafkaJSNumberOfRetriesExceeded extends KafkaJSNonRetriableError {
  constructor(e, { retryCount, retryTime, cause = e, ...options } = {}) {
    super(e, { cause: cause instanceof Error ? cause : undefined, ...options });
    this.retryCount = retryCount;
    this.retryTime = retryTime;
    this.type = e?.type;
    this.code = e?.code;
    this.name = 'KafkaJSNumberOfRetriesExceeded';
  }
}

class KafkaJSConnectionError extends KafkaJSError {
  constructor(e, { broker, code, ...options } = {}) {
    super(e, options);
    this.broker = broker;
    this.code = code;
    this.name = 'KafkaJSConnectionError';
  }
}

class KafkaJSConnectionClosedError extends KafkaJSConnectionError {
  constructor(e, { host, port, ...options } = {}) {
    super(e, { broker: `${host}:${port}`, ...options });
    this.host = host;
    this.port = port;
    this.name = 'KafkaJSConnectionClosedError';
  }
}

class KafkaJSRequestTimeoutError extends KafkaJSError {
  constructor(e, { broker, correlationId, createdAt, sentAt, pendingDuration, ...options } = {}) {
    super(e, options);
    this.broker = broker;
    this.correlationId = correlationId;
    this.createdAt = createdAt;
    this.sentAt = sentAt;
    this.pendingDuration = pendingDuration;
    this.type = e?.type;
    this.code = e?.code;
    this.name = 'KafkaJSRequestTimeoutError';
  }
}

class KafkaJSMetadataNotLoaded extends KafkaJSError {
  constructor(e, options) {
    super(e, options);
    this.name = 'KafkaJSMetadataNotLoaded';
  }
}

class KafkaJSTopicMetadataNotLoaded extends KafkaJSMetadataNotLoaded {
  constructor(e, { topic, ...options } = {}) {
    super(e, options);
    this.topic = topic;
    this.name = 'KafkaJSTopicMetadataNotLoaded';
  }
}

class KafkaJSStaleTopicMetadataAssignment extends KafkaJSError {
  constructor(e, { topic, unknownPartitions, ...options } = {}) {
    super(e, options);
    this.topic = topic;
    this.unknownPartitions = unknownPartitions;
    this.name = 'KafkaJSStaleTopicMetadataAssignment';
  }
}

class KafkaJSDeleteGroupsError extends KafkaJSError {
  constructor(e, groups = []) {
    super(e);
    this.groups = groups;
    this.name = 'KafkaJSDeleteGroupsError';
  }
}

class KafkaJSDeleteTopicRecordsError extends KafkaJSError {
  constructor({ partitions, topic }) {
    const failed = partitions.filter(({ error }) => error != null);
    super('Error while deleting records', {
      retriable: failed.every(({ error }) => error.retriable === true),
    });
    this.topic = topic;
    this.partitions = partitions;
    this.name = 'KafkaJSDeleteTopicRecordsError';
  }
}

class KafkaJSServerDoesNotSupportApiKey extends KafkaJSNonRetriableError {
  constructor(e, { apiKey, apiName, ...options } = {}) {
    super(e, options);
    this.apiKey = apiKey;
    this.apiName = apiName;
    this.name = 'KafkaJSServerDoesNotSupportApiKey';
  }
}

class KafkaJSCreateTopicError extends KafkaJSProtocolError {
  constructor(e, topicName) {
    super(e);
    this.topic = topicName;
    this.name = 'KafkaJSCreateTopicError';
  }
}

class KafkaJSAlterPartitionReassignmentsError extends KafkaJSProtocolError {
  constructor(e, topicName, partition) {
    super(e);
    this.topic = topicName;
    this.partition = partition;
    this.name = 'KafkaJSAlterPartitionReassignmentsError';
  }
}

class KafkaJSNoBrokerAvailableError extends KafkaJSError {
  constructor(e = 'No broker available', options = {}) {
    super(e, options);
    this.name = 'KafkaJSNoBrokerAvailableError';
  }
}

class KafkaJSInvariantViolation extends KafkaJSNonRetriableError {
  constructor(e) {
    super(`Invariant violated: ${e?.message ?? e}. This is likely a bug and should be reported.`);
    this.name = 'KafkaJSInvariantViolation';
  }
}

/** A wrong option or argument; `option` is its path, as in `messages[3].value`. */
class KafkaJSInvalidOptionError extends KafkaJSNonRetriableError {
  constructor(e, { option, ...options } = {}) {
    super(e, options);
    this.option = option;
    this.name = 'KafkaJSInvalidOptionError';
  }
}

/** Everything that is wrong with the settings of a service; `problems` says each by itself. No secret is in it. */
class ConfigurationError extends KafkaJSNonRetriableError {
  /** @param {{ setting: string, origin: string, expected?: string, received?: string, message: string }[]} problems */
  constructor(problems, options) {
    const lines = problems.map(({ message }) => message);
    const head = `${lines.length} settings are wrong:\n  `;
    super(lines.length === 1 ? lines[0] : head + lines.join('\n  '), options);
    this.problems = problems;
    this.name = 'ConfigurationError';
  }
}

/** A circuit breaker is open; `retryAfterMs` says when it will let a call try. */
class CircuitOpenError extends KafkaJSError {
  constructor(breaker, retryAfterMs, options) {
    super(`The circuit breaker "${breaker}" is open`, options);
    this.breaker = breaker;
    this.retryAfterMs = retryAfterMs;
    this.name = 'CircuitOpenError';
  }
}

class LimitExceededError extends KafkaJSError {
  constructor(e, { retryAfterMs, ...options } = {}) {
    super(e, options);
    this.retryAfterMs = retryAfterMs;
    this.name = 'LimitExceededError';
  }
}

const KafkaJSNotImplemented = simple('KafkaJSNotImplemented', KafkaJSNonRetriableError);

/** KafkaJS can, librdkafka cannot. A KafkaJSNotImplemented, because that is what KafkaJS code knows. */
class KafkaJSUnsupportedError extends KafkaJSNotImplemented {
  constructor(e, { option, ...options } = {}) {
    super(e, options);
    this.option = option;
    this.name = 'KafkaJSUnsupportedError';
  }
}

class KafkaJSQueueFullError extends KafkaJSError {
  constructor(e, options) {
    super(e, options);
    this.name = 'KafkaJSQueueFullError';
  }
}

/** A catalog with mistakes; `problems` has all of them: `{ file, path, expected, received }`. */
class CatalogError extends KafkaJSNonRetriableError {
  constructor(e, { problems = [], ...options } = {}) {
    super(e, options);
    this.problems = problems;
    this.name = 'CatalogError';
  }
}

/** A message that its envelope cannot read, or an event that it cannot carry; `reason` is for a DLQ's headers. */
class EnvelopeError extends KafkaJSNonRetriableError {
  constructor(e, { envelope, reason, ...options } = {}) {
    super(e, options);
    this.envelope = envelope;
    this.reason = reason;
    this.name = 'EnvelopeError';
  }
}

/** An event that was not published: it does not fit its topic's envelope or its schema; `problems` says where. */
class InvalidEventError extends KafkaJSNonRetriableError {
  constructor(e, { topic, problems = [], ...options } = {}) {
    super(e, options);
    this.topic = topic;
    this.problems = problems;
    this.name = 'InvalidEventError';
  }
}

/** KafkaJS derives it from Error, not from KafkaJSError. */
class KafkaJSAggregateError extends Error {
  constructor(message, errors) {
    super(message?.message ?? message);
    this.errors = errors;
    this.errorCode = 'ERR_KAFKA_AGGREGATE';
    this.name = 'KafkaJSAggregateError';
  }
}

class KafkaJSFetcherRebalanceError extends Error {}

const Timeout = simple('KafkaJSTimeout', KafkaJSNonRetriableError);
const NonRetriable = (name) => simple(name, KafkaJSNonRetriableError);

// In order of inheritance: a class is branded after its base.
const classes = {
  KafkaJSError: brand(KafkaJSError, 'KafkaJSError', 'ERR_KAFKA_ERROR'),
};
function add(type, errorCode) {
  classes[type.name] = brand(type, type.name, errorCode);
}

add(KafkaJSNonRetriableError, 'ERR_KAFKA_NON_RETRIABLE');
add(KafkaJSProtocolError, 'ERR_KAFKA_PROTOCOL');
add(KafkaJSConnectionError, 'ERR_KAFKA_CONNECTION');
add(KafkaJSConnectionClosedError, 'ERR_KAFKA_CONNECTION_CLOSED');
add(KafkaJSRequestTimeoutError, 'ERR_KAFKA_REQUEST_TIMEOUT');
add(KafkaJSNumberOfRetriesExceeded, 'ERR_KAFKA_RETRIES_EXCEEDED');
add(KafkaJSOffsetOutOfRange, 'ERR_KAFKA_OFFSET_OUT_OF_RANGE');
add(KafkaJSMemberIdRequired, 'ERR_KAFKA_MEMBER_ID_REQUIRED');
add(KafkaJSMetadataNotLoaded, 'ERR_KAFKA_METADATA');
add(KafkaJSTopicMetadataNotLoaded, 'ERR_KAFKA_TOPIC_METADATA');
add(KafkaJSStaleTopicMetadataAssignment, 'ERR_KAFKA_STALE_METADATA');
add(KafkaJSDeleteGroupsError, 'ERR_KAFKA_DELETE_GROUPS');
add(KafkaJSDeleteTopicRecordsError, 'ERR_KAFKA_DELETE_RECORDS');
add(KafkaJSServerDoesNotSupportApiKey, 'ERR_KAFKA_API_NOT_SUPPORTED');
add(KafkaJSCreateTopicError, 'ERR_KAFKA_CREATE_TOPIC');
add(KafkaJSAlterPartitionReassignmentsError, 'ERR_KAFKA_ALTER_REASSIGNMENTS');
add(KafkaJSNoBrokerAvailableError, 'ERR_KAFKA_NO_BROKER');
add(KafkaJSInvariantViolation, 'ERR_KAFKA_INVARIANT');
add(simple('KafkaJSBrokerNotFound', KafkaJSError), 'ERR_KAFKA_BROKER_NOT_FOUND');
add(NonRetriable('KafkaJSPartialMessageError'), 'ERR_KAFKA_PARTIAL_MESSAGE');
add(NonRetriable('KafkaJSSASLAuthenticationError'), 'ERR_KAFKA_AUTHENTICATION');
add(NonRetriable('KafkaJSGroupCoordinatorNotFound'), 'ERR_KAFKA_COORDINATOR_NOT_FOUND');
add(KafkaJSNotImplemented, 'ERR_KAFKA_NOT_IMPLEMENTED');
add(Timeout, 'ERR_KAFKA_TIMEOUT');
add(simple('KafkaJSLockTimeout', Timeout), 'ERR_KAFKA_LOCK_TIMEOUT');
add(NonRetriable('KafkaJSUnsupportedMagicByteInMessageSet'), 'ERR_KAFKA_MAGIC_BYTE');
add(NonRetriable('KafkaJSInvalidVarIntError'), 'ERR_KAFKA_INVALID_VARINT');
add(NonRetriable('KafkaJSInvalidLongError'), 'ERR_KAFKA_INVALID_LONG');
add(KafkaJSInvalidOptionError, 'ERR_KAFKA_INVALID_OPTION');
add(KafkaJSUnsupportedError, 'ERR_KAFKA_UNSUPPORTED');
add(KafkaJSQueueFullError, 'ERR_KAFKA_QUEUE_FULL');
add(NonRetriable('KafkaJSClosedError'), 'ERR_KAFKA_CLOSED');
add(NonRetriable('KafkaJSAbortedError'), 'ERR_KAFKA_ABORTED');
add(NonRetriable('KafkaJSBindingError'), 'ERR_KAFKA_BINDING');
add(NonRetriable('KafkaJSEmbeddedError'), 'ERR_KAFKA_EMBEDDED');
add(ConfigurationError, 'ERR_KAFKA_CONFIGURATION');
add(CatalogError, 'ERR_KAFKA_CATALOG');
add(EnvelopeError, 'ERR_KAFKA_ENVELOPE');
add(InvalidEventError, 'ERR_KAFKA_INVALID_EVENT');
add(NonRetriable('NonRetriableError'), 'ERR_KAFKA_NON_RETRIABLE');
add(CircuitOpenError, 'ERR_KAFKA_CIRCUIT_OPEN');
add(LimitExceededError, 'ERR_KAFKA_LIMIT_EXCEEDED');
add(KafkaJSAggregateError, 'ERR_KAFKA_AGGREGATE');
add(KafkaJSFetcherRebalanceError, 'ERR_KAFKA_FETCHER_REBALANCE');

module.exports = classes;
