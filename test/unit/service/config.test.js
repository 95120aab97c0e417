'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Kafka, ConfigurationError, logLevel } = require('../../../lib');
const { resolveConfiguration } = require('../../../lib/service/config');
const { SETTINGS } = require('../../../lib/service/config/settings');

let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'service-config-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function fileWith(text) {
  const file = path.join(folder, 'client.properties');
  fs.writeFileSync(file, text);
  return file;
}

const B = { KAFKA_BROKERS: 'a:1' };
const fromEnv = (env, rest) => resolveConfiguration({ env, file: null, ...rest });
const fromFile = (text, rest) => resolveConfiguration({ env: {}, file: fileWith(text), ...rest });
const fromOptions = (options, rest) =>
  resolveConfiguration({ env: {}, file: null, options, ...rest });

/** The problems' messages. */
function problemsOf(action) {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_CONFIGURATION', retriable: false });
    expect(error.message).not.toMatch(/s3cret/);
    expect(JSON.stringify(error.problems)).not.toMatch(/s3cret/);
    for (const { message } of error.problems) expect(error.message).toContain(message);
    return error.problems.map(({ message }) => message);
  }
  throw new Error('Expected a ConfigurationError');
}

describe('the documents', () => {
  test('EasyFlow: its five variables', () => {
    const { kafka, origins } = fromEnv({
      KAFKA_BOOTSTRAP_SERVERS: 'your-server:9092',
      KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
      KAFKA_SASL_MECHANISMS: 'PLAIN',
      KAFKA_SASL_USERNAME: 'your-username',
      KAFKA_SASL_PASSWORD: 'your-password',
    });
    expect({ ...kafka, sasl: { ...kafka.sasl } }).toEqual({
      brokers: ['your-server:9092'],
      ssl: true,
      sasl: { mechanism: 'plain', username: 'your-username', password: 'your-password' },
    });
    expect(origins['sasl.mechanism']).toBe('KAFKA_SASL_MECHANISMS');
    expect(() => new Kafka(kafka).producer()).not.toThrow();
  });

  test('Task Manager: its whole table over its documented defaults', () => {
    const defaults = {
      brokers: ['localhost:9092'],
      clientId: 'task-manager',
      groupId: 'task-manager-group',
      ssl: false,
      sasl: false,
      connectionTimeout: 3_000,
      requestTimeout: 30_000,
      retry: { initialRetryTime: 100, retries: 3 },
      consumer: { sessionTimeout: 30_000, heartbeatInterval: 3_000 },
    };
    const none = fromEnv({}, { defaults });
    expect(none.kafka).toMatchObject({ brokers: ['localhost:9092'], ssl: false });
    expect(none.origins.brokers).toBe('defaults.brokers');
    const all = fromEnv(
      {
        KAFKA_BROKERS: 'k1:9092, k2:9092',
        KAFKA_CLIENT_ID: 'tm-2',
        KAFKA_GROUP_ID: 'tm-group-2',
        TASK_STATUS_TOPIC: 'status-x',
        WEB_CRAWL_REQUEST_TOPIC: 'crawl-x',
        KAFKA_SSL_ENABLED: 'TRUE',
        KAFKA_SASL_ENABLED: 'true',
        KAFKA_SASL_USERNAME: 'u',
        KAFKA_SASL_PASSWORD: 'p',
        KAFKA_SASL_MECHANISM: 'scram-sha-256',
        KAFKA_CONNECTION_TIMEOUT: '3001',
        KAFKA_REQUEST_TIMEOUT: '30001',
        KAFKA_SESSION_TIMEOUT: '30002',
        KAFKA_HEARTBEAT_INTERVAL: '3002',
        KAFKA_RETRY_BACKOFF: '101',
        KAFKA_MAX_RETRY_ATTEMPTS: '4',
      },
      { defaults },
    );
    expect(all.kafka).toMatchObject({
      brokers: ['k1:9092', 'k2:9092'],
      clientId: 'tm-2',
      ssl: true,
      sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' },
      connectionTimeout: 3_001,
      requestTimeout: 30_001,
      retry: { initialRetryTime: 101, retries: 4 },
    });
    expect(all.groupId).toBe('tm-group-2');
    expect(all.consumer).toMatchObject({
      groupId: 'tm-group-2',
      sessionTimeout: 30_002,
      heartbeatInterval: 3_002,
    });
    expect(all.topics).toEqual({ 'task-status': 'status-x', 'requests-web-crawl': 'crawl-x' });
    const kafka = new Kafka(all.kafka);
    expect(() => kafka.consumer(all.consumer)).not.toThrow();
  });

  test('OfficeFlow: several brokers, the demo organization, its options', () => {
    const env = {
      KAFKA_BROKERS: 'localhost:9092,localhost:9093,localhost:9094',
      DEMO_ORG_ID: 'demo-org-123',
    };
    const options = {
      clientId: 'my-service',
      connectionTimeout: 3000,
      requestTimeout: 30000,
      retry: { initialRetryTime: 100, retries: 8 },
      ssl: false,
      sasl: { mechanism: 'plain', username: 'user', password: 'pass' },
    };
    const { kafka, parameters } = fromEnv(env, { options });
    expect(kafka.brokers).toHaveLength(3);
    expect(kafka).toMatchObject({ ssl: false, retry: { retries: 8 }, sasl: { password: 'pass' } });
    expect(parameters).toEqual({ org: 'demo-org-123' });
  });

  test.each([
    'Endpoint=sb://...',
    'Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=aB+/c=',
  ])('Etelios: Azure Event Hubs, password %s', (password) => {
    const { kafka } = fromEnv({
      KAFKA_BROKERS: 'your-namespace.servicebus.windows.net:9093',
      KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
      KAFKA_SASL_MECHANISM: 'PLAIN',
      KAFKA_SASL_USERNAME: '$ConnectionString',
      KAFKA_SASL_PASSWORD: password,
    });
    expect(kafka.sasl).toMatchObject({ username: '$ConnectionString', password });
  });

  test('SPM: two variables', () => {
    const env = { KAFKA_BOOTSTRAP_SERVERS: 'localhost:9092', KAFKA_GROUP_ID: 'spm-consumer-group' };
    expect(fromEnv(env)).toMatchObject({
      kafka: { brokers: ['localhost:9092'], ssl: false },
      groupId: 'spm-consumer-group',
    });
  });

  test.each([
    [{ KAFKA_LOG_LEVEL: 'DEBUG' }, logLevel.DEBUG],
    [{ KAFKA_LOG_LEVEL: 'warning' }, logLevel.WARN],
    [{ DEBUG: 'kafka*' }, logLevel.DEBUG],
    [{ DEBUG: 'http,kafka:consumer' }, logLevel.DEBUG],
    [{ DEBUG: '*' }, logLevel.DEBUG],
    [{ DEBUG: '*,-kafka*' }, undefined],
    [{ DEBUG: 'http' }, undefined],
    [{ DEBUG: 'kafka*', KAFKA_LOG_LEVEL: 'ERROR' }, logLevel.ERROR],
  ])('%j', (env, level) => {
    expect(fromEnv({ ...B, ...env }).kafka.logLevel).toBe(level);
  });
});

