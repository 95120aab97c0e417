'use strict';

// What a producer does, on any broker.

const { CompressionTypes, Partitioners } = require('../../lib');
const { clientsOf, rejection, text, numbers, unique, until } = require('./clients');

const RECORD_METADATA = [
  'topicName',
  'partition',
  'errorCode',
  'baseOffset',
  'logAppendTime',
  'logStartOffset',
];

/** @param {{ bootstrap: string, isEmbedded: boolean, createTopic: Function }} broker */
function producerSuite(broker) {
  jest.setTimeout(120_000);
  const { kafka, producer, newTopic, readAll, readUntil, track } = clientsOf(broker);

  const values = (messages) => messages.map(({ value }) => text(value));
  const of = (partition) => (message) => message.partition === partition;

  describe('results', () => {
    test("send() resolves to KafkaJS's RecordMetadata; base offsets go on where the last send ended", async () => {
      const topic = await newTopic();
      const client = await producer();
      const send = (count) =>
        client.send({ topic, messages: numbers(count).map((i) => ({ value: `${i}` })) });
      const first = await send(3);
      expect(first).toEqual([
        {
          topicName: topic,
          partition: 0,
          errorCode: 0,
          baseOffset: '0',
          // librdkafka's mock cluster answers with some number.
          logAppendTime: broker.isEmbedded ? expect.stringMatching(/^\d+$/) : '-1',
          logStartOffset: '0',
        },
      ]);
      expect(Object.keys(first[0])).toEqual(RECORD_METADATA);
      expect(await send(1)).toMatchObject([{ baseOffset: '3' }]);
      expect(await send(5)).toMatchObject([{ baseOffset: '4' }]);
    });

    test('one entry a partition, each with the base offset of its own messages', async () => {
      const topic = await newTopic(3);
      const client = await producer();
      await client.send({ topic, messages: numbers(4).map(() => ({ partition: 2, value: 'x' })) });
      const results = await client.send({
        topic,
        messages: [0, 1, 2, 2, 0, 2].map((partition, i) => ({ partition, value: `${i}` })),
      });
      const offsets = results.map(({ partition, baseOffset }) => [partition, baseOffset]);
      expect(offsets.sort()).toEqual([
        [0, '0'],
        [1, '0'],
        [2, '4'],
      ]);
      const messages = await readAll(topic, { partitions: 3 });
      expect(values(messages.filter(of(0)))).toEqual(['0', '4']);
      expect(values(messages.filter(of(1)))).toEqual(['1']);
      expect(values(messages.filter(of(2))).slice(4)).toEqual(['2', '3', '5']);
    });

    test('sends that share a request each get their own base offset', async () => {
      const topic = await newTopic();
      const client = await producer();
      const results = await Promise.all(
        numbers(200).map((i) =>
          client.send({ topic, messages: numbers((i % 3) + 1).map(() => ({ value: `${i}` })) }),
        ),
      );
      const messages = await readAll(topic);
      for (const [i, [{ baseOffset }]] of results.entries()) {
        const own = messages.filter(({ value }) => text(value) === `${i}`);
        expect(own).toHaveLength((i % 3) + 1);
        expect(own[0].offset).toBe(baseOffset);
      }
    });

    test('sendBatch() sends to several topics, the same topic twice included', async () => {
      const [one, two] = [await newTopic(), await newTopic()];
      const client = await producer();
      const results = await client.sendBatch({
        topicMessages: [
          { topic: one, messages: [{ value: 'a' }] },
          { topic: two, messages: [{ value: 'b' }, { value: 'c' }] },
          { topic: one, messages: [{ value: 'd' }] },
        ],
      });
      const sorted = (list) => [...list].sort((a, b) => a.topicName.localeCompare(b.topicName));
      expect(sorted(results)).toMatchObject(
        sorted([
          { topicName: one, partition: 0, errorCode: 0, baseOffset: '0' },
          { topicName: two, partition: 0, errorCode: 0, baseOffset: '0' },
        ]),
      );
      expect(values(await readAll(one))).toEqual(['a', 'd']);
      expect(values(await readAll(two))).toEqual(['b', 'c']);
    });

    test('nothing to send is nothing to wait for', async () => {
      const client = await producer();
      expect(await client.send({ topic: unique('none'), messages: [] })).toEqual([]);
      expect(await client.sendBatch({ topicMessages: [] })).toEqual([]);
      expect(await client.sendBatch({})).toEqual([]);
    });

    test.each([
      [0, '-1'],
      [1, '0'],
      [-1, '0'],
    ])('acks: %i arrives, with base offset %s', async (acks, baseOffset) => {
      const topic = await newTopic();
      const client = await producer();
      const [result] = await client.send({ topic, acks, messages: [{ value: `acks ${acks}` }] });
      expect(result).toMatchObject({ topicName: topic, errorCode: 0, baseOffset });
      // Without acknowledgement the send is over before the broker has it.
      const messages = await readUntil(topic, ({ length }) => length === 1);
      expect(values(messages)).toEqual([`acks ${acks}`]);
    });

    test('acks, compression and timeout as the options of one send() together', async () => {
      const topic = await newTopic();
      const client = await producer();
      await client.send({
        topic,
        acks: 1,
        timeout: 5_000,
        compression: CompressionTypes.GZIP,
        messages: [{ value: 'a'.repeat(5_000) }],
      });
      await client.sendBatch({
        acks: 1,
        timeout: 5_000,
        compression: CompressionTypes.GZIP,
        topicMessages: [{ topic, messages: [{ value: 'b' }] }],
      });
      expect(values(await readAll(topic))).toEqual(['a'.repeat(5_000), 'b']);
    });
  });

  describe('partitions', () => {
    test('a partition that does not exist: a typed error with results, and nothing of the rest is lost', async () => {
      const topic = await newTopic(2);
      const client = await producer();
      const error = await rejection(
        client.send({
          topic,
          messages: [
            { partition: 0, value: 'a' },
            { partition: 7, value: 'lost' },
            { partition: 1, value: 'b' },
            { partition: 0, value: 'c' },
            { partition: 7, value: 'lost too' },
          ],
        }),
      );
      expect(error).toMatchObject({
        name: 'KafkaJSProtocolError',
        errorCode: 'ERR_KAFKA_UNKNOWN_TOPIC',
        type: 'UNKNOWN_TOPIC_OR_PARTITION',
        topic,
        partition: 7,
        fatal: false,
      });
      const byPartition = new Map(error.results.map((result) => [result.partition, result]));
      expect(byPartition.get(0)).toMatchObject({ errorCode: 0, baseOffset: '0' });
      expect(byPartition.get(1)).toMatchObject({ errorCode: 0, baseOffset: '0' });
      expect(byPartition.get(7)).toMatchObject({ failed: 2, acknowledged: 0 });
      expect(byPartition.get(7).errorCode).not.toBe(0);
      const messages = await readAll(topic, { partitions: 2 });
      expect(values(messages.filter(of(0)))).toEqual(['a', 'c']);
      expect(values(messages.filter(of(1)))).toEqual(['b']);
      // And the producer goes on.
      await client.send({ topic, messages: [{ partition: 1, value: 'd' }] });
      expect(await readAll(topic, { partitions: 2 })).toHaveLength(4);
    });

    test('of sendBatch() too: the other topics are written, and the error knows all results', async () => {
      const [one, two] = [await newTopic(), await newTopic()];
      const client = await producer();
      const error = await rejection(
        client.sendBatch({
          topicMessages: [
            { topic: one, messages: [{ partition: 9, value: 'lost' }] },
            { topic: two, messages: [{ value: 'kept' }] },
          ],
        }),
      );
      expect(error).toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION', topic: one });
      expect(error.results.map(({ topicName }) => topicName).sort()).toEqual([one, two].sort());
      expect(values(await readAll(two))).toEqual(['kept']);
    });

    test('a key goes to the partition of murmur2 (Java, KafkaJS)', async () => {
      const topic = await newTopic(3);
      const client = await producer();
      const keys = [...numbers(60).map((i) => `key-${i}`), '', 'ключ', '鍵'];
      await client.send({ topic, messages: keys.map((key) => ({ key, value: key })) });
      const partitioner = Partitioners.DefaultPartitioner();
      const partitionMetadata = numbers(3).map((partitionId) => ({ partitionId, leader: 1 }));
      const messages = await readAll(topic, { partitions: 3 });
      expect(new Set(messages.map(({ partition }) => partition)).size).toBe(3);
      for (const { key, partition } of messages) {
        const expected = partitioner({ topic, partitionMetadata, message: { key: text(key) } });
        expect([text(key), partition]).toEqual([text(key), expected]);
      }
    });

    test.each(['DefaultPartitioner', 'LegacyPartitioner', 'JavaCompatiblePartitioner'])(
      'Partitioners.%s: equal keys share a partition, in order; an explicit one wins',
      async (name) => {
        const topic = await newTopic(4);
        const client = await producer({ createPartitioner: Partitioners[name] });
        const messages = numbers(80).map((i) => ({ key: `k${i % 8}`, value: `${i}` }));
        await client.send({ topic, messages });
        await client.send({ topic, messages: [{ key: 'k0', partition: 3, value: 'explicit' }] });
        const all = await readAll(topic, { partitions: 4 });
        const explicit = all.filter(({ value }) => text(value) === 'explicit');
        expect(explicit.map(({ partition }) => partition)).toEqual([3]);
        for (let key = 0; key < 8; key += 1) {
          const own = all.filter(
            (message) => text(message.key) === `k${key}` && message !== explicit[0],
          );
          expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
          expect(own.map(({ value }) => Number(text(value)))).toEqual(
            numbers(10).map((i) => i * 8 + key),
          );
        }
      },
    );

    test('a partitioner in JavaScript sees topic, metadata and message, and decides', async () => {
      const topic = await newTopic(3);
      const seen = [];
      const client = await producer({
        createPartitioner: () => (args) => {
          seen.push(args);
          return Number(text(Buffer.from(args.message.value))) % 3;
        },
      });
      await client.send({ topic, messages: numbers(9).map((i) => ({ value: `${i}` })) });
      expect(seen).toHaveLength(9);
      expect(seen[4].topic).toBe(topic);
      expect(seen[4].message.value).toBe('4');
      expect(seen[4].partitionMetadata.map(({ partitionId }) => partitionId).sort()).toEqual([
        0, 1, 2,
      ]);
      expect(seen[4].partitionMetadata[0]).toMatchObject({
        partitionErrorCode: 0,
        leader: expect.any(Number),
        replicas: [expect.any(Number)],
        isr: [expect.any(Number)],
      });
      const messages = await readAll(topic, { partitions: 3 });
      for (const { partition, value } of messages) expect(Number(text(value)) % 3).toBe(partition);
    });

    test('a partitioner that throws or answers nonsense fails its send alone', async () => {
      const topic = await newTopic(2);
      let answer = () => {
        throw new RangeError('no partition today');
      };
      const client = await producer({ createPartitioner: () => (args) => answer(args) });
      const messages = [{ value: 'x' }];
      expect(await rejection(client.send({ topic, messages }))).toMatchObject({
        name: 'RangeError',
        message: 'no partition today',
      });
      answer = () => undefined;
      expect(await rejection(client.send({ topic, messages }))).toMatchObject({
        errorCode: 'ERR_KAFKA_INVALID_OPTION',
      });
      answer = () => 1;
      expect(await client.send({ topic, messages })).toMatchObject([{ partition: 1 }]);
    });
  });

  describe('order', () => {
    test('10,000 single sends at once keep their order in each partition', async () => {
      const topic = await newTopic(3);
      const client = await producer();
      const results = await Promise.all(
        numbers(10_000).map((i) =>
          client.send({ topic, messages: [{ partition: i % 3, value: `${i}` }] }),
        ),
      );
      const messages = await readAll(topic, { partitions: 3 });
      for (let partition = 0; partition < 3; partition += 1) {
        const own = messages.filter(of(partition));
        const sent = numbers(10_000).filter((i) => i % 3 === partition);
        expect(own.map(({ value }) => Number(text(value)))).toEqual(sent);
        expect(own.map(({ offset }) => offset)).toEqual(sent.map((i) => results[i][0].baseOffset));
      }
    });

    test('sends that waited for room keep their order', async () => {
      const topic = await newTopic();
      const client = await producer({ maxQueuedMessages: 50 });
      const sends = numbers(1_000).map((i) =>
        client.send({ topic, messages: [{ value: `${i}` }, { value: `${i}` }] }),
      );
      expect(client.queued.messages).toBeLessThanOrEqual(50);
      expect(client.queued.waitingSends).toBe(975);
      await Promise.all(sends);
      expect(client.queued).toEqual({ bytes: 0, messages: 0, waitingSends: 0 });
      expect(values(await readAll(topic)).map(Number)).toEqual(
        numbers(2_000).map((i) => Math.floor(i / 2)),
      );
    });
  });

  describe('flow control', () => {
    test('over maxQueuedMessages with onQueueFull "reject": a typed error, at once, nothing sent', async () => {
      const topic = await newTopic();
      const client = await producer({ maxQueuedMessages: 2, onQueueFull: 'reject' });
      const accepted = client.send({ topic, messages: [{ value: 'a' }, { value: 'b' }] });
      const error = await rejection(client.send({ topic, messages: [{ value: 'c' }] }));
      expect(error).toMatchObject({
        name: 'KafkaJSQueueFullError',
        errorCode: 'ERR_KAFKA_QUEUE_FULL',
        retriable: true,
        fatal: false,
      });
      await accepted;
      await client.send({ topic, messages: [{ value: 'd' }] });
      expect(values(await readAll(topic))).toEqual(['a', 'b', 'd']);
    });

    test('over maxQueuedBytes sends wait; one larger than the limit goes alone', async () => {
      const topic = await newTopic();
      const client = await producer({ maxQueuedBytes: 10_000 });
      const sends = numbers(20).map((i) =>
        client.send({
          topic,
          messages: [{ value: `${i} ${'x'.repeat(i === 10 ? 50_000 : 3_000)}` }],
        }),
      );
      expect(client.queued.bytes).toBeLessThanOrEqual(10_000);
      expect(client.queued.waitingSends).toBeGreaterThan(10);
      await Promise.all(sends);
      const order = values(await readAll(topic)).map((value) => Number.parseInt(value, 10));
      expect(order).toEqual(numbers(20));
    });

    test('an AbortSignal takes back a send that waits, and only that', async () => {
      const topic = await newTopic();
      const client = await producer({ maxQueuedMessages: 1 });
      const controller = new AbortController();
      const { signal } = controller;
      const first = client.send({ topic, messages: [{ value: 'first' }] });
      const waiting = rejection(
        client.send({ topic, signal, messages: [{ value: 'taken back' }] }),
      );
      const last = client.send({ topic, messages: [{ value: 'last' }] });
      controller.abort(new Error('changed my mind'));
      const error = await waiting;
      expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_ABORTED', retriable: false });
      await Promise.all([first, last]);
      expect(values(await readAll(topic))).toEqual(['first', 'last']);
      const late = client.send({ topic, signal, messages: [{ value: 'x' }] });
      expect(await rejection(late)).toMatchObject({ errorCode: 'ERR_KAFKA_ABORTED' });
    });
  });

  describe('life', () => {
    test('flush() resolves when what was sent before is acknowledged', async () => {
      const topic = await newTopic();
      const client = await producer();
      let settled = 0;
      for (let i = 0; i < 1_000; i += 1) {
        client.send({ topic, messages: [{ value: `${i}` }] }).then(() => {
          settled += 1;
        });
      }
      await client.flush({ timeout: 30_000 });
      await null;
      expect(client.queued.messages).toBe(0);
      expect(settled).toBe(1_000);
    });

    test('flush() ends a linger', async () => {
      const topic = await newTopic();
      const client = await producer({ librdkafka: { 'linger.ms': 20_000 } });
      const sending = client.send({ topic, messages: [{ value: 'x' }] });
      await client.flush({ timeout: 30_000 });
      expect(await sending).toMatchObject([{ errorCode: 0 }]);
    });

    test('disconnect() settles what was sent, then refuses', async () => {
      const topic = await newTopic();
      const client = await producer();
      const sends = numbers(500).map((i) => client.send({ topic, messages: [{ value: `${i}` }] }));
      await client.disconnect();
      await Promise.all(sends);
      expect(await readAll(topic)).toHaveLength(500);
      const messages = [{ value: 'late' }];
      for (const call of [
        () => client.send({ topic, messages }),
        () => client.sendBatch({ topicMessages: [{ topic, messages }] }),
        () => client.flush(),
      ]) {
        expect(await rejection(call())).toMatchObject({
          name: 'KafkaJSError',
          errorCode: 'ERR_KAFKA_NOT_CONNECTED',
          message: expect.stringContaining('disconnected'),
        });
      }
      await client.connect();
      await client.send({ topic, messages });
      expect(values(await readAll(topic)).at(-1)).toBe('late');
    });

    test('send() before connect() is refused and says what to do', async () => {
      const client = track(kafka().producer());
      const error = await rejection(client.send({ topic: 't', messages: [{ value: '' }] }));
      expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_NOT_CONNECTED' });
      expect(error.message).toContain('connect()');
    });

    test('events: connect, disconnect and statistics, with KafkaJS’s shape', async () => {
      const topic = await newTopic();
      const client = track(kafka().producer({ statisticsIntervalMs: 50 }));
      const events = [];
      const statistics = [];
      client.on(client.events.CONNECT, (event) => events.push(event));
      const remove = client.on(client.events.CONNECT, () => events.push('removed'));
      client.on(client.events.DISCONNECT, (event) => events.push(event));
      client.on('producer.statistics', ({ payload }) => statistics.push(payload));
      remove();
      await client.connect();
      await client.send({ topic, messages: [{ value: 'x' }] });
      await until(() => statistics.length > 0, 'statistics');
      await client.disconnect();
      expect(events).toEqual([
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
      expect(() => client.on('producer.dance', () => {})).toThrow('producer.events.CONNECT');
    });

    test('a producer is idempotent unless told otherwise', async () => {
      expect(kafka().producer().isIdempotent()).toBe(true);
      expect(kafka().producer({ idempotent: false }).isIdempotent()).toBe(false);
      expect(kafka().producer({ acks: 1 }).isIdempotent()).toBe(false);
      const client = await producer({ idempotent: true });
      const error = await rejection(
        client.send({ topic: 't', acks: 1, messages: [{ value: '' }] }),
      );
      expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_INVALID_OPTION', option: 'acks' });
    });

    test('a topic is made by the first send, with and without a partitioner in JavaScript', async () => {
      const client = await producer();
      const topic = unique('made');
      expect(await client.send({ topic, messages: [{ value: 'first' }] })).toMatchObject([
        { topicName: topic, baseOffset: '0' },
      ]);
      const own = await producer({ createPartitioner: () => () => 0 });
      const other = unique('made');
      expect(await own.send({ topic: other, messages: [{ value: 'first' }] })).toMatchObject([
        { topicName: other, partition: 0, baseOffset: '0' },
      ]);
      const partitions = broker.isEmbedded ? 4 : 1;
      expect(values(await readAll(topic, { partitions }))).toEqual(['first']);
      expect(values(await readAll(other, { partitions }))).toEqual(['first']);
    });
  });
}

module.exports = { producerSuite };
