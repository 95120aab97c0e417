'use strict';

// The only place that turns the fields of a native error (see NativeError in lib/native.d.ts) into an Error.

const classes = require('./classes');
const {
  RETRIABLE_PROTOCOL_CODES,
  LIBRDKAFKA_CODES: C,
  kafkaJSType,
  librdkafkaName,
} = require('./librdkafka-codes');
const { trimStack } = require('./stack');

const AUTHORIZATION = new Set([
  C.TOPIC_AUTHORIZATION_FAILED,
  C.GROUP_AUTHORIZATION_FAILED,
  C.CLUSTER_AUTHORIZATION_FAILED,
  C.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  C.DELEGATION_TOKEN_AUTHORIZATION_FAILED,
]);
const AUTHENTICATION = new Set([
  C._AUTHENTICATION,
  C.SASL_AUTHENTICATION_FAILED,
  C.UNSUPPORTED_SASL_MECHANISM,
  C.ILLEGAL_SASL_STATE,
]);
const FENCED = new Set([
  C._FENCED,
  C.PRODUCER_FENCED,
  C.FENCED_INSTANCE_ID,
  C.INVALID_PRODUCER_EPOCH,
]);
const REBALANCE = new Set([C.REBALANCE_IN_PROGRESS, C.ILLEGAL_GENERATION, C.UNKNOWN_MEMBER_ID]);
const UNKNOWN_TOPIC = new Set([
  C._UNKNOWN_TOPIC,
  C._UNKNOWN_PARTITION,
  C.UNKNOWN_TOPIC_OR_PART,
  C.UNKNOWN_TOPIC_ID,
]);

/** What librdkafka says about sockets, as the `code` that KafkaJS's connection errors have (from Node's sockets). */
const SOCKET_CODES = [
  [/connection refused/i, 'ECONNREFUSED'],
  [/connection reset/i, 'ECONNRESET'],
  [/timed out|timeout/i, 'ETIMEDOUT'],
  [/no route to host/i, 'EHOSTUNREACH'],
  [/network is unreachable/i, 'ENETUNREACH'],
  [/broken pipe/i, 'EPIPE'],
];

/** Local error code -> how to make the error: [class name, errorCode]. */
const LOCAL = new Map([
  [C._DESTROY, ['KafkaJSClosedError', 'ERR_KAFKA_CLOSED']],
  [C._TRANSPORT, ['KafkaJSConnectionError', 'ERR_KAFKA_CONNECTION']],
  [C._RESOLVE, ['KafkaJSConnectionError', 'ERR_KAFKA_RESOLVE']],
  [C._SSL, ['KafkaJSConnectionError', 'ERR_KAFKA_TLS']],
  [C._ALL_BROKERS_DOWN, ['KafkaJSNoBrokerAvailableError', 'ERR_KAFKA_NO_BROKER']],
  [C._UNKNOWN_BROKER, ['KafkaJSBrokerNotFound', 'ERR_KAFKA_BROKER_NOT_FOUND']],
  [C._MSG_TIMED_OUT, ['KafkaJSNumberOfRetriesExceeded', 'ERR_KAFKA_DELIVERY_TIMEOUT']],
  [C._TIMED_OUT, ['KafkaJSRequestTimeoutError', 'ERR_KAFKA_REQUEST_TIMEOUT']],
  [C._TIMED_OUT_QUEUE, ['KafkaJSRequestTimeoutError', 'ERR_KAFKA_REQUEST_TIMEOUT']],
  [C._WAIT_COORD, ['KafkaJSGroupCoordinatorNotFound', 'ERR_KAFKA_COORDINATOR_NOT_FOUND']],
  [C._QUEUE_FULL, ['KafkaJSQueueFullError', 'ERR_KAFKA_QUEUE_FULL']],
  [C._PURGE_QUEUE, ['KafkaJSNonRetriableError', 'ERR_KAFKA_PURGED']],
  [C._PURGE_INFLIGHT, ['KafkaJSNonRetriableError', 'ERR_KAFKA_PURGED']],
  [C._NOT_IMPLEMENTED, ['KafkaJSNotImplemented', 'ERR_KAFKA_NOT_IMPLEMENTED']],
  [C._UNSUPPORTED_FEATURE, ['KafkaJSServerDoesNotSupportApiKey', 'ERR_KAFKA_API_NOT_SUPPORTED']],
  [C._INVALID_ARG, ['KafkaJSInvalidOptionError', 'ERR_KAFKA_INVALID_OPTION']],
  [C._STATE, ['KafkaJSNonRetriableError', 'ERR_KAFKA_STATE']],
  [C._ASSIGNMENT_LOST, ['KafkaJSNonRetriableError', 'ERR_KAFKA_STALE']],
  [C._MAX_POLL_EXCEEDED, ['KafkaJSNonRetriableError', 'ERR_KAFKA_MAX_POLL_EXCEEDED']],
  [C._FATAL, ['KafkaJSNonRetriableError', 'ERR_KAFKA_FATAL']],
  [C._GAPLESS_GUARANTEE, ['KafkaJSNonRetriableError', 'ERR_KAFKA_FATAL']],
  [C._PARTIAL, ['KafkaJSPartialMessageError', 'ERR_KAFKA_PARTIAL_MESSAGE']],
]);

