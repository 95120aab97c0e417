'use strict';

// TLS and logins against a broker that insists on them, and what the addon file itself exports and links.

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const tls = require('node:tls');
const {
  Kafka,
  KafkaJSConnectionError,
  KafkaJSError,
  KafkaJSSASLAuthenticationError,
  logLevel,
} = require('../../lib');
const { startKafka } = require('../../scripts/real-kafka');
const { makeCertificates } = require('../../scripts/real-kafka/certificates');

/** connect() tries for 15 s where trying again may help. */
const SOON_MS = 12_000;
const PASSWORD = { paula: 'plain-secret', sam: 'scram-secret', tom: 'scram-512-secret' };
const USERS = [
  { name: 'paula', mechanism: 'PLAIN' },
  { name: 'sam', mechanism: 'SCRAM-SHA-256' },
  { name: 'tom', mechanism: 'SCRAM-SHA-512' },
].map((user) => ({ ...user, password: PASSWORD[user.name] }));

let kafka;
let ca;

beforeAll(async () => {
  kafka = await startKafka({
    tls: true,
    listeners: [
      'SSL',
      { name: 'MUTUAL', protocol: 'SSL' },
      'SASL_SSL',
      { name: 'LOGIN', protocol: 'SASL_PLAINTEXT' },
    ],
    users: USERS,
    properties: { 'listener.name.mutual.ssl.client.auth': 'required' },
  });
  ca = fs.readFileSync(kafka.certificates.ca, 'utf8');
});
afterAll(() => kafka?.stop());

let number = 0;

function clientOf(listener, options) {
  return new Kafka({
    brokers: kafka.listeners[listener].split(','),
    logLevel: logLevel.NOTHING,
    ...options,
  });
}

/** Sends a message and reads it back. */
async function roundTrip(client) {
  const topic = `security-${number++}`;
  const producer = client.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ key: 'k', value: topic }] });
  await producer.disconnect();
  const consumer = client.consumer({ groupId: topic });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const value = await new Promise((resolve, reject) => {
    consumer
      .run({ eachMessage: async ({ message }) => resolve(message.value.toString()) })
      .catch(reject);
  });
  await consumer.disconnect();
  expect(value).toBe(topic);
}

/** The error of connect(), which must come soon, from each kind of client. */
async function refusal(client) {
  const clients = [client.producer(), client.consumer({ groupId: 'refused' }), client.admin()];
  const started = Date.now();
  const errors = await Promise.all(
    clients.map((each) =>
      each.connect().then(
        () => null,
        (error) => error,
      ),
    ),
  );
  const tookMs = Date.now() - started;
  await Promise.all(clients.map((each) => each.disconnect()));
  expect(tookMs).toBeLessThan(SOON_MS);
  const codes = new Set(errors.map((error) => error?.errorCode));
  expect(codes.size).toBe(1);
  return errors[0];
}

describe('TLS', () => {
  test('a message goes round, the CA given as a PEM string', () =>
    roundTrip(clientOf('SSL', { ssl: { ca } })));

  test('the CA as a Buffer, in a list among others', () =>
    roundTrip(clientOf('SSL', { ssl: { ca: [tls.rootCertificates[0], Buffer.from(ca)] } })));

  test('rejectUnauthorized: false takes any certificate', () =>
    roundTrip(clientOf('SSL', { ssl: { rejectUnauthorized: false } })));

  test('the public CAs do not vouch for our broker', async () => {
    const error = await refusal(clientOf('SSL', { ssl: true }));
    expect(error).toBeInstanceOf(KafkaJSConnectionError);
    expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_TLS' });
  });

  test('a wrong CA is refused', async () => {
    const directory = path.join(kafka.dir, 'other-certificates');
    const other = fs.readFileSync(makeCertificates(directory).ca, 'utf8');
    const error = await refusal(clientOf('SSL', { ssl: { ca: other } }));
    expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_TLS' });
    expect(error.message).toMatch(/certificate/i);
  });

  test('the certificate must be for the host that was asked', async () => {
    // It names localhost and 127.0.0.1, not this address, which leads there too.
    const brokers = [kafka.listeners.SSL.replace('127.0.0.1', '0.0.0.0')];
    const client = new Kafka({ brokers, ssl: { ca }, logLevel: logLevel.NOTHING });
    expect(await refusal(client)).toMatchObject({ errorCode: 'ERR_KAFKA_TLS' });
  });

  test('a client certificate lets us in where the broker wants one', async () => {
    const cert = fs.readFileSync(kafka.certificates.clientCertificate, 'utf8');
    const key = fs.readFileSync(kafka.certificates.clientKey, 'utf8');
    await roundTrip(clientOf('MUTUAL', { ssl: { ca, cert, key } }));
    const error = await refusal(clientOf('MUTUAL', { ssl: { ca } }));
    expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_TLS' });
  });

  test('without TLS to a TLS port fails, typed', async () => {
    const options = { connectionTimeout: 500, retry: { retries: 2, initialRetryTime: 50 } };
    const error = await refusal(clientOf('SSL', options));
    expect(error).toBeInstanceOf(KafkaJSError);
  });
});

