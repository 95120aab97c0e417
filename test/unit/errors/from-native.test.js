'use strict';

const { fromNative, fromCode, classes } = require('../../../lib/errors');

const native = (fields) => ({
  message: 'm',
  fatal: false,
  retriable: false,
  abortable: false,
  ...fields,
});

test.each([
  [-195, '_TRANSPORT', 'KafkaJSConnectionError', 'ERR_KAFKA_CONNECTION', true],
  [-193, '_RESOLVE', 'KafkaJSConnectionError', 'ERR_KAFKA_RESOLVE', true],
  [-181, '_SSL', 'KafkaJSConnectionError', 'ERR_KAFKA_TLS', false],
  [-169, '_AUTHENTICATION', 'KafkaJSSASLAuthenticationError', 'ERR_KAFKA_AUTHENTICATION', false],
  [
    58,
    'SASL_AUTHENTICATION_FAILED',
    'KafkaJSSASLAuthenticationError',
    'ERR_KAFKA_AUTHENTICATION',
    false,
  ],
  [-187, '_ALL_BROKERS_DOWN', 'KafkaJSNoBrokerAvailableError', 'ERR_KAFKA_NO_BROKER', true],
  [-192, '_MSG_TIMED_OUT', 'KafkaJSNumberOfRetriesExceeded', 'ERR_KAFKA_DELIVERY_TIMEOUT', false],
  [-185, '_TIMED_OUT', 'KafkaJSRequestTimeoutError', 'ERR_KAFKA_REQUEST_TIMEOUT', true],
  [-197, '_DESTROY', 'KafkaJSClosedError', 'ERR_KAFKA_CLOSED', false],
  [-172, '_STATE', 'KafkaJSNonRetriableError', 'ERR_KAFKA_STATE', false],
  [3, 'UNKNOWN_TOPIC_OR_PART', 'KafkaJSProtocolError', 'ERR_KAFKA_UNKNOWN_TOPIC', true],
  [29, 'TOPIC_AUTHORIZATION_FAILED', 'KafkaJSProtocolError', 'ERR_KAFKA_AUTHORIZATION', false],
  [1, 'OFFSET_OUT_OF_RANGE', 'KafkaJSOffsetOutOfRange', 'ERR_KAFKA_OFFSET_OUT_OF_RANGE', false],
  [10, 'MSG_SIZE_TOO_LARGE', 'KafkaJSProtocolError', 'ERR_KAFKA_MESSAGE_TOO_LARGE', false],
  [27, 'REBALANCE_IN_PROGRESS', 'KafkaJSProtocolError', 'ERR_KAFKA_REBALANCE', false],
  [90, 'PRODUCER_FENCED', 'KafkaJSProtocolError', 'ERR_KAFKA_FENCED', false],
  [-144, '_FENCED', 'KafkaJSProtocolError', 'ERR_KAFKA_FENCED', false],
  [19, 'NOT_ENOUGH_REPLICAS', 'KafkaJSProtocolError', 'ERR_KAFKA_PROTOCOL', true],
  [-194, '_CRIT_SYS_RESOURCE', 'KafkaJSError', 'ERR_KAFKA_LOCAL', false],
])('%i %s', (code, name, type, errorCode, retriable) => {
  const error = fromNative(native({ code, name }));
  expect(error.constructor.name).toBe(type);
  expect(error).toMatchObject({
    name: type,
    errorCode,
    retriable,
    librdkafkaName: name,
    message: 'm',
  });
  expect(error).toBeInstanceOf(classes.KafkaJSError);
});

test('protocol errors have KafkaJS’s type and the protocol’s number', () => {
  expect(fromNative(native({ code: 3, name: 'UNKNOWN_TOPIC_OR_PART' }))).toMatchObject({
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
    code: 3,
  });
  expect(fromNative(native({ code: 16, name: 'NOT_COORDINATOR' })).type).toBe(
    'NOT_COORDINATOR_FOR_GROUP',
  );
  expect(fromNative(native({ code: 89, name: 'THROTTLING_QUOTA_EXCEEDED' }))).toMatchObject({
    type: 'THROTTLING_QUOTA_EXCEEDED',
    retriable: true,
  });
});

test('fatal and abortable survive', () => {
  expect(fromNative(native({ code: 90, name: 'PRODUCER_FENCED', fatal: true }))).toMatchObject({
    fatal: true,
    retriable: false,
  });
  expect(
    fromNative(native({ code: 19, name: 'NOT_ENOUGH_REPLICAS', abortable: true })),
  ).toMatchObject({
    abortable: true,
    errorCode: 'ERR_KAFKA_TRANSACTION_ABORTABLE',
  });
});

test('a connection error names the broker and the socket’s code, as KafkaJS’s does', () => {
  const error = fromNative(
    native({
      code: -195,
      name: '_TRANSPORT',
      message:
        'sasl_ssl://kafka-1.example.com:9093/bootstrap: Connect to ipv4#10.0.0.1:9093 failed: Connection refused',
    }),
  );
  expect(error).toMatchObject({ broker: 'kafka-1.example.com:9093', code: 'ECONNREFUSED' });
});

test('a broker that refuses our certificate after the handshake of TLS 1.3 is an error of TLS', () => {
  const error = fromNative(
    native({
      code: -195,
      name: '_TRANSPORT',
      message:
        'ssl://kafka-1:9093/bootstrap: Receive failed: error:0A000412:SSL routines::sslv3 alert bad certificate: ' +
        'SSL alert number 42 (after 1ms in state APIVERSION_QUERY)',
    }),
  );
  expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_TLS', broker: 'kafka-1:9093' });
});

test('an error of one partition carries topic and partition', () => {
  expect(fromCode(29, undefined, { topic: 't', partition: 3 })).toMatchObject({
    topic: 't',
    partition: 3,
    type: 'TOPIC_AUTHORIZATION_FAILED',
  });
  // A timeout that the broker reports for a record is no timeout of our request.
  expect(fromCode(7, 'x', { topic: 't' })).toBeInstanceOf(classes.KafkaJSProtocolError);
});

test('a refused group is named, where the caller knows it', () => {
  const refused = native({ code: 30, name: 'GROUP_AUTHORIZATION_FAILED', message: 'refused' });
  const error = fromNative(refused, { groupId: 'team' });
  expect(error).toMatchObject({ message: 'Group "team": refused', groupId: 'team' });
  expect(error.stack).toContain('Group "team": refused');
  expect(fromNative(refused)).toMatchObject({ message: 'refused' });
  const other = fromNative(native({ code: 29 }), { groupId: 'team' });
  expect(other).toMatchObject({ message: 'm' });
  expect(other).not.toHaveProperty('groupId');
});
