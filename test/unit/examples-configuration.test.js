'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { logLevel } = require('../..');
const { ConfigurationError, readConfiguration } = require('../../examples/lib/configuration');
const { kafkaFor } = require('../../examples/lib/cluster');

let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'examples-configuration-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const NO_FILE = '/nonexistent/client.properties';
const fromEnv = (env) => readConfiguration({}, env, NO_FILE).cluster;

function fileWith(text) {
  const file = path.join(folder, 'client.properties');
  fs.writeFileSync(file, text);
  return file;
}
const fromFile = (text, env = {}) => readConfiguration({}, env, fileWith(text)).cluster;

function failureOf(action) {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.exitCode).toBe(2);
    expect(error.message).not.toMatch(/\n|s3cret/);
    return error.message;
  }
  throw new Error('Expected a ConfigurationError');
}

const SASL = {
  KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092',
  KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
  KAFKA_SASL_MECHANISMS: 'PLAIN',
  KAFKA_SASL_USERNAME: 'user',
  KAFKA_SASL_PASSWORD: 's3cret',
};

describe('what is read', () => {
  test('nothing configured: the embedded broker', () => {
    expect(readConfiguration({}, {}, NO_FILE)).toEqual({ cluster: null, logLevel: logLevel.ERROR });
  });

  test('an empty variable counts as not set', () => {
    expect(fromEnv({ KAFKA_BOOTSTRAP_SERVERS: '', KAFKA_SASL_PASSWORD: '' })).toBeNull();
  });

  test('a list of brokers', () => {
    const cluster = fromEnv({ KAFKA_BOOTSTRAP_SERVERS: 'a:9092, b.example.org:9093,[::1]:9094' });
    expect(cluster).toMatchObject({
      brokers: ['a:9092', 'b.example.org:9093', '[::1]:9094'],
      ssl: false,
      sasl: undefined,
      origin: 'KAFKA_BOOTSTRAP_SERVERS',
    });
  });

  test('KAFKA_BROKERS means the same, KAFKA_BOOTSTRAP_SERVERS comes first', () => {
    expect(fromEnv({ KAFKA_BROKERS: 'a:1' }).brokers).toEqual(['a:1']);
    const both = { KAFKA_BROKERS: 'a:1', KAFKA_BOOTSTRAP_SERVERS: 'b:2' };
    expect(fromEnv(both).brokers).toEqual(['b:2']);
  });

  test('SASL over TLS, the mechanism under either name', () => {
    const sasl = { mechanism: 'plain', username: 'user', password: 's3cret' };
    expect(fromEnv(SASL)).toMatchObject({ ssl: true, sasl });
    const other = { ...SASL, KAFKA_SASL_MECHANISMS: '', KAFKA_SASL_MECHANISM: 'scram-sha-512' };
    expect(fromEnv(other).sasl.mechanism).toBe('scram-sha-512');
  });

  test('a file, with properties that go on to librdkafka', () => {
    const cluster = fromFile(
      'bootstrap.servers=a:1,\\\n  b:2\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n' +
        'sasl.username=user\nsasl.password=pa\\=ss\nsession.timeout.ms=45000\nschema.registry.url=x',
    );
    expect(cluster.brokers).toEqual(['a:1', 'b:2']);
    expect(cluster.sasl.password).toBe('pa=ss');
    expect(Object.keys(cluster.properties)).toEqual(['session.timeout.ms']);
    expect(() => kafkaFor(cluster, {})).not.toThrow();
  });

  test("a Java client's login line", () => {
    const { sasl } = fromFile(
      'bootstrap.servers=a:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n' +
        'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\\n' +
        '  username="user" \\\n  password=\'s3cret\';',
    );
    expect(sasl).toEqual({ mechanism: 'plain', username: 'user', password: 's3cret' });
  });

  test('flags before environment before file, setting by setting', () => {
    const file = 'bootstrap.servers=file:1\nclient.id=mine';
    expect(fromFile(file).brokers).toEqual(['file:1']);
    const env = { KAFKA_BOOTSTRAP_SERVERS: 'env:2' };
    const cluster = fromFile(file, env);
    expect(cluster.brokers).toEqual(['env:2']);
    expect(cluster.properties['client.id'].value).toBe('mine');
    const flags = { 'bootstrap-servers': 'flag:3' };
    expect(readConfiguration(flags, env, fileWith(file)).cluster.brokers).toEqual(['flag:3']);
  });

  test('--config before KAFKA_CLIENT_PROPERTIES before the current directory', () => {
    const current = fileWith('bootstrap.servers=current:1');
    const write = (name, text) => {
      fs.writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    };
    const env = { KAFKA_CLIENT_PROPERTIES: write('env', 'bootstrap.servers=env:1') };
    expect(readConfiguration({}, env, current).cluster.brokers).toEqual(['env:1']);
    const flags = { config: write('flag', 'bootstrap.servers=flag:1') };
    expect(readConfiguration(flags, env, current).cluster.brokers).toEqual(['flag:1']);
  });

  test('KAFKA_LOG_LEVEL and DEBUG as in the other EasyFlow clients', () => {
    const levelOf = (env) => readConfiguration({}, env, NO_FILE).logLevel;
    expect(levelOf({ KAFKA_LOG_LEVEL: 'debug' })).toBe(logLevel.DEBUG);
    expect(levelOf({ DEBUG: 'http,kafka*' })).toBe(logLevel.DEBUG);
    expect(levelOf({ DEBUG: 'http' })).toBe(logLevel.ERROR);
  });
});

