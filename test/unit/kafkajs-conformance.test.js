'use strict';

// What KafkaJS 2.2's documentation lists, item by item, against the kafkajs package itself where that can say it, else on
// an embedded broker. The table of docs/migrating-from-kafkajs.md says the same in words. What needs more than a mock
// broker is in test/integration/compatibility-kafkajs.test.js.

const fs = require('node:fs');
const path = require('node:path');
const kafkajs = require('kafkajs');
const ours = require('../../lib');
const { until } = require('../shared/consumer-suite');

const { EmbeddedKafka, Kafka, logLevel, PartitionAssigners, Partitioners } = ours;
const page = fs.readFileSync(path.join(__dirname, '../../docs/migrating-from-kafkajs.md'), 'utf8');

const quiet = { logLevel: logLevel.NOTHING };
const both = { brokers: ['localhost:9092'], ...quiet };
const clients = [
  ['producer', { transactionalId: 't' }],
  ['consumer', { groupId: 'g' }],
  ['admin', {}],
];

describe('names', () => {
  const isError = (name) => name.startsWith('KafkaJS');
  const errors = Object.keys(kafkajs).filter(isError);

  test.each(Object.keys(kafkajs).filter((name) => !isError(name)))('%s', (name) => {
    expect(typeof ours[name]).toBe(typeof kafkajs[name]);
  });

  test.each([
    'logLevel',
    'CompressionTypes',
    'ConfigResourceTypes',
    'ConfigSource',
    'AclResourceTypes',
    'AclOperationTypes',
    'AclPermissionTypes',
    'ResourcePatternTypes',
  ])('values of %s', (name) => {
    expect(ours[name]).toMatchObject(kafkajs[name]);
  });

  test('members of Partitioners, PartitionAssigners and AssignerProtocol', () => {
    expect(Object.keys(ours.Partitioners)).toEqual(
      expect.arrayContaining(Object.keys(kafkajs.Partitioners)),
    );
    expect(Object.keys(PartitionAssigners)).toEqual(
      expect.arrayContaining(Object.keys(kafkajs.PartitionAssigners)),
    );
    for (const part of ['MemberMetadata', 'MemberAssignment']) {
      for (const name of Object.keys(kafkajs.AssignerProtocol[part]))
        expect(ours.AssignerProtocol[part][name]).toEqual(expect.any(Function));
    }
  });

  /** As KafkaJS's own code makes them. */
  const ARGUMENTS = {
    KafkaJSConnectionClosedError: ['m', { host: 'h', port: 1 }],
    KafkaJSConnectionError: ['m', { broker: 'h:1', code: 'ECONNREFUSED' }],
    KafkaJSRequestTimeoutError: [
      'm',
      { broker: 'b', correlationId: 1, createdAt: 2, sentAt: 3, pendingDuration: 4 },
    ],
    KafkaJSNumberOfRetriesExceeded: [new Error('m'), { retryCount: 5, retryTime: 6 }],
    KafkaJSOffsetOutOfRange: [
      { message: 'm', type: 'OFFSET_OUT_OF_RANGE', code: 1, retriable: true },
      { topic: 't', partition: 0 },
    ],
    KafkaJSMemberIdRequired: [
      { message: 'm', type: 'MEMBER_ID_REQUIRED', code: 79, retriable: true },
      { memberId: 'x' },
    ],
    KafkaJSProtocolError: [{ message: 'm', type: 'UNKNOWN', code: -1, retriable: false }],
    KafkaJSTopicMetadataNotLoaded: ['m', { topic: 't' }],
    KafkaJSStaleTopicMetadataAssignment: ['m', { topic: 't', unknownPartitions: [1] }],
    KafkaJSDeleteGroupsError: ['m', [{ groupId: 'g', errorCode: 1, error: new Error('e') }]],
    KafkaJSServerDoesNotSupportApiKey: ['m', { apiKey: 1, apiName: 'Fetch' }],
    KafkaJSDeleteTopicRecordsError: [
      { topic: 't', partitions: [{ partition: 0, offset: '1', error: { retriable: true } }] },
    ],
    KafkaJSCreateTopicError: [{ message: 'm', type: 'X', code: 2, retriable: false }, 't'],
    KafkaJSAlterPartitionReassignmentsError: [
      { message: 'm', type: 'X', code: 2, retriable: false },
      't',
      0,
    ],
    KafkaJSAggregateError: ['m', [new Error('e')]],
    KafkaJSNoBrokerAvailableError: [],
  };

  test.each(errors)('%s: ancestors and fields', (name) => {
    const names = (type) => (type.name ? [type.name, ...names(Object.getPrototypeOf(type))] : []);
    expect(names(ours[name])).toEqual(names(kafkajs[name]));
    const args = ARGUMENTS[name] ?? ['m'];
    const their = new kafkajs[name](...args);
    const our = new ours[name](...args);
    expect(our.message).toBe(their.message);
    // Its help pages are its own, and two of its classes bear the name of their base.
    const fields = { ...their };
    delete fields.helpUrl;
    delete fields.name;
    expect({ ...our }).toMatchObject(fields);
    expect(our.name).toBe(their.name === 'Error' ? 'Error' : name);
  });
});

