'use strict';

const {
  Kafka,
  EmbeddedKafka,
  KafkaJS,
  logLevel,
  KafkaJSNonRetriableError,
} = require('../../../lib');
const { until } = require('../../shared/consumer-tools');

let cluster;
let kafka;
const open = [];
let topics = 0;

beforeAll(async () => {
  cluster = await EmbeddedKafka.start();
  kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING });
});
afterEach(async () => {
  cluster.stopRequestTracking();
  await Promise.all(open.splice(0).map((client) => client.disconnect()));
});
afterAll(() => cluster.stop());

function newTopic() {
  const topic = `tx-topic-${(topics += 1)}`;
  cluster.createTopic({ topic, partitions: 1 });
  return topic;
}

async function transactional(options, client = kafka) {
  const producer = client.producer({ transactionalId: `tx-${(topics += 1)}`, ...options });
  open.push(producer);
  await producer.connect();
  return producer;
}

const rejection = (promise) =>
  promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (e) => e,
  );

const API = {
  Produce: 0,
  FindCoordinator: 10,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
};
const asked = (api) => cluster.requests().filter(({ apiKey }) => apiKey === API[api]).length;

test('send, sendBatch, sendOffsets, commit', async () => {
  const producer = await transactional();
  const topic = newTopic();
  cluster.clearRequests();
  cluster.startRequestTracking();
  const transaction = await producer.transaction();
  expect(transaction.isActive()).toBe(true);
  expect(await transaction.send({ topic, messages: [{ value: 'a' }] })).toMatchObject([
    { errorCode: 0 },
  ]);
  await transaction.sendBatch({ topicMessages: [{ topic, messages: [{ value: 'b' }] }] });
  await transaction.sendOffsets({
    consumerGroupId: 'g',
    topics: [{ topic, partitions: [{ partition: 0, offset: '1' }] }],
  });
  await transaction.commit();
  expect(transaction.isActive()).toBe(false);
  expect(asked('AddOffsetsToTxn')).toBeGreaterThan(0);
  expect(asked('TxnOffsetCommit')).toBeGreaterThan(0);
  expect(asked('EndTxn')).toBe(1);
});

test('a commit waits for sends that nobody awaited', async () => {
  const producer = await transactional();
  const topic = newTopic();
  const transaction = await producer.transaction();
  const sends = Array.from({ length: 500 }, (_, i) =>
    transaction.send({ topic, messages: [{ value: `${i}` }] }),
  );
  await transaction.commit();
  const results = await Promise.all(sends);
  expect(results.map(([{ baseOffset }]) => Number(baseOffset))).toEqual(results.map((_, i) => i));
});

test('after an abort the next transaction runs', async () => {
  const producer = await transactional();
  const topic = newTopic();
  const first = await producer.transaction();
  const sent = first.send({ topic, messages: [{ value: 'a' }] }).catch((e) => e);
  await first.abort();
  await sent;
  expect(first.isActive()).toBe(false);
  const second = await producer.transaction();
  await second.send({ topic, messages: [{ value: 'b' }] });
  await second.commit();
});

test('one at a time, and nothing after its end', async () => {
  const producer = await transactional();
  const transaction = await producer.transaction();
  expect(await rejection(producer.transaction())).toMatchObject({ errorCode: 'ERR_KAFKA_STATE' });
  await transaction.commit();
  for (const call of [
    () => transaction.send({ topic: 't', messages: [{ value: 'a' }] }),
    () => transaction.sendBatch({ topicMessages: [] }),
    () => transaction.sendOffsets({ consumerGroupId: 'g', topics: [] }),
    () => transaction.commit(),
    () => transaction.abort(),
  ]) {
    const error = await rejection(call());
    expect(error).toBeInstanceOf(KafkaJSNonRetriableError);
    expect(error.message).toMatch(/Cannot continue to use transaction once ended/);
  }
});

describe('the group’s coordinator goes away before the offsets are sent', () => {
  const offsets = {
    consumerGroupId: 'g',
    topics: [{ topic: 'in', partitions: [{ partition: 0, offset: '1' }] }],
  };
  let two;
  beforeEach(async () => {
    two = await EmbeddedKafka.start({ brokers: 2 });
    two.createTopic({ topic: 'in', partitions: 1 });
    two.setPartitionLeader('in', 0, 1);
    two.setTransactionCoordinator('tx', 1);
    two.setGroupCoordinator('g', 2);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.disconnect()));
    await two.stop();
  });

  /** A transaction whose producer has asked for the coordinator and learned of broker 2, which is down. */
  async function begin(transactionTimeout) {
    const producer = await transactional(
      { transactionalId: 'tx', transactionTimeout },
      new Kafka({ brokers: two.brokers, logLevel: logLevel.NOTHING }),
    );
    const transaction = await producer.transaction();
    two.brokerDown(2);
    return { producer, transaction };
  }

  test('its time is kept; after an abort the next transaction runs', async () => {
    const { producer, transaction } = await begin(3_000);
    const error = await rejection(transaction.sendOffsets(offsets));
    expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_REQUEST_TIMEOUT' });
    await transaction.abort();
    two.brokerUp(2);
    const next = await producer.transaction();
    await next.sendOffsets(offsets);
    await next.commit();
  });

  test('for good: the new one gets them', async () => {
    const { transaction } = await begin(60_000);
    const findCoordinator = ({ apiKey }) => apiKey === API.FindCoordinator;
    two.startRequestTracking();
    const sent = transaction.sendOffsets(offsets);
    await until(() => two.requests().some(findCoordinator));
    two.stopRequestTracking();
    two.setGroupCoordinator('g', 1);
    two.decommissionBroker(2);
    await sent;
    await transaction.commit();
  });
});

