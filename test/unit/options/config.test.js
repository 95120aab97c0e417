'use strict';

const { kafkaOptions, clientOptions } = require('../../../lib/options/kafka-options');
const { producerConfig } = require('../../../lib/options/config/producer');
const { consumerConfig, PartitionAssigners } = require('../../../lib/options/config/consumer');
const { adminConfig } = require('../../../lib/options/config/admin');
const native = require('../../../lib/binding');
const registry = require('../../../lib/embedded-registry');

const brokers = ['a:1', 'b:2'];

function map({ entries }) {
  const names = entries.map(([name]) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const [, value] of entries) expect(typeof value).toBe('string');
  return Object.fromEntries(entries);
}

function producer(kafkaGiven, given, variant) {
  const { kafka, options } = clientOptions(
    kafkaOptions({ brokers, ...kafkaGiven }),
    'producer',
    given,
  );
  return map(producerConfig(kafka, options, brokers, variant));
}

function consumer(kafkaGiven, given) {
  const { kafka, options } = clientOptions(kafkaOptions({ brokers, ...kafkaGiven }), 'consumer', {
    groupId: 'g',
    ...given,
  });
  const config = consumerConfig(kafka, options, brokers);
  return { ...config, properties: map(config) };
}

describe('librdkafka accepts the defaults', () => {
  const noEvents = () => {};
  const close = (client) => client.request(1, 'close', '{"timeoutMs":0}');

  test('of a producer, its variants and a transactional one', () => {
    for (const [given, variant] of [
      [{}, {}],
      [{}, { acks: 1, compression: 'zstd', timeout: 5 }],
      [{}, { acks: 0 }],
      [{ transactionalId: 't' }, { transactional: true }],
      [{ transactionalId: 't', transactionTimeout: 1_000 }, { transactional: true }],
      [{ transactionalId: 't' }, { transactional: false }],
      [{ maxInFlightRequests: 1, retry: { retries: 3, initialRetryTime: 5_000 } }, {}],
      [{ retry: { retries: 0 } }, {}],
      [{ idempotent: false, metadataMaxAge: 0 }, {}],
    ]) {
      close(new native.Producer(Object.entries(producer({}, given, variant)), noEvents));
    }
  });

  test('of consumers', () => {
    for (const given of [
      {},
      { partitionAssigners: [PartitionAssigners.cooperativeSticky] },
      { partitionAssigners: [PartitionAssigners.sticky, PartitionAssigners.range] },
      { groupProtocol: 'consumer' },
      { maxBytes: 100, maxBytesPerPartition: 10, minBytes: 1 },
      { maxBytes: 2_000_000_000 },
      { sessionTimeout: 120_000, rebalanceTimeout: 1_000 },
      { groupInstanceId: 'i', rackId: 'r', readUncommitted: true },
    ]) {
      const { entries, native: options } = consumer({}, given);
      close(new native.Consumer(entries, options, noEvents));
    }
  });

  test('of an admin client, with TLS and SASL', () => {
    const kafka = kafkaOptions({
      brokers,
      ssl: true,
      sasl: { mechanism: 'SCRAM-sha-512', username: 'u', password: 'p' },
    });
    const admin = clientOptions(kafka, 'admin', {});
    const config = adminConfig(admin.kafka, admin.options, brokers);
    expect(map(config)).toMatchObject({
      'topic.metadata.refresh.interval.ms': '3000',
      'security.protocol': 'sasl_ssl',
      'sasl.mechanisms': 'SCRAM-SHA-512',
      'sasl.username': 'u',
      'sasl.password': 'p',
      'ssl.endpoint.identification.algorithm': 'https',
    });
    close(new native.Admin(config.entries, noEvents));
  });
});