describe('what is refused, in one line that says where it stands and shows no secret', () => {
  test.each([
    [{ KAFKA_BOOTSTRAP_SERVERS: 'kafka' }, /^KAFKA_BOOTSTRAP_SERVERS: .*'kafka'$/],
    [{ KAFKA_BOOTSTRAP_SERVERS: 'kafka:0' }, /host:port.*'kafka:0'/],
    [{ KAFKA_BOOTSTRAP_SERVERS: 'kafka:65536' }, /'kafka:65536'/],
    [{ KAFKA_BOOTSTRAP_SERVERS: 'a:1,,b:2' }, /received ''/],
    [{ KAFKA_BOOTSTRAP_SERVERS: 'u:s3cret@kafka:9092' }, /'\*\*\*@kafka:9092'/],
    [{ KAFKA_BROKERS: 'http://kafka:9092' }, /^KAFKA_BROKERS: /],
    [{ ...SASL, KAFKA_SECURITY_PROTOCOL: 'SASL' }, /^KAFKA_SECURITY_PROTOCOL: .*SASL_SSL.*'SASL'/],
    [{ ...SASL, KAFKA_SASL_MECHANISMS: 'MAGIC' }, /^KAFKA_SASL_MECHANISMS: .*'MAGIC'/],
    [{ ...SASL, KAFKA_SASL_USERNAME: '' }, /KAFKA_SASL_USERNAME.*missing/],
    [{ ...SASL, KAFKA_SASL_PASSWORD: '' }, /KAFKA_SASL_PASSWORD.*missing/],
    [{ ...SASL, KAFKA_SECURITY_PROTOCOL: '' }, /^KAFKA_SASL_MECHANISMS: .*PLAINTEXT/],
    [{ ...SASL, KAFKA_BOOTSTRAP_SERVERS: '' }, /no bootstrap servers/],
    [{ KAFKA_CLIENT_PROPERTIES: '/nonexistent' }, /^KAFKA_CLIENT_PROPERTIES: .*does not exist/],
    [{ KAFKA_CLIENT_PROPERTIES: os.tmpdir() }, /is a directory/],
    [{ KAFKA_LOG_LEVEL: 'LOUD' }, /^KAFKA_LOG_LEVEL: .*'LOUD'/],
  ])('%j', (env, message) => {
    expect(failureOf(() => fromEnv(env))).toMatch(message);
  });

  test.each([
    ['client.id=x', /client\.properties:1 \(client\.id\): .*no bootstrap servers/],
    ['\nbootstrap.servers=kafka', /client\.properties:2 \(bootstrap\.servers\): .*'kafka'/],
    ['bootstrap.servers=a:1\nx=\\uZZ', /client\.properties:2: .*hexadecimal/],
    [
      'bootstrap.servers=a:1\nsasl.jaas.config=Login required password="s3cret";',
      /client\.properties:2 \(sasl\.jaas\.config\): /,
    ],
    ['bootstrap.servers=a:1\nsasl.password=s3cret', /:2 \(sasl\.password\): .*PLAINTEXT/],
  ])('file %j', (text, message) => {
    expect(failureOf(() => fromFile(text))).toMatch(message);
  });

  test('several mistakes: a line for each', () => {
    const env = { KAFKA_BOOTSTRAP_SERVERS: 'kafka', KAFKA_LOG_LEVEL: 'LOUD' };
    expect(() => fromEnv(env)).toThrow(
      /^KAFKA_BOOTSTRAP_SERVERS: [^\n]*\nKAFKA_LOG_LEVEL: [^\n]*$/,
    );
  });

  test('a property that librdkafka does not know', () => {
    const cluster = fromFile('bootstrap.servers=a:1\nsesion.timeout.ms=1');
    const message = failureOf(() => kafkaFor(cluster, {}));
    expect(message).toMatch(/client\.properties:2 \(sesion\.timeout\.ms\): .*session\.timeout\.ms/);
  });
});
