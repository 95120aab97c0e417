'use strict';

// What @confluentinc/kafka-javascript's promisified API has, item by item, where no real broker is needed; the rest is in
// test/integration/compatibility-confluent.test.js. Its sources are those of the librdkafka that we build.

const fs = require('node:fs');
const path = require('node:path');
const ts = require('typescript');
const { KafkaJS, EmbeddedKafka } = require('../../lib');
const { until } = require('../shared/consumer-suite');

const root = path.dirname(require.resolve('librdkafka-source/package.json'));
const declarations = path.join(root, 'types', 'kafkajs.d.ts');
const page = fs.readFileSync(path.join(__dirname, '../../docs/migrating-from-kafkajs.md'), 'utf8');

const source = ts.createSourceFile(
  declarations,
  fs.readFileSync(declarations, 'utf8'),
  ts.ScriptTarget.ES2022,
);

/** Names of the members of a declared interface, class or type literal. */
function members(name) {
  const found = source.statements.find((statement) => statement.name?.text === name);
  const names = [];
  const visit = (node) => {
    if (node.members) names.push(...node.members.map((member) => member.name?.getText(source)));
    else if (ts.isTypeReferenceNode(node)) names.push(...members(node.typeName.text));
    else ts.forEachChild(node, visit);
  };
  visit(found.type ?? found);
  return names.filter(Boolean);
}

const kafka = () => new KafkaJS.Kafka({ kafkaJS: { brokers: ['localhost:9092'], logLevel: 0 } });
const create = {
  Producer: () => kafka().producer(),
  Consumer: () => kafka().consumer({ kafkaJS: { groupId: 'g' } }),
  Admin: () => kafka().admin(),
  Kafka: () => kafka(),
};
/** A slip of its declarations: the method is called setSaslCredentials. */
const MISNAMED = { setSaslCredentialProvider: 'setSaslCredentials' };

describe.each(Object.keys(create))('%s', (name) => {
  test.each(members(name).filter((member) => member !== 'constructor'))('%s', (member) => {
    expect(typeof create[name]()[MISNAMED[member] ?? member]).toBe('function');
  });
});

test('everything that its KafkaJS namespace exports', () => {
  const script = fs.readFileSync(path.join(root, 'lib/kafkajs/_error.js'), 'utf8');
  const errors = [...script.matchAll(/^class (KafkaJS\w+)/gm)].map(([, name]) => name);
  expect(errors.length).toBeGreaterThan(10);
  const names = [
    'Kafka',
    'logLevel',
    'PartitionAssigners',
    'PartitionAssignors',
    'CompressionTypes',
    'ConsumerGroupTypes',
    'ConsumerGroupStates',
    'AclOperationTypes',
    'IsolationLevel',
    'ErrorCodes',
    'isKafkaJSError',
    'isRebalancing',
    ...errors,
  ];
  expect(names.filter((name) => KafkaJS[name] === undefined)).toEqual([]);
});

describe('options under kafkaJS', () => {
  const VALUES = {
    brokers: ['b:1'],
    ssl: true,
    sasl: { mechanism: 'plain', username: 'u', password: 'p' },
    clientId: 'c',
    enforceRequestTimeout: true,
    retry: { maxRetryTime: 1000, initialRetryTime: 100, retries: 5 },
    logLevel: KafkaJS.logLevel.ERROR,
    logger: { info() {}, error() {}, warn() {}, debug() {}, namespace: null, setLogLevel() {} },
    allowAutoTopicCreation: true,
    idempotent: true,
    transactionalId: 't',
    acks: -1,
    compression: KafkaJS.CompressionTypes.GZIP,
    groupId: 'g',
    readUncommitted: false,
    rackId: 'r',
    fromBeginning: true,
    autoCommit: true,
    maxInFlightRequests: 1,
    sessionTimeout: 30_000,
    heartbeatInterval: 3_000,
    partitionAssigners: [KafkaJS.PartitionAssigners.range],
    partitionAssignors: [KafkaJS.PartitionAssignors.cooperativeSticky],
  };
  const valueOf = (name) => VALUES[name] ?? 5_000;

  test.each(members('KafkaConfig'))('new Kafka: %s', (name) => {
    new KafkaJS.Kafka({ kafkaJS: { brokers: ['b:1'], [name]: valueOf(name) } }).producer();
  });
  test.each(members('ProducerConfig'))('producer: %s', (name) => {
    kafka().producer({ kafkaJS: { [name]: valueOf(name) } });
  });
  test.each(members('ConsumerConfig'))('consumer: %s', (name) => {
    kafka().consumer({ kafkaJS: { groupId: 'g', [name]: valueOf(name) } });
  });
  test.each(members('AdminConfig'))('admin: %s', (name) => {
    kafka().admin({ kafkaJS: { [name]: valueOf(name) } });
  });
  test('properties of its own consumer', () => {
    kafka().consumer({
      kafkaJS: { groupId: 'g' },
      'js.consumer.max.batch.size': 32,
      'js.consumer.max.cache.size.per.worker.ms': 1500,
    });
  });
});

