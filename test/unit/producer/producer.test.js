'use strict';

const { setImmediate } = require('node:timers/promises');
const {
  Kafka,
  EmbeddedKafka,
  CompressionTypes,
  Partitioners,
  logLevel,
  KafkaJSError,
  KafkaJSNonRetriableError,
  KafkaJSClosedError,
} = require('../../../lib');

let cluster;
let kafka;
const open = [];

beforeAll(async () => {
  cluster = await EmbeddedKafka.start({ brokers: 1 });
  kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING });
});

afterEach(async () => {
  cluster.clearRequestErrors('Produce');
  await Promise.all(open.splice(0).map((client) => client.disconnect()));
});

afterAll(() => cluster.stop());

let topics = 0;
function newTopic(partitions = 1) {
  const topic = `topic-${(topics += 1)}`;
  cluster.createTopic({ topic, partitions });
  return topic;
}

async function connected(options) {
  const producer = kafka.producer(options);
  open.push(producer);
  await producer.connect();
  return producer;
}

const rejection = (promise) =>
  promise.then(
    (value) => {
      throw new Error(`expected a rejection but got ${JSON.stringify(value)}`);
    },
    (e) => e,
  );

describe('send', () => {
  test('resolves with KafkaJS’s metadata, one entry a partition', async () => {
    const producer = await connected();
    const topic = newTopic(2);
    const send = () =>
      producer.send({
        topic,
        messages: [
          { value: 'a', partition: 0 },
          { value: 'b', partition: 1 },
          { value: 'c', partition: 1 },
        ],
      });
    await send();
    const results = await send();
    expect(results.sort((a, b) => a.partition - b.partition)).toEqual([
      {
        topicName: topic,
        partition: 0,
        errorCode: 0,
        baseOffset: '1',
        logAppendTime: expect.any(String),
        logStartOffset: '0',
      },
      {
        topicName: topic,
        partition: 1,
        errorCode: 0,
        baseOffset: '2',
        logAppendTime: expect.any(String),
        logStartOffset: '0',
      },
    ]);
  });

  test('no messages: nothing to do', async () => {
    const producer = await connected();
    await expect(producer.send({ topic: newTopic(), messages: [] })).resolves.toEqual([]);
    await expect(producer.sendBatch({ topicMessages: [] })).resolves.toEqual([]);
    await expect(producer.sendBatch({})).resolves.toEqual([]);
  });

  test('ten thousand sends of one turn are all settled, in order', async () => {
    const producer = await connected();
    const topic = newTopic(1);
    const results = await Promise.all(
      Array.from({ length: 10_000 }, (_, i) =>
        producer.send({ topic, messages: [{ value: `${i}` }] }),
      ),
    );
    expect(results.map(([{ baseOffset }]) => baseOffset)).toEqual(results.map((_, i) => `${i}`));
  });

  test('a batch over several topics, one named twice', async () => {
    const producer = await connected();
    const [a, b] = [newTopic(), newTopic()];
    const results = await producer.sendBatch({
      topicMessages: [
        { topic: a, messages: [{ value: '1' }] },
        { topic: b, messages: [{ value: '2' }] },
        { topic: a, messages: [{ value: '3' }] },
      ],
    });
    expect(results.map(({ topicName }) => topicName).sort()).toEqual([a, b].sort());
  });

  test.each([
    ['send()', (p) => p.send()],
    ['topic', (p) => p.send({ messages: [] })],
    ['messages', (p) => p.send({ topic: 't' })],
    ['messages[0].value', (p) => p.send({ topic: 't', messages: [{ key: 'a' }] })],
    ['acks', (p) => p.send({ topic: 't', messages: [{ value: 'a' }], acks: 2 })],
    ['compression', (p) => p.send({ topic: 't', messages: [{ value: 'a' }], compression: 9 })],
    ['timeout', (p) => p.send({ topic: 't', messages: [{ value: 'a' }], timeout: '5' })],
    ['signal', (p) => p.send({ topic: 't', messages: [{ value: 'a' }], signal: 5 })],
    ['topicMessages', (p) => p.sendBatch({ topicMessages: 5 })],
    ['topicMessages[0].topic', (p) => p.sendBatch({ topicMessages: [{ messages: [] }] })],
    [
      'topicMessages[1].messages[1].value',
      (p) =>
        p.sendBatch({
          topicMessages: [
            { topic: 'never-made', messages: [{ value: 'a' }] },
            { topic: 'never-made-2', messages: [{ value: 'a' }, { value: 7 }] },
          ],
        }),
    ],
  ])('rejects a bad argument before anything is sent: %s', async (option, send) => {
    const producer = await connected();
    const error = await rejection(send(producer));
    expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_INVALID_OPTION', option });
    expect(error).toBeInstanceOf(KafkaJSNonRetriableError);
    expect(producer.queued).toEqual({ bytes: 0, messages: 0, waitingSends: 0 });
  });

  test('before connect() and after disconnect() it rejects with a typed error', async () => {
    const producer = kafka.producer();
    const record = { topic: 't', messages: [{ value: 'a' }] };
    expect(await rejection(producer.send(record))).toMatchObject({
      errorCode: 'ERR_KAFKA_NOT_CONNECTED',
    });
    await producer.connect();
    await producer.disconnect();
    expect(await rejection(producer.send(record))).toBeInstanceOf(KafkaJSError);
  });

  test('acks, compression and timeout of one send', async () => {
    const producer = await connected();
    const topic = newTopic();
    for (const options of [
      { acks: 1 },
      { acks: 0 },
      { compression: CompressionTypes.GZIP },
      { compression: CompressionTypes.Snappy, acks: 1 },
      { compression: CompressionTypes.LZ4 },
      { compression: CompressionTypes.ZSTD, timeout: 5_000 },
      { acks: -1, compression: CompressionTypes.None, timeout: 30_000 },
    ]) {
      const [result] = await producer.send({
        topic,
        messages: [{ value: 'x'.repeat(100) }],
        ...options,
      });
      expect(result).toMatchObject({ topicName: topic, errorCode: 0 });
      if (options.acks === 0) expect(result.baseOffset).toBe('-1');
    }
  });

  // A broker that knows nothing of a producer yet takes whatever comes first: had the second batch been on its way already,
  // librdkafka would conclude from it that the refused first one was stored.
  test('the first batch of a partition is refused for a moment: it is stored all the same, and first', async () => {
    const producer = await connected();
    const topic = newTopic(2);
    await producer.send({ topic, messages: [{ value: 'has its id', partition: 1 }] });
    cluster.setBrokerRtt(50);
    cluster.pushRequestErrors('Produce', ['NOT_LEADER_FOR_PARTITION']);
    const sends = [];
    for (let i = 0; i < 20; i += 1) {
      sends.push(producer.send({ topic, messages: [{ value: `${i}`, partition: 0 }] }));
      await setImmediate(); // in requests of their own
    }
    const results = await Promise.all(sends).finally(() => cluster.setBrokerRtt(0));
    expect(results.map(([{ baseOffset }]) => baseOffset)).toEqual(sends.map((_, i) => `${i}`));
  });

  test('idempotent: true refuses fewer acknowledgements', async () => {
    const producer = await connected({ idempotent: true });
    const error = await rejection(
      producer.send({ topic: newTopic(), messages: [{ value: 'a' }], acks: 1 }),
    );
    expect(error).toBeInstanceOf(KafkaJSNonRetriableError);
    expect(error.message).toMatch(/acks/);
  });
});

