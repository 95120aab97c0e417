'use strict';

const { kafkaOptions, clientOptions } = require('../../../lib/options/kafka-options');
const { classes } = require('../../../lib/errors');

const SECRET = 'hunter2-very-secret';

function failure(run) {
  try {
    run();
  } catch (e) {
    return e;
  }
  throw new Error('expected it to throw');
}

const brokers = ['b:9092'];

test('a wrong type names the option, what was expected and what came', () => {
  const error = failure(() => kafkaOptions({ brokers, clientId: 5 }));
  expect(error).toBeInstanceOf(classes.KafkaJSInvalidOptionError);
  expect(error).toBeInstanceOf(classes.KafkaJSNonRetriableError);
  expect(error).toMatchObject({
    errorCode: 'ERR_KAFKA_INVALID_OPTION',
    option: 'clientId',
    message: 'Expected a non-empty string for clientId but received 5 of type number',
  });
});

test.each([
  [{}, 'brokers'],
  [{ brokers: [] }, 'brokers'],
  [{ brokers: 'b:9092' }, 'brokers'],
  [{ brokers: ['b:9092', ''] }, 'brokers'],
  [{ brokers, requestTimeout: '3000' }, 'requestTimeout'],
  [{ brokers, retry: { retries: '3' } }, 'retry.retries'],
  [{ brokers, ssl: 'yes' }, 'ssl'],
  [{ brokers, ssl: { ca: 7 } }, 'ssl.ca'],
  [{ brokers, sasl: { mechanism: 'kerberos' } }, 'sasl.mechanism'],
  [{ brokers, sasl: { mechanism: 'plain', username: 'u' } }, 'sasl.password'],
  [{ brokers, librdkafka: 5 }, 'librdkafka'],
])('%j is refused at %s', (options, option) => {
  expect(failure(() => kafkaOptions(options))).toMatchObject({
    option,
    errorCode: 'ERR_KAFKA_INVALID_OPTION',
  });
});

test.each([
  [{ brokers, socketFactory: () => {} }, 'socketFactory'],
  [{ brokers, sasl: { mechanism: 'aws' } }, undefined],
  [{ brokers, sasl: { mechanism: 'x', authenticationProvider: () => {} } }, undefined],
  [{ brokers, ssl: { checkServerIdentity: () => undefined } }, 'ssl.checkServerIdentity'],
  [{ brokers, ssl: { pfx: Buffer.from('') } }, 'ssl.pfx'],
])('%j is unsupported and says so', (options, option) => {
  const error = failure(() => kafkaOptions(options));
  expect(error).toBeInstanceOf(classes.KafkaJSUnsupportedError);
  expect(error.errorCode).toBe('ERR_KAFKA_UNSUPPORTED');
  if (option) expect(error.option).toBe(option);
});

test('an unknown option is named, with the nearest known one', () => {
  expect(failure(() => kafkaOptions({ brokers, clientID: 'x' })).message).toBe(
    'Unknown option "clientID" for new Kafka(): did you mean "clientId"?',
  );
  expect(failure(() => kafkaOptions({ brokers, xyzzyplugh: 1 })).message).toBe(
    'Unknown option "xyzzyplugh" for new Kafka()',
  );
});

test('an unknown librdkafka property is named, with the nearest known one', () => {
  expect(failure(() => kafkaOptions({ brokers, librdkafka: { 'linger.msec': 5 } })).message).toBe(
    'Unknown librdkafka property "linger.msec": did you mean "linger.ms"?',
  );
  expect(
    failure(() => kafkaOptions({ kafkaJS: { brokers }, 'socket.timeout.msx': 5 })).message,
  ).toMatch('"socket.timeout.ms"');
});

test('secrets are not printed', () => {
  const messages = [
    () =>
      kafkaOptions({ brokers, sasl: { mechanism: 'plain', username: 'u', password: [SECRET] } }),
    () => kafkaOptions({ brokers, ssl: { key: { pem: SECRET } } }),
    () => kafkaOptions({ brokers, librdkafka: { 'sasl.password': { secret: SECRET } } }),
    () => kafkaOptions({ brokers, sasl: SECRET }),
  ].map((run) => JSON.stringify(failure(run)) + failure(run).stack + failure(run).message);
  // A string in the place of the sasl object may hold a secret as well, but is no option of that name.
  for (const text of messages.slice(0, 3)) expect(text).not.toContain(SECRET);
});

test('null and undefined mean "not given"', () => {
  const options = kafkaOptions({ brokers, ssl: null, sasl: undefined, clientId: null });
  expect(options).toMatchObject({ ssl: false, sasl: null, clientId: 'easyflow-kafka' });
  expect(kafkaOptions({ brokers, sasl: false, ssl: false })).toMatchObject({
    ssl: false,
    sasl: null,
  });
});

test('confluent’s style: a kafkaJS block with properties beside it', () => {
  const options = kafkaOptions({ kafkaJS: { brokers, clientId: 'c' }, 'linger.ms': 5 });
  expect(options).toMatchObject({
    style: 'confluent',
    brokers,
    clientId: 'c',
    properties: { 'linger.ms': '5' },
  });
  const client = clientOptions(options, 'producer', { kafkaJS: { acks: 1 }, 'batch.size': 10 });
  expect(client.options).toMatchObject({
    acks: 1,
    style: 'confluent',
    properties: { 'linger.ms': '5', 'batch.size': '10' },
  });
});

test('confluent’s style: brokers as a property, or given to the client only', () => {
  expect(kafkaOptions({ 'bootstrap.servers': 'a:1, b:2' }).brokers).toEqual(['a:1', 'b:2']);
  const deferred = kafkaOptions({ 'security.protocol': 'PLAINTEXT' });
  const { kafka } = clientOptions(deferred, 'admin', { 'bootstrap.servers': 'c:3' });
  expect(kafka.brokers).toEqual(['c:3']);
  expect(failure(() => clientOptions(deferred, 'admin', {})).option).toBe('brokers');
});

test('a client may replace what the Kafka object was given', () => {
  const kafka = kafkaOptions({ kafkaJS: { brokers, clientId: 'a' } });
  const client = clientOptions(kafka, 'consumer', { kafkaJS: { groupId: 'g', clientId: 'b' } });
  expect(client.kafka.clientId).toBe('b');
  expect(client.options.groupId).toBe('g');
  expect(kafka.clientId).toBe('a');
});

test('a bad option of a client is named with the client', () => {
  const kafka = kafkaOptions({ brokers });
  expect(failure(() => clientOptions(kafka, 'producer', { idempotant: true })).message).toBe(
    'Unknown option "idempotant" for kafka.producer(): did you mean "idempotent"?',
  );
  expect(failure(() => clientOptions(kafka, 'consumer', { groupId: '' })).option).toBe('groupId');
});

test('new Kafka() of nothing leaves the brokers to its clients, as confluent allows', () => {
  const kafka = kafkaOptions();
  const client = clientOptions(kafka, 'producer', { 'bootstrap.servers': 'b:9092,c:9092' });
  expect(client.kafka.brokers).toEqual(['b:9092', 'c:9092']);
  expect(failure(() => clientOptions(kafka, 'producer', {}))).toMatchObject({ option: 'brokers' });
});
