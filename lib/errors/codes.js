'use strict';

/**
 * Every stable `errorCode` of the package with its meaning, class and whether trying the same again can help.
 * docs/errors.md shows this table; test/unit/errors-doc.test.js keeps the two equal.
 *
 * @type {Readonly<Record<string, { name: string, retriable: boolean | null, meaning: string }>>}
 */
const ERROR_CODES = Object.freeze({
  // Mistakes of the caller: nothing was sent.
  ERR_KAFKA_INVALID_OPTION: row(
    'KafkaJSInvalidOptionError',
    false,
    'An option or argument has the wrong type or value, or a name that does not exist; `option` names it.',
  ),
  ERR_KAFKA_UNSUPPORTED: row(
    'KafkaJSUnsupportedError',
    false,
    'Valid in KafkaJS, but librdkafka (or the broker) cannot do it; the message says what to use instead.',
  ),
  ERR_KAFKA_NOT_IMPLEMENTED: row(
    'KafkaJSNotImplemented',
    false,
    'The operation is not implemented by this client.',
  ),
  ERR_KAFKA_STATE: row(
    'KafkaJSNonRetriableError',
    false,
    'The call does not fit the state: no transaction is open, one is open already, the consumer runs already.',
  ),
  ERR_KAFKA_NOT_CONNECTED: row(
    'KafkaJSError',
    true,
    'The client was used before `connect()`, or after `disconnect()`.',
  ),
  ERR_KAFKA_CLOSED: row(
    'KafkaJSClosedError',
    false,
    'The client was disconnected while the call was pending; it is unknown whether the broker acted on it.',
  ),
  ERR_KAFKA_ABORTED: row(
    'KafkaJSAbortedError',
    false,
    'The AbortSignal of the call was aborted. A message that was already handed over may still be delivered.',
  ),
  ERR_KAFKA_QUEUE_FULL: row(
    'KafkaJSQueueFullError',
    true,
    "The producer holds `maxQueuedBytes` or `maxQueuedMessages` and `onQueueFull` is 'reject'. Nothing was sent.",
  ),
  ERR_KAFKA_BINDING: row(
    'KafkaJSBindingError',
    false,
    'The native addon is missing or does not load; the message says which command builds it.',
  ),

  // Connection.
  ERR_KAFKA_CONNECTION: row(
    'KafkaJSConnectionError',
    true,
    'A connection to a broker could not be made or broke; `code` (ECONNREFUSED …) and `broker` where known.',
  ),
  ERR_KAFKA_CONNECTION_CLOSED: row(
    'KafkaJSConnectionClosedError',
    true,
    'The broker closed the connection.',
  ),
  ERR_KAFKA_RESOLVE: row(
    'KafkaJSConnectionError',
    true,
    'The name of a broker could not be resolved (`code` ENOTFOUND).',
  ),
  ERR_KAFKA_TLS: row(
    'KafkaJSConnectionError',
    false,
    'The TLS handshake failed: wrong or missing CA, host name, certificate, or no TLS on that port.',
  ),
  ERR_KAFKA_AUTHENTICATION: row(
    'KafkaJSSASLAuthenticationError',
    false,
    'The broker refused the credentials or the SASL mechanism, or the OAUTHBEARER provider failed.',
  ),
  ERR_KAFKA_NO_BROKER: row(
    'KafkaJSNoBrokerAvailableError',
    true,
    'No broker can be reached at the moment.',
  ),
  ERR_KAFKA_BROKER_NOT_FOUND: row(
    'KafkaJSBrokerNotFound',
    true,
    'A broker that is needed is not part of the cluster metadata.',
  ),
  ERR_KAFKA_RETRIES_EXCEEDED: row(
    'KafkaJSNumberOfRetriesExceeded',
    false,
    'All attempts the `retry` options allow have failed; `cause` is the last failure.',
  ),
  ERR_KAFKA_DELIVERY_TIMEOUT: row(
    'KafkaJSNumberOfRetriesExceeded',
    false,
    'A message was not acknowledged in time in spite of retries; it may or may not have been written.',
  ),

  // Time.
  ERR_KAFKA_TIMEOUT: row(
    'KafkaJSTimeout',
    false,
    'An operation did not end within its time (flush, disconnect, transaction).',
  ),
  ERR_KAFKA_LOCK_TIMEOUT: row(
    'KafkaJSLockTimeout',
    false,
    'Kept for KafkaJS: a lock was not obtained in time.',
  ),
  ERR_KAFKA_REQUEST_TIMEOUT: row(
    'KafkaJSRequestTimeoutError',
    true,
    'A broker did not answer a request in time.',
  ),

  // Answers of the broker.
  ERR_KAFKA_PROTOCOL: row(
    'KafkaJSProtocolError',
    null,
    'The broker answered with a protocol error: see `type`, numeric `code` and `retriable`.',
  ),
  ERR_KAFKA_AUTHORIZATION: row(
    'KafkaJSProtocolError',
    false,
    'The principal may not do this to the topic, group, cluster or transactional id; see `type`.',
  ),
  ERR_KAFKA_UNKNOWN_TOPIC: row(
    'KafkaJSProtocolError',
    true,
    'The topic or partition does not exist (and was not created automatically).',
  ),
  ERR_KAFKA_MESSAGE_TOO_LARGE: row(
    'KafkaJSProtocolError',
    false,
    'A message or batch is larger than the broker or `message.max.bytes` allows.',
  ),
  ERR_KAFKA_OFFSET_OUT_OF_RANGE: row(
    'KafkaJSOffsetOutOfRange',
    false,
    'The offset asked for is not in the log any more, or not yet.',
  ),
  ERR_KAFKA_FENCED: row(
    'KafkaJSProtocolError',
    false,
    'Another client with the same transactional id or group instance id took over; this one must stop (`fatal`).',
  ),
  ERR_KAFKA_TRANSACTION_ABORTABLE: row(
    'KafkaJSProtocolError',
    false,
    'The transaction failed and has to be aborted (`abortable`); the producer stays usable.',
  ),
  ERR_KAFKA_FATAL: row(
    'KafkaJSNonRetriableError',
    false,
    'The native client is unusable (`fatal`): connect a new one. A plain producer does that by itself at the next send.',
  ),
  ERR_KAFKA_PURGED: row(
    'KafkaJSNonRetriableError',
    false,
    'The message was dropped before it was acknowledged because its transaction was aborted or its producer closed.',
  ),

  // Groups.
  ERR_KAFKA_COORDINATOR_NOT_FOUND: row(
    'KafkaJSGroupCoordinatorNotFound',
    false,
    'The coordinator of a group or transactional id could not be found.',
  ),
  ERR_KAFKA_MEMBER_ID_REQUIRED: row(
    'KafkaJSMemberIdRequired',
    false,
    'Kept for KafkaJS: the group wants a member id first.',
  ),
  ERR_KAFKA_REBALANCE: row(
    'KafkaJSProtocolError',
    false,
    'The group is rebalancing or this member left it: the commit or request was refused.',
  ),
  ERR_KAFKA_STALE: row(
    'KafkaJSNonRetriableError',
    false,
    'The partition is not assigned to this consumer any more; the commit was refused.',
  ),
  ERR_KAFKA_MAX_POLL_EXCEEDED: row(
    'KafkaJSNonRetriableError',
    false,
    'The application took longer than `max.poll.interval.ms` and left the group.',
  ),
  ERR_KAFKA_FETCHER_REBALANCE: row(
    'KafkaJSFetcherRebalanceError',
    null,
    'Kept for KafkaJS: fetching stopped because of a rebalance.',
  ),

  // Metadata.
  ERR_KAFKA_METADATA: row('KafkaJSMetadataNotLoaded', true, 'The cluster metadata is not loaded.'),
  ERR_KAFKA_TOPIC_METADATA: row(
    'KafkaJSTopicMetadataNotLoaded',
    true,
    'The metadata of a topic could not be loaded.',
  ),
  ERR_KAFKA_STALE_METADATA: row(
    'KafkaJSStaleTopicMetadataAssignment',
    true,
    'An assignment names partitions that the metadata does not know.',
  ),

  // Admin.
  ERR_KAFKA_CREATE_TOPIC: row('KafkaJSCreateTopicError', null, 'A topic could not be created.'),
  ERR_KAFKA_DELETE_GROUPS: row(
    'KafkaJSDeleteGroupsError',
    true,
    'Some groups could not be deleted; `groups` says which and why.',
  ),
  ERR_KAFKA_DELETE_RECORDS: row(
    'KafkaJSDeleteTopicRecordsError',
    null,
    'Some records could not be deleted; `partitions` says which and why.',
  ),
  ERR_KAFKA_ALTER_REASSIGNMENTS: row(
    'KafkaJSAlterPartitionReassignmentsError',
    null,
    'A partition could not be reassigned.',
  ),
  ERR_KAFKA_AGGREGATE: row(
    'KafkaJSAggregateError',
    null,
    'Several parts of one call failed; `errors` has them all.',
  ),
  ERR_KAFKA_API_NOT_SUPPORTED: row(
    'KafkaJSServerDoesNotSupportApiKey',
    false,
    'The broker is too old (or an embedded one) and does not know the request.',
  ),

  // Service layer.
  ERR_KAFKA_CATALOG: row(
    'CatalogError',
    false,
    'A catalog has mistakes; `problems` lists all of them with file, path, what was expected and what came.',
  ),
  ERR_KAFKA_ENVELOPE: row(
    'EnvelopeError',
    false,
    'A message is not what its envelope says, or an event does not fit into it; `reason` says why.',
  ),
  ERR_KAFKA_INVALID_EVENT: row(
    'InvalidEventError',
    false,
    'An event does not fit its topic; nothing was sent, and `problems` says what is wrong with it.',
  ),

  // Data and the rest.
  ERR_KAFKA_PARTIAL_MESSAGE: row(
    'KafkaJSPartialMessageError',
    false,
    'A message from the broker is incomplete.',
  ),
  ERR_KAFKA_MAGIC_BYTE: row(
    'KafkaJSUnsupportedMagicByteInMessageSet',
    false,
    'A message set has an unknown format version.',
  ),
  ERR_KAFKA_INVALID_VARINT: row(
    'KafkaJSInvalidVarIntError',
    false,
    'Kept for KafkaJS: a variable-length integer is malformed.',
  ),
  ERR_KAFKA_INVALID_LONG: row(
    'KafkaJSInvalidLongError',
    false,
    'Kept for KafkaJS: a 64-bit number is malformed.',
  ),
  ERR_KAFKA_INVARIANT: row(
    'KafkaJSInvariantViolation',
    false,
    'A bug in this package; please report it.',
  ),
  ERR_KAFKA_EMBEDDED: row(
    'KafkaJSEmbeddedError',
    false,
    'The embedded broker refused an operation; the message says why.',
  ),
  ERR_KAFKA_CONFIG: row(
    'KafkaJSInvalidOptionError',
    false,
    'librdkafka refused a property or a combination of properties; `option` names it where known.',
  ),
  ERR_KAFKA_CONFIGURATION: row(
    'ConfigurationError',
    false,
    'Settings of a service are wrong or contradict each other; `problems` lists them all with their origin.',
  ),
  ERR_KAFKA_CIRCUIT_OPEN: row(
    'CircuitOpenError',
    true,
    'A circuit breaker is open and the call was not made; `retryAfterMs` says when one may try again.',
  ),
  ERR_KAFKA_LIMIT_EXCEEDED: row(
    'LimitExceededError',
    true,
    'A rate or concurrency limit is used up and the call was not made; `retryAfterMs` where it is known.',
  ),
  ERR_KAFKA_CLAIM_LOST: row(
    'KafkaJSNonRetriableError',
    false,
    "An event was completed before, or is in another worker's hands by now; its handler has to undo what it did.",
  ),
  ERR_KAFKA_LOCAL: row(
    'KafkaJSError',
    null,
    'Any other local error of librdkafka: see `librdkafkaName`.',
  ),
  ERR_KAFKA_NON_RETRIABLE: row(
    'KafkaJSNonRetriableError',
    false,
    'An error of KafkaJS code that was given no better code.',
  ),
  ERR_KAFKA_ERROR: row(
    'KafkaJSError',
    true,
    'An error of KafkaJS code that was given no better code.',
  ),
});

function row(name, retriable, meaning) {
  return Object.freeze({ name, retriable, meaning });
}

module.exports = { ERROR_CODES };