describe('failures', () => {
  test('a refused message rejects with type, code and results; the stack begins at the caller', async () => {
    const producer = await connected();
    const topic = newTopic(2);
    await producer.send({ topic, messages: [{ value: 'warm' }] });
    cluster.pushRequestErrors('Produce', ['TOPIC_AUTHORIZATION_FAILED']);
    async function theCaller() {
      await producer.send({
        topic,
        messages: [
          { value: 'a', partition: 0 },
          { value: 'b', partition: 7 },
        ],
      });
    }
    const error = await rejection(theCaller());
    expect(error).toMatchObject({
      topic,
      results: expect.arrayContaining([
        expect.objectContaining({ partition: 7, failed: 1, acknowledged: 0 }),
      ]),
    });
    expect(error.results.find(({ partition }) => partition === 0).errorCode).toBe(29);
    expect(error.stack.split('\n')[1]).toMatch(/theCaller/);
  });

  test('a partition that does not exist', async () => {
    const producer = await connected();
    const topic = newTopic(1);
    expect(
      await rejection(producer.send({ topic, messages: [{ value: 'a', partition: 9 }] })),
    ).toMatchObject({
      type: 'UNKNOWN_TOPIC_OR_PARTITION',
      code: 3,
      partition: 9,
      errorCode: 'ERR_KAFKA_UNKNOWN_TOPIC',
    });
  });

  test('the stack of a bad argument begins at the caller too', async () => {
    const producer = await connected();
    function theCaller() {
      return producer.send({ topic: 't', messages: [{}] });
    }
    const error = await rejection(theCaller());
    expect(error.stack.split('\n')[1]).toMatch(/theCaller/);
  });

  test('retriable errors of the broker are retried', async () => {
    const producer = await connected();
    const topic = newTopic(1);
    await producer.send({ topic, messages: [{ value: 'warm' }] });
    cluster.pushRequestErrors('Produce', ['NOT_LEADER_FOR_PARTITION', 'NOT_ENOUGH_REPLICAS']);
    const [{ baseOffset }] = await producer.send({ topic, messages: [{ value: 'a' }] });
    expect(baseOffset).toBe('1');
  });
});