describe('producer', () => {
  test('defaults', () => {
    expect(producer({}, {})).toMatchObject({
      'bootstrap.servers': 'a:1,b:2',
      'client.id': 'easyflow-kafka',
      'enable.idempotence': 'true',
      acks: '-1',
      'compression.codec': 'none',
      'linger.ms': '0',
      partitioner: 'murmur2_random',
      'socket.nagle.disable': 'true',
      'reconnect.backoff.max.ms': '1000',
      'queue.buffering.max.messages': '0',
      'request.timeout.ms': '30000',
      'allow.auto.create.topics': 'true',
      'statistics.interval.ms': '0',
    });
    expect(producer({}, {})).not.toHaveProperty('retries');
  });

  test('a broker that is back is tried within a second, unless the first wait is longer', () => {
    const backoff = { 'reconnect.backoff.ms': 3_000 };
    expect(producer({}, { librdkafka: backoff })['reconnect.backoff.max.ms']).toBe('3000');
    const max = { 'reconnect.backoff.max.ms': 7_000 };
    expect(producer({}, { librdkafka: max })['reconnect.backoff.max.ms']).toBe('7000');
  });

  test('acks other than -1 switch idempotence off, and contradict idempotent: true', () => {
    expect(producer({}, { acks: 1 })['enable.idempotence']).toBe('false');
    expect(producer({}, {}, { acks: 1 })).toMatchObject({
      acks: '1',
      'enable.idempotence': 'false',
    });
    expect(() => producer({}, { acks: 1, idempotent: true })).toThrow(/acks/);
    expect(() => producer({}, { idempotent: true, maxInFlightRequests: 6 })).toThrow(/maxInFlight/);
    expect(producer({}, { maxInFlightRequests: 9 })['max.in.flight']).toBe('5');
    expect(producer({}, { idempotent: false, maxInFlightRequests: 9 })['max.in.flight']).toBe('9');
  });

  test('the user’s properties win, by any of their names', () => {
    const given = producer(
      { librdkafka: { 'queue.buffering.max.ms': 7, 'client.id': 'x' } },
      { librdkafka: { 'compression.type': 'lz4', 'delivery.timeout.ms': 1234 } },
    );
    expect(given).toMatchObject({
      'linger.ms': '7',
      'client.id': 'x',
      'compression.codec': 'lz4',
      'message.timeout.ms': '1234',
    });
  });

  test('the delivery time follows the retry options and fits into a transaction', () => {
    expect(Number(producer({}, {})['message.timeout.ms'])).toBe(39_300);
    expect(Number(producer({ retry: { retries: 0 } }, {})['message.timeout.ms'])).toBe(30_001);
    const transactional = producer(
      {},
      { transactionalId: 't', transactionTimeout: 5_000 },
      { transactional: true },
    );
    expect(transactional).toMatchObject({
      'transactional.id': 't',
      'transaction.timeout.ms': '5000',
      'message.timeout.ms': '5000',
      'socket.timeout.ms': '5000',
    });
  });
});