test('a transactional producer sends outside of transactions too', async () => {
  const producer = await transactional();
  const topic = newTopic();
  expect(await producer.send({ topic, messages: [{ value: 'a' }] })).toHaveLength(1);
  const transaction = await producer.transaction();
  expect(await producer.send({ topic, messages: [{ value: 'b' }] })).toHaveLength(1);
  await transaction.abort();
});

test('other acks, compression or timeout than the producer’s are refused', async () => {
  const producer = await transactional();
  const transaction = await producer.transaction();
  const topic = newTopic();
  for (const options of [{ acks: 1 }, { compression: 1 }, { timeout: 5 }]) {
    expect(
      await rejection(transaction.send({ topic, messages: [{ value: 'a' }], ...options })),
    ).toMatchObject({ errorCode: 'ERR_KAFKA_INVALID_OPTION' });
  }
  await transaction.send({ topic, messages: [{ value: 'a' }], acks: -1, timeout: 30_000 });
  await transaction.commit();
});

test('a producer without transactional id has none', async () => {
  const producer = kafka.producer();
  open.push(producer);
  await producer.connect();
  expect((await rejection(producer.transaction())).message).toMatch(
    /Must provide transactional id/,
  );
});

test('arguments of sendOffsets are checked', async () => {
  const producer = await transactional();
  const transaction = await producer.transaction();
  for (const [option, offsets] of [
    ['consumerGroupId', { topics: [] }],
    ['topics', { consumerGroupId: 'g' }],
    ['topics[0].partitions', { consumerGroupId: 'g', topics: [{ topic: 't' }] }],
    [
      'topics[0].partitions[0].offset',
      {
        consumerGroupId: 'g',
        topics: [{ topic: 't', partitions: [{ partition: 0, offset: 'x' }] }],
      },
    ],
  ]) {
    expect(await rejection(transaction.sendOffsets(offsets))).toMatchObject({ option });
  }
  await transaction.abort();
});

test('disconnect() aborts what is open', async () => {
  const producer = await transactional();
  const topic = newTopic();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: [{ value: 'a' }] });
  cluster.clearRequests();
  cluster.startRequestTracking();
  await producer.disconnect();
  expect(asked('EndTxn')).toBe(1);
});

test('an error that wants an abort says so, and the producer goes on', async () => {
  const producer = await transactional();
  const topic = newTopic();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: [{ value: 'a' }] });
  cluster.pushRequestErrors('Produce', ['MSG_SIZE_TOO_LARGE']);
  await rejection(transaction.send({ topic, messages: [{ value: 'b' }] }));
  const error = await rejection(transaction.commit());
  expect(error.abortable).toBe(true);
  expect(transaction.isActive()).toBe(true);
  await transaction.abort();
  // librdkafka's sequence numbers have a gap now: the next transaction finds it out, the one after that has a new epoch.
  const gap = await producer.transaction();
  await gap.send({ topic, messages: [{ value: 'c' }] }).catch(() => {});
  await gap.abort();
  const next = await producer.transaction();
  await next.send({ topic, messages: [{ value: 'd' }] });
  await next.commit();
});

test('methods may be taken off their object, as KafkaJS allows', async () => {
  const { transaction, disconnect } = await transactional();
  const { send, commit } = await transaction();
  await send({ topic: newTopic(), messages: [{ value: 'a' }] });
  await commit();
  await disconnect();
});

test('confluent’s style: sends, commit and abort on the producer itself', async () => {
  const client = new KafkaJS.Kafka({
    kafkaJS: { brokers: cluster.brokers, logLevel: logLevel.NOTHING },
  });
  const producer = client.producer({ kafkaJS: { transactionalId: 'confluent' } });
  open.push(producer);
  await producer.connect();
  await producer.transaction();
  expect(producer.isActive()).toBe(true);
  cluster.clearRequests();
  cluster.startRequestTracking();
  await producer.send({ topic: newTopic(), messages: [{ value: 'a' }] });
  await producer.commit();
  expect(asked('EndTxn')).toBe(1);
  expect(producer.isActive()).toBe(false);
});
