'use strict';

// What only real Kafka answers: sizes, timestamps the broker judges, topics it makes, configurations of a topic.

const { clientsOf, rejection, text, numbers, unique } = require('../shared/clients');
const { realBroker } = require('../shared/brokers');

const MIB = 1 << 20;

describe('Producer on real Kafka', () => {
  const { producer, admin, newTopic, readAll, kafka, track } = clientsOf(realBroker());
  const values = (messages) => messages.map(({ value }) => text(value));

  test('a message over the limit of the broker: MESSAGE_TOO_LARGE, its neighbours are written', async () => {
    const topic = await newTopic(2);
    const client = await producer();
    const error = await rejection(
      client.send({
        topic,
        messages: [
          { partition: 0, value: 'before' },
          { partition: 1, value: Buffer.alloc(1.5 * MIB) },
          { partition: 0, value: 'after' },
        ],
      }),
    );
    expect(error).toMatchObject({
      name: 'KafkaJSProtocolError',
      errorCode: 'ERR_KAFKA_MESSAGE_TOO_LARGE',
      type: 'MESSAGE_TOO_LARGE',
      code: 10,
      retriable: false,
      fatal: false,
      topic,
      partition: 1,
    });
    expect(error.stack).toContain(__filename);
    const byPartition = new Map(error.results.map((result) => [result.partition, result]));
    expect(byPartition.get(0)).toMatchObject({ errorCode: 0, baseOffset: '0' });
    expect(byPartition.get(1)).toMatchObject({ errorCode: 10, failed: 1, acknowledged: 0 });
    await client.send({ topic, messages: [{ partition: 1, value: 'next' }] });
    const messages = await readAll(topic, { partitions: 2 });
    const of = (partition) => values(messages.filter((message) => message.partition === partition));
    expect([of(0), of(1)]).toEqual([['before', 'after'], ['next']]);
  });

  test('a message over the limit in the middle of others of its partition takes none with it', async () => {
    const topic = await newTopic();
    const client = await producer();
    const sends = numbers(50).map((i) =>
      client.send({
        topic,
        messages: [{ key: `${i}`, value: i === 25 ? Buffer.alloc(1.2 * MIB) : 'x'.repeat(1_000) }],
      }),
    );
    const outcomes = await Promise.allSettled(sends);
    expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([25]);
    expect(outcomes[25].reason.errorCode).toBe('ERR_KAFKA_MESSAGE_TOO_LARGE');
    const keys = (await readAll(topic)).map(({ key }) => Number(text(key)));
    expect(keys).toEqual(numbers(50).filter((i) => i !== 25));
  });

  test('messages of several MiB where the topic allows them', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': 16 * MIB });
    const client = await producer();
    const value = Buffer.alloc(8 * MIB);
    for (let i = 0; i < value.length; i += 4_096) value.writeUInt32LE(i, i);
    await client.send({ topic, messages: [{ value }, { value: 'small' }] });
    const [large, small] = await readAll(topic, { maxBytesPerPartition: 16 * MIB });
    expect(large.value.equals(value)).toBe(true);
    expect(text(small.value)).toBe('small');
  });

  test('many MiB in one send() go as many requests, in order', async () => {
    const topic = await newTopic();
    const client = await producer();
    const [result] = await client.send({
      topic,
      messages: numbers(300).map((i) => ({ key: `${i}`, value: Buffer.alloc(100_000, i) })),
    });
    expect(result).toMatchObject({ errorCode: 0, baseOffset: '0' });
    const messages = await readAll(topic);
    expect(messages.map(({ key }) => Number(text(key)))).toEqual(numbers(300));
    expect(messages.every(({ value }, i) => value.equals(Buffer.alloc(100_000, i)))).toBe(true);
  });

  test('a topic with LogAppendTime answers with the time of the broker', async () => {
    const topic = await newTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const client = await producer();
    const before = Date.now();
    const [{ logAppendTime }] = await client.send({
      topic,
      messages: [{ value: 'x', timestamp: '1234' }],
    });
    expect(Number(logAppendTime)).toBeGreaterThanOrEqual(before - 1_000);
    const [{ timestamp }] = await readAll(topic);
    expect(timestamp).toBe(logAppendTime);
  });

  test('a timestamp the broker refuses is a typed error', async () => {
    const topic = await newTopic();
    const client = await producer();
    const error = await rejection(
      client.send({ topic, messages: [{ value: 'x', timestamp: `${Date.now() + 86_400_000}` }] }),
    );
    expect(error).toMatchObject({
      name: 'KafkaJSProtocolError',
      type: 'INVALID_TIMESTAMP',
      code: 32,
      retriable: false,
      fatal: false,
    });
    expect(await client.send({ topic, messages: [{ value: 'y' }] })).toMatchObject([
      { errorCode: 0 },
    ]);
  });

  test('a record without key for a compacted topic is a typed error', async () => {
    const topic = await newTopic(1, { 'cleanup.policy': 'compact' });
    const client = await producer();
    const error = await rejection(client.send({ topic, messages: [{ value: 'no key' }] }));
    expect(error).toMatchObject({ type: 'INVALID_RECORD', code: 87, fatal: false });
    await client.send({ topic, messages: [{ key: 'k', value: null }] });
    expect(await readAll(topic)).toMatchObject([{ value: null, offset: '0' }]);
  });

  test('allowAutoTopicCreation: false does not make a topic', async () => {
    const topic = unique('not-made');
    const client = await producer({
      allowAutoTopicCreation: false,
      librdkafka: { 'topic.metadata.propagation.max.ms': 500 },
    });
    const error = await rejection(client.send({ topic, messages: [{ value: 'x' }] }));
    expect(error).toMatchObject({
      errorCode: 'ERR_KAFKA_UNKNOWN_TOPIC',
      type: 'UNKNOWN_TOPIC_OR_PARTITION',
      topic,
    });
    expect(await (await admin()).listTopics()).not.toContain(topic);
  });

  test.each(['', 'with space', 'x'.repeat(300), 'sla/sh'])(
    'the topic name %p is refused with a typed error',
    async (topic) => {
      const client = await producer();
      const error = await rejection(client.send({ topic, messages: [{ value: 'x' }] }));
      expect(error).toMatchObject({ name: expect.stringMatching(/^KafkaJS/), retriable: false });
    },
  );

  test('sends while partitions are added go on, and the new ones are used', async () => {
    const topic = await newTopic(1);
    const client = await producer({ metadataMaxAge: 500 });
    await client.send({ topic, messages: [{ partition: 0, value: 'a' }] });
    await (await admin()).createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    const found = async () => {
      try {
        return await client.send({ topic, messages: [{ partition: 2, value: 'b' }] });
      } catch (error) {
        if (error.type === 'UNKNOWN_TOPIC_OR_PARTITION') return found();
        throw error;
      }
    };
    expect(await found()).toMatchObject([{ partition: 2, baseOffset: '0' }]);
  });

  test('two producers of different kinds beside each other in one process', async () => {
    const topic = await newTopic(1);
    const clients = await Promise.all([
      producer({ acks: 1 }),
      producer({ idempotent: true, maxInFlightRequests: 1 }),
      producer({ compression: 'zstd', librdkafka: { 'linger.ms': 20 } }),
    ]);
    await Promise.all(
      clients.flatMap((client, who) =>
        numbers(300).map((i) =>
          client.send({ topic, messages: [{ key: `${who}`, value: `${i}` }] }),
        ),
      ),
    );
    const messages = await readAll(topic);
    for (const who of clients.keys()) {
      const own = messages.filter(({ key }) => text(key) === `${who}`);
      expect(own.map(({ value }) => Number(text(value)))).toEqual(numbers(300));
    }
  });

  test('connect() to nobody is a typed error that knows the broker', async () => {
    const client = track(
      kafka({
        brokers: ['127.0.0.1:1'],
        retry: { retries: 1, initialRetryTime: 5_000 },
      }).producer(),
    );
    expect(await rejection(client.connect())).toMatchObject({
      name: 'KafkaJSNumberOfRetriesExceeded',
      errorCode: 'ERR_KAFKA_RETRIES_EXCEEDED',
      cause: { name: 'KafkaJSConnectionError', code: 'ECONNREFUSED', broker: '127.0.0.1:1' },
    });
  });
});