describe.each(clients)('%s', (kind, options) => {
  const their = new kafkajs.Kafka(both)[kind](options);
  const our = new Kafka(both)[kind](options);

  test.each(Object.keys(their))('%s', (name) => {
    expect(typeof our[name]).toBe(typeof their[name]);
    expect(page).toContain(name);
  });

  test.each(Object.entries(their.events))('events.%s', (name, value) => {
    expect(our.events[name]).toBe(value);
    expect(our.on(value, () => {})).toEqual(expect.any(Function));
    expect(page).toContain(name);
  });

  test('logger() has its methods, and another level', () => {
    expect(Object.keys(our.logger())).toEqual(expect.arrayContaining(Object.keys(their.logger())));
    our.logger().setLogLevel(logLevel.ERROR);
  });
});

describe('options with the values of the documentation', () => {
  const retry = {
    maxRetryTime: 30_000,
    initialRetryTime: 300,
    factor: 0.2,
    multiplier: 2,
    retries: 5,
    restartOnFailure: async () => true,
  };
  const credentials = { username: 'my-username', password: 'my-password' };
  const kafkaOptions = [
    ['clientId', 'my-app'],
    ['brokers', async () => ['kafka1:9092', 'kafka2:9092']],
    ['ssl', true],
    ['ssl', { rejectUnauthorized: false, ca: ['pem'], key: 'pem', cert: 'pem' }],
    ['sasl', { mechanism: 'plain', ...credentials }],
    ['sasl', { mechanism: 'scram-sha-256', ...credentials }],
    ['sasl', { mechanism: 'scram-sha-512', ...credentials }],
    ['sasl', { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: 'token' }) }],
    ['authenticationTimeout', 10_000],
    ['reauthenticationThreshold', 10_000],
    ['connectionTimeout', 3_000],
    ['requestTimeout', 25_000],
    ['enforceRequestTimeout', false],
    ['logLevel', logLevel.ERROR],
    ['logCreator', () => () => {}],
    ['retry', retry],
  ];
  const producerOptions = [
    ['createPartitioner', () => () => 0],
    ['createPartitioner', Partitioners.LegacyPartitioner],
    ['createPartitioner', Partitioners.DefaultPartitioner],
    ['retry', retry],
    ['metadataMaxAge', 300_000],
    ['allowAutoTopicCreation', false],
    ['transactionTimeout', 30_000],
    ['idempotent', true],
    ['transactionalId', 'my-transactional-producer'],
    ['maxInFlightRequests', 1],
    ['maxInFlightRequests', null],
  ];
  const consumerOptions = [
    ['partitionAssigners', [PartitionAssigners.roundRobin]],
    ['sessionTimeout', 30_000],
    ['rebalanceTimeout', 60_000],
    ['heartbeatInterval', 3_000],
    ['metadataMaxAge', 300_000],
    ['allowAutoTopicCreation', true],
    ['maxBytesPerPartition', 1_048_576],
    ['minBytes', 1],
    ['maxBytes', 10_485_760],
    ['maxWaitTimeInMs', 5_000],
    ['retry', retry],
    ['readUncommitted', false],
    ['maxInFlightRequests', null],
    ['rackId', 'eu-west-1a'],
  ];
  test.each(kafkaOptions)('new Kafka({ %s })', (name, value) => {
    const kafka = new Kafka({ ...both, [name]: value });
    kafka.producer();
    kafka.consumer({ groupId: 'g' });
    kafka.admin();
    expect(page).toContain(`\`${name}\``);
  });
  test.each(producerOptions)('kafka.producer({ %s })', (name, value) => {
    new Kafka(both).producer({ [name]: value });
    expect(page).toContain(`\`${name}\``);
  });
  test.each(consumerOptions)('kafka.consumer({ %s })', (name, value) => {
    new Kafka(both).consumer({ groupId: 'my-group', [name]: value });
    expect(page).toContain(`\`${name}\``);
  });
  test('kafka.admin({ retry })', () => {
    new Kafka(both).admin({ retry });
  });

  test.each([
    ['socketFactory', () => new Kafka({ ...both, socketFactory: () => {} })],
    [
      'authenticationProvider',
      () => new Kafka({ ...both, sasl: { mechanism: 'x', authenticationProvider: () => {} } }),
    ],
    ['sasl.mechanism', () => new Kafka({ ...both, sasl: { mechanism: 'aws' } })],
    [
      'custom partition assigner',
      () => new Kafka(both).consumer({ groupId: 'g', partitionAssigners: [() => ({})] }),
    ],
  ])('%s is refused as unsupported, and the page says so', (name, make) => {
    expect(make).toThrow(ours.KafkaJSUnsupportedError);
    expect(make).toThrow(ours.KafkaJSNotImplemented);
    expect(page).toContain(name);
  });

  test('an assigner that does not exist: the possible ones are named', () => {
    const make = () => new Kafka(both).consumer({ groupId: 'g', partitionAssigners: [undefined] });
    expect(make).toThrow(
      "Expected one of 'roundrobin', 'range', 'sticky', 'cooperative-sticky' for partitionAssigners[0]",
    );
  });
});

