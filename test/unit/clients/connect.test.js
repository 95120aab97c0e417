'use strict';

const net = require('node:net');
const {
  Kafka,
  EmbeddedKafka,
  logLevel,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSConnectionError,
  KafkaJSClosedError,
} = require('../../../lib');
const { freePort } = require('../support/free-port');

const quiet = { logLevel: logLevel.NOTHING };

const rejection = (promise) =>
  promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (e) => e,
  );

test('a refused connection fails after the retries, with the cause', async () => {
  const broker = `127.0.0.1:${await freePort()}`;
  const kafka = new Kafka({
    ...quiet,
    brokers: [broker],
    connectionTimeout: 1_500,
    retry: { retries: 2, initialRetryTime: 50 },
  });
  async function theCaller() {
    await kafka.producer().connect();
  }
  const error = await rejection(theCaller());
  expect(error).toBeInstanceOf(KafkaJSNumberOfRetriesExceeded);
  expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_RETRIES_EXCEEDED', retryCount: 2 });
  expect(error.cause).toBeInstanceOf(KafkaJSConnectionError);
  expect(error.cause).toMatchObject({ code: 'ECONNREFUSED', broker });
  expect(error.stack.split('\n')[1]).toMatch(/theCaller/);
});

/** What connect() has is all its time is over: not by an error that ends it before. */
const PATIENT = { connectionTimeout: 600_000 };

test('a name that does not exist fails soon', async () => {
  const kafka = new Kafka({ ...quiet, ...PATIENT, brokers: ['kafka.invalid:9092'] });
  const error = await rejection(kafka.producer().connect());
  expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_RESOLVE', code: 'ENOTFOUND' });
});

test('TLS to a port without TLS fails soon', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('this is no TLS server\n'));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const brokers = [`127.0.0.1:${server.address().port}`];
  const kafka = new Kafka({ ...quiet, ...PATIENT, brokers, ssl: true });
  expect(await rejection(kafka.producer().connect())).toMatchObject({ errorCode: 'ERR_KAFKA_TLS' });
  await new Promise((resolve) => server.close(resolve));
});

test('a broker that hangs up at once: the cause says what it may be', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kafka = new Kafka({
    ...quiet,
    brokers: [`127.0.0.1:${server.address().port}`],
    connectionTimeout: 2_000,
    retry: { retries: 1 },
  });
  const { cause } = await rejection(kafka.producer().connect());
  expect(cause).toBeInstanceOf(KafkaJSConnectionError);
  expect(cause.message).toMatch(/does the port want TLS/);
  await new Promise((resolve) => server.close(resolve));
});

test('disconnect() ends a connect() that waits', async () => {
  const brokers = [`127.0.0.1:${await freePort()}`];
  const producer = new Kafka({ ...quiet, ...PATIENT, brokers }).producer();
  const connecting = rejection(producer.connect());
  await new Promise((resolve) => setTimeout(resolve, 50));
  await producer.disconnect();
  expect(await connecting).toBeInstanceOf(KafkaJSClosedError);
});

test('brokers may be an async function, asked at each connect', async () => {
  const cluster = await EmbeddedKafka.start();
  let asked = 0;
  const brokers = async () => {
    asked += 1;
    return cluster.brokers;
  };
  const producer = new Kafka({ ...quiet, brokers }).producer();
  await producer.connect();
  await producer.disconnect();
  await producer.connect();
  await producer.disconnect();
  expect(asked).toBe(2);
  const failing = new Kafka({
    ...quiet,
    brokers: () => {
      throw new Error('no discovery');
    },
  });
  const error = await rejection(failing.producer().connect());
  expect(error).toBeInstanceOf(KafkaJSConnectionError);
  expect(error.message).toMatch(/no discovery/);
  const empty = new Kafka({ ...quiet, brokers: async () => [] });
  expect(await rejection(empty.producer().connect())).toMatchObject({ option: 'brokers' });
  await cluster.stop();
});

test('a property that librdkafka refuses is named at connect', async () => {
  const kafka = new Kafka({ ...quiet, brokers: ['b:1'], librdkafka: { 'linger.ms': 'soon' } });
  expect(await rejection(kafka.producer().connect())).toMatchObject({
    errorCode: 'ERR_KAFKA_CONFIG',
    option: 'linger.ms',
  });
});

describe('logs', () => {
  test('go to the user’s logCreator with namespace and level, and stop with disconnect()', async () => {
    const broker = `127.0.0.1:${await freePort()}`;
    const entries = [];
    const kafka = new Kafka({
      brokers: [broker],
      logLevel: logLevel.WARN,
      connectionTimeout: 2_000,
      retry: { retries: 1, initialRetryTime: 100 },
      logCreator: (level) => {
        expect(level).toBe(logLevel.WARN);
        return (entry) => entries.push(entry);
      },
    });
    await rejection(kafka.producer().connect());
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) {
      expect(entry).toMatchObject({
        namespace: 'Producer',
        level: expect.any(Number),
        label: expect.any(String),
        log: { timestamp: expect.any(String), message: expect.any(String) },
      });
      expect(entry.level).toBeLessThanOrEqual(logLevel.WARN);
    }
    const count = entries.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(entries).toHaveLength(count);
  });

  test('a level can be changed later, and a namespace has one of its own', () => {
    const entries = [];
    const kafka = new Kafka({
      brokers: ['b:1'],
      logCreator:
        () =>
        ({ log }) =>
          entries.push(log.message),
    });
    const logger = kafka.logger();
    logger.debug('1');
    logger.info('2');
    logger.setLogLevel(logLevel.ERROR);
    logger.info('3');
    logger.namespace('Loud', logLevel.DEBUG).debug('4');
    expect(entries).toEqual(['2', '4']);
  });
});