function protocolErrorCode({ code, fatal, abortable }) {
  if (AUTHORIZATION.has(code)) return 'ERR_KAFKA_AUTHORIZATION';
  if (FENCED.has(code)) return 'ERR_KAFKA_FENCED';
  if (abortable) return 'ERR_KAFKA_TRANSACTION_ABORTABLE';
  if (UNKNOWN_TOPIC.has(code)) return 'ERR_KAFKA_UNKNOWN_TOPIC';
  if (REBALANCE.has(code)) return 'ERR_KAFKA_REBALANCE';
  if (code === C.MSG_SIZE_TOO_LARGE || code === C.RECORD_LIST_TOO_LARGE) {
    return 'ERR_KAFKA_MESSAGE_TOO_LARGE';
  }
  return fatal ? 'ERR_KAFKA_FATAL' : 'ERR_KAFKA_PROTOCOL';
}

/** "sasl_ssl://host:9093/bootstrap: Connect to … failed" -> "host:9093" */
function brokerOf(message) {
  return /(?:^|[\s/])((?:\[[0-9a-f:]+\]|[\w.-]+):\d{1,5})\/(?:\d+|bootstrap)/i.exec(message)?.[1];
}

function socketCode(native) {
  if (native.code === C._RESOLVE) return 'ENOTFOUND';
  return SOCKET_CODES.find(([pattern]) => pattern.test(native.message))?.[1];
}

/**
 * A peer that hangs up in the handshake is reported as a transport failure, but the cause is TLS (or its absence). In
 * TLS 1.3 a broker refuses a client's certificate after the handshake, by an alert.
 */
const HANDSHAKE = /SSL handshake failed|SSL_HANDSHAKE|SSL routines:.*\balert\b/;

/** Chooses the class. @returns {Error} */
function construct(native, context) {
  const { code, message, fatal = false, abortable = false } = native;
  const { cause } = context;
  const fields = { message, type: kafkaJSType(code), code };

  if (AUTHENTICATION.has(code)) {
    return new classes.KafkaJSSASLAuthenticationError(fields, { cause, fatal });
  }
  const local = LOCAL.get(code);
  if (local !== undefined) {
    const [name, usual] = local;
    const errorCode = code === C._TRANSPORT && HANDSHAKE.test(message) ? 'ERR_KAFKA_TLS' : usual;
    return new classes[name](fields, {
      errorCode,
      fatal,
      abortable,
      cause,
      ...(name.startsWith('KafkaJSConnection') && {
        broker: context.broker ?? brokerOf(message),
        code: socketCode(native),
        retriable: code !== C._SSL,
      }),
    });
  }
  const options = {
    cause,
    fatal,
    abortable,
    errorCode: protocolErrorCode(native),
    retriable: !fatal && (native.retriable === true || RETRIABLE_PROTOCOL_CODES.has(code)),
  };
  if (code === C.OFFSET_OUT_OF_RANGE) {
    return new classes.KafkaJSOffsetOutOfRange(fields, {
      ...options,
      ...context,
      errorCode: undefined,
    });
  }
  if (code === C.REQUEST_TIMED_OUT && context.protocol !== true) {
    return new classes.KafkaJSRequestTimeoutError(fields, { ...options, errorCode: undefined });
  }
  if (code > 0 || code === C.UNKNOWN || UNKNOWN_TOPIC.has(code) || FENCED.has(code)) {
    if (UNKNOWN_TOPIC.has(code)) {
      // Found out here instead of at the broker: the same answer for the caller.
      fields.type = 'UNKNOWN_TOPIC_OR_PARTITION';
      fields.code = C.UNKNOWN_TOPIC_OR_PART;
    }
    return new classes.KafkaJSProtocolError(fields, options);
  }
  return new classes.KafkaJSError(fields, {
    ...options,
    errorCode: fatal ? 'ERR_KAFKA_FATAL' : abortable ? options.errorCode : 'ERR_KAFKA_LOCAL',
    retriable: native.retriable === true,
  });
}

const ofGroup = ({ code }) => code === C.GROUP_AUTHORIZATION_FAILED;

/** Librdkafka says that the group is refused, and not which. */
function withGroup(native, { groupId }) {
  if (groupId === undefined || !ofGroup(native)) return native;
  return { ...native, message: `Group "${groupId}": ${native.message}` };
}

/**
 * @param {import('../native').NativeError} native
 * @param {{ topic?: string, partition?: number, groupId?: string, cause?: Error, broker?: string, protocol?: boolean }} [context]
 *   facts the caller knows; `protocol`: an error of one record or item, never a timeout of our own request
 * @returns {Error & { errorCode: string }}
 */
function fromNative(native, context = {}) {
  const error = construct(withGroup(native, context), context);
  error.type ??= kafkaJSType(native.code);
  if (error.code === undefined && !(error instanceof classes.KafkaJSConnectionError)) {
    error.code = native.code;
  }
  if (context.topic !== undefined) error.topic ??= context.topic;
  if (context.partition !== undefined) error.partition ??= context.partition;
  if (context.groupId !== undefined && ofGroup(native)) error.groupId = context.groupId;
  Object.defineProperty(error, 'librdkafkaName', {
    value: native.name ?? librdkafkaName(native.code),
    writable: true,
    configurable: true,
    enumerable: true,
  });
  Object.defineProperty(error, 'librdkafkaCode', {
    value: native.code,
    writable: true,
    configurable: true,
    enumerable: false,
  });
  return trimStack(error);
}

/** An error of a number alone (one partition of a delivery). */
function fromCode(code, message, context = {}) {
  const name = librdkafkaName(code);
  return fromNative(
    {
      code,
      name,
      message: message ?? `${context.topic ? `${context.topic}: ` : ''}${kafkaJSType(code)}`,
      fatal: false,
      abortable: false,
      retriable: false,
    },
    { protocol: true, ...context },
  );
}

module.exports = { fromNative, fromCode };