describe('log_level beside kafkaJS', () => {
  const shown = (properties, own = {}) => {
    const lines = [];
    const logger = {
      setLogLevel: (level) => lines.push(level),
      ...Object.fromEntries(['info', 'error', 'warn', 'debug'].map((name) => [name, () => {}])),
    };
    new KafkaJS.Kafka({ kafkaJS: { brokers: ['b:1'], logger, ...own }, ...properties }).producer();
    return lines[0];
  };
  const { NOTHING, ERROR, WARN, INFO, DEBUG } = KafkaJS.logLevel;

  test.each([
    [0, NOTHING],
    [3, ERROR],
    [4, WARN],
    [6, INFO],
    ['7', DEBUG],
  ])('%s', (severity, level) => {
    expect(shown({ log_level: severity })).toBe(level);
  });
  test('logLevel wins, nonsense is refused', () => {
    expect(shown({ log_level: 0 }, { logLevel: DEBUG })).toBe(DEBUG);
    expect(() => shown({ log_level: 9 })).toThrow('Expected an integer from 0 to 7 for log_level');
  });
});

describe('on a broker', () => {
  let broker;
  beforeAll(async () => {
    broker = await EmbeddedKafka.start({ topics: ['t'] });
  });
  afterAll(() => broker.stop());
  const client = (kind, options) =>
    new KafkaJS.Kafka({ kafkaJS: { brokers: broker.brokers, logLevel: 0 } })[kind](options);

  test('storeOffsets, commitOffsets without arguments, committed, assignment, rebalanceProtocol', async () => {
    const producer = client('producer');
    const consumer = client('consumer', {
      kafkaJS: { groupId: 'g', fromBeginning: true, autoCommit: false },
    });
    try {
      await producer.connect();
      await producer.send({ topic: 't', messages: [{ value: 'x', partition: 0 }] });
      expect(consumer.rebalanceProtocol()).toBe('NONE');
      await consumer.connect();
      await consumer.subscribe({ topics: ['nothing'] });
      await consumer.subscribe({ topics: ['t'], replace: true });
      let seen = 0;
      await consumer.run({ eachMessage: async () => void (seen += 1) });
      await until(() => seen === 1, 'the message');
      consumer.storeOffsets([{ topic: 't', partition: 0, offset: '1' }]);
      await consumer.commitOffsets();
      expect(consumer.assignment()).toContainEqual({ topic: 't', partition: 0 });
      expect(consumer.assignment().every(({ topic }) => topic === 't')).toBe(true);
      expect(await consumer.committed([{ topic: 't', partition: 0 }])).toMatchObject([
        { offset: '1' },
      ]);
      await expect(consumer.committed([null])).rejects.toThrow('Invalid topic undefined');
      await expect(consumer.committed(5)).rejects.toThrow(
        'Expected an array of { topic, partition } for topicPartitions but received 5 of type number',
      );
      expect(consumer.rebalanceProtocol()).toBe('EAGER');
    } finally {
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
    }
  });
});

test.each(['setSaslCredentials', 'dependentAdmin', 'log_level', 'leaderEpoch', 'replace: true'])(
  'the page tells of %s',
  (name) => {
    expect(page).toContain(name);
  },
);