describe('precedence: options > environment > file > defaults, each setting by itself', () => {
  const FILE = 'bootstrap.servers=file:1\nclient.id=file\nsession.timeout.ms=7001\nlinger.ms=7\n';
  const defaults = { brokers: ['preset:1'], clientId: 'preset', groupId: 'preset' };

  test('all four', () => {
    const env = { KAFKA_BROKERS: 'env:1', KAFKA_CLIENT_ID: 'env' };
    const options = { brokers: ['options:1'] };
    const { kafka, consumer, origins } = fromFile(FILE, { env, options, defaults });
    expect(kafka).toMatchObject({ brokers: ['options:1'], clientId: 'env' });
    expect(kafka.librdkafka).toMatchObject({ 'linger.ms': '7' });
    expect(consumer).toMatchObject({ sessionTimeout: 7_001, groupId: 'preset' });
    expect(origins).toMatchObject({
      brokers: 'options.brokers',
      clientId: 'KAFKA_CLIENT_ID',
      'consumer.sessionTimeout': expect.stringMatching(/client\.properties:3 \(session/),
      'librdkafka.linger.ms': expect.stringMatching(/client\.properties:4/),
      groupId: 'defaults.groupId',
    });
  });

  test('a property of the file gives way to a variable that means the same', () => {
    const file = 'bootstrap.servers=a:1\nretry.backoff.ms=5\nsocket.timeout.ms=5000';
    expect(fromFile(file).kafka.librdkafka).toMatchObject({ 'retry.backoff.ms': '5' });
    const env = { KAFKA_RETRY_BACKOFF: '200', KAFKA_REQUEST_TIMEOUT: '9000' };
    const { kafka } = fromFile(file, { env });
    expect(kafka.librdkafka).toBeUndefined();
    expect(kafka).toMatchObject({ requestTimeout: 9_000, retry: { initialRetryTime: 200 } });
  });

  test('a higher source turns TLS or SASL off', () => {
    const file =
      'bootstrap.servers=a:1\nsecurity.protocol=SASL_SSL\nsasl.username=u\nsasl.password=p';
    expect(fromFile(file).kafka).toMatchObject({ ssl: true, sasl: { username: 'u' } });
    const off = fromFile(file, { env: { KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT' } });
    expect(off.kafka.ssl).toBe(false);
    expect(off.kafka.sasl).toBeUndefined();
  });

  test('TLS options of the program stay, whatever turned TLS on', () => {
    const ssl = { rejectUnauthorized: false };
    const { kafka } = fromEnv({ ...B, KAFKA_SSL_ENABLED: 'true' }, { options: { ssl } });
    expect(kafka.ssl).toMatchObject(ssl);
  });

  test('KAFKA_CLIENT_PROPERTIES names the file', () => {
    const env = { KAFKA_CLIENT_PROPERTIES: fileWith('bootstrap.servers=there:1') };
    expect(resolveConfiguration({ env }).kafka.brokers).toEqual(['there:1']);
  });

  test('what a program gives goes through: callbacks, blocks of clients, librdkafka', () => {
    const logCreator = () => () => {};
    const { kafka, producer, consumer } = fromOptions({
      brokers: () => ['a:1'],
      logCreator,
      retry: { multiplier: 3 },
      producer: { acks: 1, librdkafka: { 'linger.ms': 3 } },
      consumer: { fromBeginning: true },
      librdkafka: { 'client.id': 'x', 'queue.buffering.max.kbytes': 100 },
    });
    expect(kafka).toMatchObject({ logCreator, clientId: 'x', retry: { multiplier: 3 } });
    expect(kafka.librdkafka).toMatchObject({ 'queue.buffering.max.kbytes': 100 });
    expect(producer).toMatchObject({ acks: 1, librdkafka: { 'linger.ms': 3 } });
    expect(consumer).toMatchObject({ fromBeginning: true });
  });

  test("a catalog's variables rename its topics", () => {
    const variables = { topics: { MY_TOPIC: 'my-topic' }, parameters: { MY_ORG: 'org' } };
    const env = { ...B, MY_TOPIC: 'x', MY_ORG: 'o' };
    expect(fromEnv(env, { variables })).toMatchObject({
      topics: { 'my-topic': 'x' },
      parameters: { org: 'o' },
    });
  });
});

describe('what is wrong is said at once, with its origin', () => {
  test('everything in one error', () => {
    const file = fileWith('bootstrap.servers=kafka\nbad=\\u1\nsesion.timeout.ms=1');
    const messages = problemsOf(() =>
      resolveConfiguration({
        file,
        env: {
          KAFKA_SESSION_TIMEOUT: 'soon',
          KAFKA_SSL_ENABLED: 'maybe',
          KAFKA_LOG_LEVEL: 'LOUD',
        },
        options: { clientID: 'x', requestTimeout: '5', consumer: { sesionTimeout: 5 } },
      }),
    );
    expect(messages).toEqual([
      expect.stringMatching(/client\.properties:2: expected four hexadecimal/),
      expect.stringMatching(/client\.properties:1 \(bootstrap\.servers\): .*'kafka'/),
      "KAFKA_SSL_ENABLED: expected true or false but received 'maybe'",
      "KAFKA_SESSION_TIMEOUT: expected a whole number from 1 to 3600000 but received 'soon'",
      expect.stringMatching(/^KAFKA_LOG_LEVEL: expected NOTHING.* but received 'LOUD'$/),
      'options.clientID: is unknown: did you mean "clientId"?',
      "options.requestTimeout: expected a whole number from 0 to 2147483647 but received '5'",
      'options.consumer.sesionTimeout: is unknown: did you mean "sessionTimeout"?',
      expect.stringMatching(/:2 \(bad\): Unknown librdkafka property "bad"/),
      expect.stringMatching(/:3 \(sesion\.timeout\.ms\): .*session\.timeout\.ms/),
    ]);
  });

  const EVENT_HUBS = {
    KAFKA_BROKERS: 'ns.servicebus.windows.net:9093',
    KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
    KAFKA_SASL_USERNAME: '$ConnectionString',
    KAFKA_SASL_PASSWORD: 'Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKey=s3cret',
  };
  const LOGIN = { KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 's3cret' };

  test.each([
    [{}, [/^brokers: none are given.*KAFKA_BOOTSTRAP_SERVERS/]],
    [
      { KAFKA_BROKERS: 'a:1', KAFKA_BOOTSTRAP_SERVERS: 'b:2' },
      [/^KAFKA_BROKERS: says 'a:1', but KAFKA_BOOTSTRAP_SERVERS says 'b:2'/],
    ],
    [
      { ...B, KAFKA_SASL_ENABLED: 'true' },
      [
        /^KAFKA_SASL_ENABLED: true needs KAFKA_SASL_USERNAME/,
        /^KAFKA_SASL_ENABLED: true needs KAFKA_SASL_PASSWORD/,
      ],
    ],
    [
      { ...B, ...LOGIN, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SSL_ENABLED: 'false' },
      [/^KAFKA_SSL_ENABLED: is false, but KAFKA_SECURITY_PROTOCOL is SASL_SSL$/],
    ],
    [
      { ...B, ...LOGIN, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SASL_ENABLED: 'false' },
      [/^KAFKA_SASL_ENABLED: is false, but KAFKA_SECURITY_PROTOCOL is SASL_SSL$/],
    ],
    [
      { ...B, KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT', KAFKA_SSL_ENABLED: 'true' },
      [/^KAFKA_SSL_ENABLED: is true, but KAFKA_SECURITY_PROTOCOL is PLAINTEXT$/],
    ],
    [{ ...B, ...LOGIN }, [/^KAFKA_SASL_USERNAME: needs a security protocol .* PLAINTEXT$/]],
    [
      {
        ...B,
        ...LOGIN,
        KAFKA_SASL_ENABLED: 'on',
        KAFKA_SASL_MECHANISM: 'plain',
        KAFKA_SASL_MECHANISMS: 'SCRAM-SHA-256',
      },
      [/^KAFKA_SASL_MECHANISM: says 'plain', but KAFKA_SASL_MECHANISMS says 'SCRAM-SHA-256'/],
    ],
    [
      { ...B, KAFKA_SASL_ENABLED: 'on', KAFKA_SASL_MECHANISM: 'oauthbearer' },
      [/^KAFKA_SASL_MECHANISM: OAUTHBEARER needs options\.sasl\.oauthBearerProvider/],
    ],
    [
      { ...EVENT_HUBS, KAFKA_SASL_USERNAME: '' },
      [/needs KAFKA_SASL_USERNAME.*\$ConnectionString.*single quotes/],
    ],
    [
      { ...EVENT_HUBS, KAFKA_SASL_USERNAME: 'me' },
      [/^KAFKA_SASL_USERNAME: is not the text \$ConnectionString, but KAFKA_SASL_PASSWORD/],
    ],
    [
      { ...EVENT_HUBS, KAFKA_SASL_PASSWORD: 's3cret' },
      [/^KAFKA_SASL_PASSWORD: is no connection string.*KAFKA_SASL_USERNAME/],
    ],
    [
      { ...EVENT_HUBS, KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT' },
      [/^KAFKA_BROKERS: is Azure Event Hubs.*SASL_PLAINTEXT$/],
    ],
  ])('%j', (env, patterns) => {
    const messages = problemsOf(() => fromEnv(env));
    expect(messages).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
  });

  test('names that mean the same and say the same are no contradiction', () => {
    const env = { KAFKA_BROKERS: 'a:1,b:2', KAFKA_BOOTSTRAP_SERVERS: 'a:1, b:2' };
    expect(fromEnv(env).kafka.brokers).toEqual(['a:1', 'b:2']);
  });

  test('credentials that are switched off are no contradiction', () => {
    expect(fromEnv({ ...B, ...LOGIN, KAFKA_SASL_ENABLED: 'false' }).kafka.sasl).toBeUndefined();
  });

  test('credentials above a default that is off: the switch was forgotten', () => {
    const defaults = { sasl: false };
    expect(problemsOf(() => fromEnv({ ...B, ...LOGIN }, { defaults }))).toEqual([
      expect.stringMatching(/^KAFKA_SASL_USERNAME: needs .*PLAINTEXT \(defaults\.sasl\)$/),
    ]);
  });

  test('two names of one property in a file', () => {
    const file = 'bootstrap.servers=a:1\nmetadata.broker.list=b:1';
    expect(problemsOf(() => fromFile(file))).toEqual([
      expect.stringMatching(/:2 \(metadata\.broker\.list\): does not agree with .*:1/),
    ]);
  });

  test.each([
    [{ brokers: 'a:1' }, /options\.brokers: expected host:port.*'a:1'/],
    [{ brokers: ['a'] }, /options\.brokers: expected/],
    [{ brokers: ['a:1'], acks: 1 }, /options\.acks: is unknown/],
    [{ brokers: ['a:1'], producer: { acks: 7 } }, /options\.producer\.acks: .*-1, 0, 1/],
    [{ brokers: ['a:1'], sasl: 'plain' }, /options\.sasl: expected an object/],
    [{ brokers: ['a:1'], topics: { a: 1 } }, /options\.topics\.a: expected a non-empty string/],
    [
      { brokers: ['a:1'], sasl: { mechanism: 'plain', username: 'u', password: { s3cret: 1 } } },
      /options\.sasl\.password: .*a secret value/,
    ],
    [
      { brokers: ['a:1'], librdkafka: { 'sasl.pasword': 's3cret' } },
      /options\.librdkafka\.sasl\.pasword: .*sasl\.password/,
    ],
  ])('options %j', (options, pattern) => {
    expect(problemsOf(() => fromOptions(options))).toEqual([expect.stringMatching(pattern)]);
  });

  test('options that are none', () => {
    expect(problemsOf(() => fromOptions([]))[0]).toMatch(/^options: expected an object/);
  });
});

test('the table of docs/configuration.md is the table of the source', () => {
  const doc = fs.readFileSync(path.join(__dirname, '../../../docs/configuration.md'), 'utf8');
  const section = doc.slice(doc.indexOf('## Service configuration'));
  const rows = section
    .split('\n')
    .filter((line) => /^\| `[\w.]+` \|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const names = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  expect(
    rows.map(([, name, variables, properties]) => [
      ...names(name),
      names(variables),
      names(properties),
    ]),
  ).toEqual(
    SETTINGS.map(({ name, variables, properties }) => [
      name,
      name === 'logLevel' ? [...variables, 'DEBUG=kafka*'] : variables,
      properties,
    ]),
  );
});