describe.each([
  ['plain', 'paula'],
  ['scram-sha-256', 'sam'],
  ['scram-sha-512', 'tom'],
])('a login by %s', (mechanism, username) => {
  const sasl = (password) => ({ mechanism, username, password });

  test('over TLS', () =>
    roundTrip(clientOf('SASL_SSL', { ssl: { ca }, sasl: sasl(PASSWORD[username]) })));

  test('without TLS', () => roundTrip(clientOf('LOGIN', { sasl: sasl(PASSWORD[username]) })));

  test('a wrong password is refused, and shown nowhere', async () => {
    const wrong = 'not-the-password';
    const error = await refusal(clientOf('SASL_SSL', { ssl: { ca }, sasl: sasl(wrong) }));
    expect(error).toBeInstanceOf(KafkaJSSASLAuthenticationError);
    expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_AUTHENTICATION', retriable: false });
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(wrong);
  });
});

test('setSaslCredentials() before connect() and after', async () => {
  const logged = [];
  const kafka = clientOf('LOGIN', {
    sasl: { mechanism: 'plain', username: 'paula', password: 'not-the-password' },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => logged.push(entry.log.message),
  });
  const producer = kafka.producer();
  await expect(producer.connect()).rejects.toBeInstanceOf(KafkaJSSASLAuthenticationError);
  producer.setSaslCredentials({ username: 'paula', password: PASSWORD.paula });
  try {
    await producer.connect();
    // The first message opens the connection to the partition's leader, which is a login, too.
    await producer.send({ topic: 'credentials', messages: [{ value: 'x' }] });
    logged.length = 0;
    producer.setSaslCredentials({ username: 'paula', password: 'of-the-next-login' });
    await producer.send({ topic: 'credentials', messages: [{ value: 'y' }] });
    expect(logged).toEqual([]);
  } finally {
    await producer.disconnect();
  }
  // A connection of its own, and so a login, is what uses them.
  await expect(producer.connect()).rejects.toBeInstanceOf(KafkaJSSASLAuthenticationError);
  expect(() => producer.setSaslCredentials({ username: 'paula' })).toThrow(
    'Expected a string for password but received undefined of type undefined',
  );
});

describe('the addon file', () => {
  const addon = path.join(__dirname, '..', '..', 'build', 'Release', 'easyflow_kafka.node');
  const run = (command, args) => execFileSync(command, args, { encoding: 'utf8' });

  test("exports Node-API's two symbols and nothing else", () => {
    const names = run('nm', ['-D', '--defined-only', addon])
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).at(-1).split('@')[0])
      .filter((name) => name !== 'EASYFLOW_KAFKA'); // a version node may stand among them
    expect(names.sort()).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
  });

  test("takes nothing of node's OpenSSL, zlib or zstd", () => {
    // Weak ones (w) are zstd's own hooks, which nobody has to define.
    const wanted = run('nm', ['-D', '--undefined-only', addon])
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([type]) => type === 'U')
      .map(([, name]) => name);
    const foreign = /^(SSL|TLS|EVP|X509|CRYPTO|OPENSSL|BIO|ERR|RAND|PEM|ZSTD|LZ4F?)_|^(in|de)flate/;
    expect(wanted.filter((name) => foreign.test(name))).toEqual([]);
    expect(wanted.some((name) => name.startsWith('napi_'))).toBe(true);
  });

  test('needs only what every glibc system has', () => {
    const needed = [...run('readelf', ['-d', addon]).matchAll(/\(NEEDED\).*\[(.+)\]/g)];
    const libraries = needed.map(([, library]) => library.replace(/\.so.*/, ''));
    expect(libraries.sort().join(' ')).toMatch(
      /^(ld-linux\S* )?libc( libdl)?( libm)?( libpthread)?( librt)?$/,
    );
  });

  test('stays loaded when a worker that used it ends', () => {
    expect(run('readelf', ['-d', addon])).toMatch(/FLAGS_1.*NODELETE/);
  });
});