describe('events and payloads on a broker', () => {
  let broker;
  let kafka;
  const open = [];
  beforeAll(async () => {
    broker = await EmbeddedKafka.start({ topics: ['events'] });
    kafka = new Kafka({ brokers: broker.brokers, ...quiet });
  });
  afterEach(() => Promise.all(open.splice(0).map((client) => client.disconnect())));
  afterAll(() => broker.stop());
  const connected = async (client) => {
    open.push(client);
    await client.connect();
    return client;
  };
  const record = (client) => {
    const seen = new Map();
    for (const type of Object.values(client.events)) {
      client.on(type, (event) => {
        if (!seen.has(type)) seen.set(type, event);
      });
    }
    return seen;
  };

  test('consumer: every event that the page promises, with its fields', async () => {
    const producer = await connected(kafka.producer());
    await producer.send({
      topic: 'events',
      messages: [{ key: 'k', value: '{"a":1}', headers: { h: 'x' } }],
    });
    const consumer = kafka.consumer({ groupId: 'all-events', heartbeatInterval: 50 });
    const seen = record(consumer);
    await connected(consumer);
    await consumer.subscribe({ topics: ['events'], fromBeginning: true });
    const payloads = [];
    await consumer.run({
      eachMessage: async (payload) => {
        payloads.push(payload);
        await payload.heartbeat();
      },
    });
    const { events } = consumer;
    await until(() => seen.has(events.COMMIT_OFFSETS) && seen.has(events.HEARTBEAT), 'events');
    await consumer.disconnect();
    const group = { groupId: 'all-events', memberId: expect.any(String) };
    const generation = { ...group, groupGenerationId: expect.any(Number) };
    const batch = {
      topic: 'events',
      partition: 0,
      highWatermark: '1',
      offsetLag: '0',
      offsetLagLow: '0',
      batchSize: 1,
      firstOffset: '0',
      lastOffset: '0',
    };
    const expected = {
      CONNECT: null,
      GROUP_JOIN: expect.objectContaining({
        ...group,
        leaderId: null,
        isLeader: null,
        groupProtocol: 'roundrobin',
        memberAssignment: { events: expect.any(Array) },
        duration: expect.any(Number),
      }),
      FETCH_START: expect.anything(),
      FETCH: expect.objectContaining({ numberOfBatches: 1, duration: expect.any(Number) }),
      START_BATCH_PROCESS: expect.objectContaining({ ...batch, partition: expect.any(Number) }),
      END_BATCH_PROCESS: expect.objectContaining({ topic: 'events', duration: expect.any(Number) }),
      COMMIT_OFFSETS: expect.objectContaining({ ...generation, topics: expect.any(Array) }),
      HEARTBEAT: expect.objectContaining(generation),
      STOP: null,
      DISCONNECT: null,
    };
    for (const [name, payload] of Object.entries(expected)) {
      const event = seen.get(events[name]);
      expect([name, event]).toEqual([
        name,
        { id: expect.any(Number), type: events[name], timestamp: expect.any(Number), payload },
      ]);
    }
    expect(Object.keys(payloads[0])).toEqual(
      expect.arrayContaining(['topic', 'partition', 'message', 'heartbeat', 'pause']),
    );
    expect({ ...payloads[0].message, value: JSON.parse(payloads[0].message.value) }).toMatchObject({
      key: Buffer.from('k'),
      value: { a: 1 },
      headers: { h: Buffer.from('x') },
      offset: '0',
      timestamp: expect.stringMatching(/^\d+$/),
      attributes: 0,
    });
  });

  test('consumer: CRASH of a handler that fails for good', async () => {
    const producer = await connected(kafka.producer());
    await producer.send({ topic: 'events', messages: [{ value: 'x' }] });
    const consumer = kafka.consumer({
      groupId: 'crash',
      retry: { retries: 0, restartOnFailure: async () => false },
    });
    const crashed = new Promise((resolve) => {
      consumer.on(consumer.events.CRASH, resolve);
    });
    await connected(consumer);
    await consumer.subscribe({ topic: 'events', fromBeginning: true });
    await consumer.run({
      eachMessage: async () => {
        throw new Error('bad');
      },
    });
    const { payload } = await crashed;
    expect(payload).toMatchObject({ groupId: 'crash', restart: false });
    expect(payload.error).toBeInstanceOf(ours.KafkaJSNumberOfRetriesExceeded);
  });

  test('eachBatch: what the payload and its batch have', async () => {
    const producer = await connected(kafka.producer());
    await producer.send({ topic: 'events', messages: [{ value: 'x' }] });
    const consumer = await connected(kafka.consumer({ groupId: 'batch' }));
    await consumer.subscribe({ topic: 'events', fromBeginning: true });
    const payload = await new Promise((resolve) => {
      consumer.run({ eachBatch: async (given) => resolve(given) });
    });
    for (const name of [
      'resolveOffset',
      'heartbeat',
      'pause',
      'commitOffsetsIfNecessary',
      'uncommittedOffsets',
      'isRunning',
      'isStale',
    ]) {
      expect([name, typeof payload[name]]).toEqual([name, 'function']);
    }
    for (const name of ['isEmpty', 'firstOffset', 'lastOffset', 'offsetLag', 'offsetLagLow']) {
      expect([name, typeof payload.batch[name]]).toEqual([name, 'function']);
    }
    expect(payload.batch).toMatchObject({ topic: 'events', highWatermark: expect.any(String) });
    const [message] = payload.batch.messages;
    expect({ ...message }).toMatchObject({ offset: '0', value: expect.any(Buffer), headers: {} });
  });

  test.each(['producer', 'admin'])('%s: CONNECT, REQUEST and DISCONNECT', async (kind) => {
    const client = kafka[kind]();
    const seen = record(client);
    await client.connect();
    await until(() => seen.has(client.events.REQUEST), 'a request');
    await client.disconnect();
    for (const name of ['CONNECT', 'DISCONNECT']) {
      expect(seen.get(client.events[name])).toMatchObject({ payload: null });
    }
    expect(Object.keys(seen.get(client.events.REQUEST).payload)).toEqual(
      expect.arrayContaining([
        'broker',
        'clientId',
        'correlationId',
        'size',
        'createdAt',
        'sentAt',
        'pendingDuration',
        'duration',
        'apiName',
        'apiKey',
        'apiVersion',
      ]),
    );
  });

  test('send(): what it resolves with', async () => {
    const producer = await connected(kafka.producer());
    const options = { acks: -1, timeout: 30_000, compression: ours.CompressionTypes.GZIP };
    const [sent] = await producer.send({ topic: 'events', messages: [{ value: 'x' }], ...options });
    expect(sent).toMatchObject({
      topicName: 'events',
      partition: expect.any(Number),
      errorCode: 0,
      baseOffset: expect.any(String),
      logAppendTime: expect.any(String),
    });
    const topicMessages = [{ topic: 'events', messages: [{ value: 'y' }] }];
    expect(await producer.sendBatch({ topicMessages, ...options })).toHaveLength(1);
  });
});