test('after a fatal error of the idempotent producer the next send has a new native producer', async () => {
  const producer = await connected();
  const topic = newTopic(1);
  await producer.send({ topic, messages: [{ value: 'warm' }] });
  cluster.pushRequestErrors('Produce', ['OUT_OF_ORDER_SEQUENCE_NUMBER']);
  const error = await rejection(producer.send({ topic, messages: [{ value: 'a' }] }));
  expect(error).toMatchObject({ fatal: true, errorCode: 'ERR_KAFKA_FATAL' });
  const [{ errorCode }] = await producer.send({ topic, messages: [{ value: 'b' }] });
  expect(errorCode).toBe(0);
});

describe('flow control', () => {
  test('over the limit a send waits for its turn', async () => {
    const producer = await connected({ maxQueuedMessages: 3 });
    const topic = newTopic(1);
    const sends = Array.from({ length: 20 }, (_, i) =>
      producer.send({ topic, messages: [{ value: `${i}` }] }),
    );
    expect(producer.queued).toMatchObject({ messages: 3, waitingSends: 17 });
    const results = await Promise.all(sends);
    expect(results.map(([{ baseOffset }]) => Number(baseOffset))).toEqual(results.map((_, i) => i));
    expect(producer.queued).toEqual({ bytes: 0, messages: 0, waitingSends: 0 });
  });

  test('a send larger than the limit goes alone', async () => {
    const producer = await connected({ maxQueuedBytes: 100 });
    const topic = newTopic(1);
    const value = 'x'.repeat(1_000);
    await Promise.all([
      producer.send({ topic, messages: [{ value }] }),
      producer.send({ topic, messages: [{ value }] }),
    ]);
  });

  test('onQueueFull: "reject" refuses with a typed error', async () => {
    const producer = await connected({ maxQueuedMessages: 1, onQueueFull: 'reject' });
    const topic = newTopic(1);
    const first = producer.send({ topic, messages: [{ value: 'a' }] });
    expect(await rejection(producer.send({ topic, messages: [{ value: 'b' }] }))).toMatchObject({
      errorCode: 'ERR_KAFKA_QUEUE_FULL',
      retriable: true,
    });
    await first;
    await producer.send({ topic, messages: [{ value: 'c' }] });
  });

  test('an aborted send that waits is taken back', async () => {
    const producer = await connected({ maxQueuedMessages: 1 });
    const topic = newTopic(1);
    const controller = new AbortController();
    const first = producer.send({ topic, messages: [{ value: 'a' }] });
    const second = producer.send({ topic, messages: [{ value: 'b' }], signal: controller.signal });
    const third = producer.send({ topic, messages: [{ value: 'c' }] });
    controller.abort();
    expect(await rejection(second)).toMatchObject({ errorCode: 'ERR_KAFKA_ABORTED' });
    await first;
    expect(await third).toEqual([expect.objectContaining({ baseOffset: '1' })]);
    const gone = producer.send({ topic, messages: [{ value: 'd' }], signal: AbortSignal.abort() });
    expect(await rejection(gone)).toMatchObject({ errorCode: 'ERR_KAFKA_ABORTED' });
  });
});

describe('partitioners', () => {
  test('one written in JavaScript chooses, with KafkaJS’s arguments', async () => {
    const topic = newTopic(3);
    const seen = [];
    const producer = await connected({
      createPartitioner: () => (args) => {
        seen.push(args);
        return args.partitionMetadata.length - 1;
      },
    });
    const message = { key: 'k', value: 'v', headers: { a: 'b' } };
    const [{ partition }] = await producer.send({ topic, messages: [message] });
    expect(partition).toBe(2);
    expect(seen).toEqual([{ topic, message, partitionMetadata: expect.any(Array) }]);
    expect(seen[0].partitionMetadata[0]).toMatchObject({
      partitionId: 0,
      leader: 1,
      replicas: [1],
      isr: [1],
    });
  });

  test('for a topic that the send creates', async () => {
    const producer = await connected({ createPartitioner: Partitioners.LegacyPartitioner });
    const [result] = await producer.send({
      topic: 'made-by-sending',
      messages: [{ key: 'k', value: 'v' }],
    });
    expect(result.errorCode).toBe(0);
  });

  test('one that returns nonsense', async () => {
    const producer = await connected({ createPartitioner: () => () => 'x' });
    expect(
      await rejection(producer.send({ topic: newTopic(), messages: [{ value: 'v' }] })),
    ).toMatchObject({ errorCode: 'ERR_KAFKA_INVALID_OPTION' });
  });
});

