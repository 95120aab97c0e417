'use strict';

const util = require('node:util');
const { guard, isSecretName, redact, redactText } = require('../../../lib/service/config/secrets');
const { resolveConfiguration } = require('../../../lib/service/config');

const SECRET = 's3cret';

test.each([
  'password="s3cret"',
  "password='s3cret with words'",
  'password="an \\"s3cret\\" word"',
  'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="s3cret";',
  'sasl.password=s3cret',
  '{"password":"s3cret"}',
  'KAFKA_SASL_PASSWORD: s3cret',
  'ssl.key.password = s3cret, x',
  'Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=s3cret=;EntityPath=x',
  'https://user:s3cret@registry:8081/path',
  'user:s3cret@kafka:9092',
  'Authorization: Bearer s3cret',
  'client_secret=s3cret&scope=x',
  '-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----',
  '-----BEGIN ENCRYPTED PRIVATE KEY-----\ns3cret',
])('redactText(%j)', (text) => {
  expect(redactText(text)).not.toContain(SECRET);
  expect(redactText(text)).toContain('***');
});

test('what is no secret stays readable', () => {
  for (const text of [
    'kafka-1:9092,kafka-2:9092',
    'username="u"',
    'the password is missing',
    'Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=n',
    'Expected host:port for brokers',
    '2026-01-01T10:00:00Z me@example.org',
  ]) {
    expect(redactText(text)).toBe(text);
  }
});

test('given secrets are hidden whatever they look like', () => {
  expect(redactText('login ab of abc failed', ['ab', 'abc'])).toBe('login *** of *** failed');
});

test.each([
  ['sasl.password', true],
  ['ssl.key.pem', true],
  ['ssl.key.password', true],
  ['ssl_key', true],
  ['sasl.jaas.config', true],
  ['sasl.oauthbearer.client.secret', true],
  ['KAFKA_SASL_PASSWORD', true],
  ['basic.auth.user.info', true],
  ['passphrase', true],
  ['connectionString', true],
  ['ssl.ca.pem', false],
  ['ssl.key.location', false],
  ['ssl.keystore.password', true],
  ['sasl.username', false],
  ['key', false],
  ['sasl.oauthbearer.token.endpoint.url', false],
])('isSecretName(%j)', (name, expected) => {
  expect(isSecretName(name)).toBe(expected);
});

test('redact() at any depth, and leaves its argument as it is', () => {
  const config = {
    brokers: ['a:1'],
    key: 'task-1',
    ssl: { key: Buffer.from(SECRET), passphrase: SECRET, ca: 'PEM' },
    sasl: { mechanism: 'plain', username: 'u', password: SECRET },
    librdkafka: { 'ssl.key.pem': SECRET, 'sasl.jaas.config': SECRET, 'linger.ms': 5 },
    list: [{ token: SECRET }, `password=${SECRET}`],
    map: new Map([['password', SECRET]]),
    error: new Error(`password=${SECRET}`),
  };
  config.self = config;
  const shown = redact(config);
  expect(util.inspect(shown, { depth: 9 })).not.toContain(SECRET);
  expect(shown).toMatchObject({
    key: 'task-1',
    ssl: { key: '***', ca: 'PEM' },
    sasl: { username: 'u', password: '***' },
    librdkafka: { 'linger.ms': 5 },
    self: '[Circular]',
  });
  expect(config.sasl.password).toBe(SECRET);
});

test('a guarded object shows no secret and gives it to who asks', () => {
  const sasl = guard({ username: 'u', password: SECRET }, 'sasl');
  expect(JSON.stringify({ sasl })).toBe('{"sasl":{"username":"u","password":"***"}}');
  expect(util.inspect({ deep: { sasl } })).not.toContain(SECRET);
  expect({ ...sasl }).toEqual({ username: 'u', password: SECRET });
});

test('a resolved configuration: whole, in parts, and spread', () => {
  const configuration = resolveConfiguration({
    file: null,
    env: {},
    options: {
      brokers: ['a:1'],
      ssl: { key: SECRET, passphrase: SECRET, ca: 'PEM' },
      sasl: { mechanism: 'plain', username: 'u', password: SECRET },
      librdkafka: { 'ssl.keystore.password': SECRET },
      producer: { librdkafka: { 'ssl.key.password': SECRET } },
    },
  });
  const { kafka, producer } = configuration;
  expect([kafka.ssl.key, kafka.sasl.password]).toEqual([SECRET, SECRET]);
  expect(kafka.librdkafka['ssl.keystore.password']).toBe(SECRET);
  const faces = [
    configuration,
    kafka,
    producer,
    { ...configuration },
    { ...kafka },
    { ...producer },
  ];
  for (const face of faces) {
    expect(util.inspect(face, { depth: 9 })).not.toContain(SECRET);
    expect(util.inspect(face, { depth: 9, showHidden: true })).not.toContain(SECRET);
    expect(JSON.stringify(face)).not.toContain(SECRET);
    expect(util.format('%j %o', face, face)).not.toContain(SECRET);
  }
});