describe('consumer', () => {
  test('defaults', () => {
    const { properties, native: options, settings } = consumer({}, {});
    expect(properties).toMatchObject({
      'group.id': 'g',
      'session.timeout.ms': '30000',
      'heartbeat.interval.ms': '3000',
      'max.poll.interval.ms': '60000',
      'partition.assignment.strategy': 'roundrobin',
      'fetch.message.max.bytes': '1048576',
      'fetch.max.bytes': '10485760',
      'fetch.wait.max.ms': '500',
      'fetch.queue.backoff.ms': '5',
      'isolation.level': 'read_committed',
      'enable.auto.commit': 'false',
      'enable.auto.offset.store': 'false',
      'enable.partition.eof': 'true',
      'auto.offset.reset': 'latest',
      'allow.auto.create.topics': 'true',
    });
    expect(options).toEqual({
      maxBatchMessages: 4096,
      maxBatchBytes: 1048576,
      maxBatchWaitMs: 0,
      maxBlocksPerPartition: 2,
      maxOutstandingBytes: 67108864,
      rebalanceTimeoutMs: 60000,
      pollIntervalMs: 10000,
    });
    expect(settings).toMatchObject({
      groupId: 'g',
      fromBeginning: false,
      groupProtocol: 'classic',
    });
  });

  test('a property that is no number is left to librdkafka, and blamed on nothing else', () => {
    const { properties, native: limits } = consumer(
      {},
      { librdkafka: { 'session.timeout.ms': 'abc' } },
    );
    expect(properties['session.timeout.ms']).toBe('abc');
    expect(properties['max.poll.interval.ms']).toBe('60000');
    expect(limits.rebalanceTimeoutMs).toBe(60_000);
  });

  test('KIP-848 sets nothing that belongs to the broker', () => {
    const { properties } = consumer(
      {},
      { groupProtocol: 'consumer', groupRemoteAssignor: 'range' },
    );
    expect(properties).toMatchObject({
      'group.protocol': 'consumer',
      'group.remote.assignor': 'range',
    });
    for (const name of [
      'session.timeout.ms',
      'heartbeat.interval.ms',
      'partition.assignment.strategy',
    ]) {
      expect(properties).not.toHaveProperty([name]);
    }
    expect(() => consumer({}, { groupProtocol: 'consumer', sessionTimeout: 10_000 })).toThrow(
      /sessionTimeout/,
    );
  });

  test('what this package does itself is taken out of the properties', () => {
    const {
      properties,
      native: options,
      settings,
    } = consumer(
      {},
      {
        librdkafka: {
          'auto.offset.reset': 'earliest',
          'enable.auto.commit': false,
          'auto.commit.interval.ms': 777,
          'js.consumer.max.batch.size': 100,
        },
      },
    );
    expect(properties).toMatchObject({
      'enable.auto.commit': 'false',
      'auto.offset.reset': 'earliest',
    });
    expect(properties).not.toHaveProperty(['js.consumer.max.batch.size']);
    expect(options.maxBatchMessages).toBe(100);
    expect(settings).toMatchObject({
      fromBeginning: true,
      autoCommit: false,
      autoCommitInterval: 777,
    });
  });

  test('refuses what cannot work', () => {
    expect(() => consumer({}, { sessionTimeout: 3_000, heartbeatInterval: 3_000 })).toThrow(
      /heartbeat/,
    );
    expect(() => consumer({}, { partitionAssigners: [() => {}] })).toThrow(/not supported/);
    expect(() => consumer({}, { librdkafka: { 'enable.partition.eof': true } })).toThrow(
      /not supported/,
    );
  });

  test('fetches of an embedded broker wait shortly, because it does not answer early', () => {
    registry.add(brokers);
    try {
      expect(consumer({}, {}).properties['fetch.wait.max.ms']).toBe('10');
      expect(consumer({}, { maxWaitTimeInMs: 700 }).properties['fetch.wait.max.ms']).toBe('700');
    } finally {
      registry.remove(brokers);
    }
  });
});

describe('TLS', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----';

  test('Node’s root certificates unless the user gives some', () => {
    expect(producer({ ssl: true }, {})['ssl.ca.pem']).toMatch(/BEGIN CERTIFICATE/);
    expect(producer({ ssl: { ca: [Buffer.from(pem), pem] } }, {})['ssl.ca.pem']).toBe(
      `${pem}\n${pem}\n`,
    );
    expect(producer({ ssl: true, librdkafka: { 'ssl.ca.location': '/x' } }, {})).not.toHaveProperty(
      ['ssl.ca.pem'],
    );
    expect(producer({ librdkafka: { 'security.protocol': 'SSL' } }, {})['ssl.ca.pem']).toMatch(
      /BEGIN/,
    );
  });

  test('rejectUnauthorized: false accepts any certificate of any host', () => {
    const given = producer(
      { ssl: { rejectUnauthorized: false, cert: pem, key: pem, passphrase: 'p' } },
      {},
    );
    expect(given).toMatchObject({
      'security.protocol': 'ssl',
      'enable.ssl.certificate.verification': 'false',
      'ssl.endpoint.identification.algorithm': 'none',
      'ssl.certificate.pem': `${pem}\n`,
      'ssl.key.pem': `${pem}\n`,
      'ssl.key.password': 'p',
    });
    expect(given).not.toHaveProperty(['ssl.ca.pem']);
  });
});