describe('connection', () => {
  test('events with KafkaJS’s names and shape', async () => {
    const producer = kafka.producer();
    const seen = [];
    const remove = producer.on(producer.events.CONNECT, (event) => seen.push(event));
    producer.on(producer.events.DISCONNECT, (event) => seen.push(event));
    await producer.connect();
    await producer.connect();
    await producer.disconnect();
    await producer.disconnect();
    expect(seen).toEqual([
      {
        id: expect.any(Number),
        type: 'producer.connect',
        timestamp: expect.any(Number),
        payload: null,
      },
      {
        id: expect.any(Number),
        type: 'producer.disconnect',
        timestamp: expect.any(Number),
        payload: null,
      },
    ]);
    remove();
    await producer.connect();
    await producer.disconnect();
    expect(seen.map(({ type }) => type).filter((type) => type === 'producer.connect')).toHaveLength(
      1,
    );
    expect(() => producer.on('producer.nonsense', () => {})).toThrow(/Event name should be one of/);
    expect(() => producer.on(producer.events.CONNECT, 'no function')).toThrow(
      /Expected a function for listener/,
    );
  });

  test('disconnect() settles what was sent', async () => {
    const producer = await connected();
    const sent = producer.send({ topic: newTopic(), messages: [{ value: 'a' }] });
    await producer.disconnect();
    expect(await sent).toHaveLength(1);
  });

  test('disconnect() has a deadline when no broker answers', async () => {
    const lonely = await EmbeddedKafka.start();
    lonely.createTopic('t');
    const producer = new Kafka({ brokers: lonely.brokers, logLevel: logLevel.NOTHING }).producer({
      disconnectTimeout: 300,
      maxQueuedMessages: 1,
    });
    await producer.connect();
    await producer.send({ topic: 't', messages: [{ value: 'warm' }] });
    lonely.brokerDown();
    const sent = rejection(producer.send({ topic: 't', messages: [{ value: 'a' }] }));
    const waiting = rejection(producer.send({ topic: 't', messages: [{ value: 'b' }] }));
    const started = Date.now();
    await producer.disconnect();
    // A send may take 39 s.
    expect(Date.now() - started).toBeLessThan(20_000);
    expect([(await sent).errorCode, (await waiting).errorCode]).toEqual([
      expect.stringMatching(/ERR_KAFKA_(CLOSED|PURGED)/),
      'ERR_KAFKA_CLOSED',
    ]);
    expect(await waiting).toBeInstanceOf(KafkaJSClosedError);
    await lonely.stop();
  });

  test('flush() waits for everything, or says how much is left', async () => {
    const producer = await connected();
    const topic = newTopic();
    await producer.send({ topic, messages: [{ value: 'warm' }] });
    let settled = false;
    producer.send({ topic, messages: [{ value: 'a' }] }).then(() => {
      settled = true;
    });
    await producer.flush({ timeout: 30_000 });
    expect(settled).toBe(true);
    cluster.brokerDown();
    const late = producer.send({ topic, messages: [{ value: 'b' }] });
    expect(await rejection(producer.flush({ timeout: 50 }))).toMatchObject({
      errorCode: 'ERR_KAFKA_TIMEOUT',
    });
    cluster.brokerUp();
    await late;
  });

  test('statistics come typed', async () => {
    const producer = kafka.producer({ statisticsIntervalMs: 50 });
    open.push(producer);
    const first = new Promise((resolve) => producer.on(producer.events.STATISTICS, resolve));
    await producer.connect();
    const { payload } = await first;
    expect(payload).toMatchObject({ brokers: expect.anything() });
  });
});

describe('confluent’s style', () => {
  test('runs as written for @confluentinc/kafka-javascript', async () => {
    const { KafkaJS } = require('../../../lib');
    const client = new KafkaJS.Kafka({
      kafkaJS: {
        clientId: 'web',
        brokers: cluster.brokers,
        ssl: false,
        logLevel: KafkaJS.logLevel.NOTHING,
      },
      'socket.keepalive.enable': true,
    });
    const producer = client.producer({
      kafkaJS: { acks: 1, compression: 'gzip', allowAutoTopicCreation: true },
      'linger.ms': 5,
    });
    open.push(producer);
    await producer.connect();
    const topic = newTopic();
    expect(await producer.send({ topic, messages: [{ key: 'a', value: 'b' }] })).toHaveLength(1);
    await producer.flush({ timeout: 1_000 });
  });
});
