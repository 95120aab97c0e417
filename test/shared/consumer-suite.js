'use strict';

// What a consumer does, on any broker: run by test/unit on EmbeddedKafka and by test/integration on real Kafka.

/** Resolves when the condition holds; the deadline is for a failure only. */
async function until(condition, what = 'the condition', timeoutMs = 30_000) {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}

/** A promise with its resolve. */
function deferred() {
  let resolve;
  const promise = new Promise((r) => {
    resolve = r;
  });
  return { promise, resolve };
}

/**
 * @param {() => { kafka: () => object, createTopic: (partitions: number, name?: string) => Promise<string>,
 *   groupOptions: object, commitsWhileRebalancing: boolean }} broker
 */
function consumerSuite(broker) {
  let producer;
  let number = 0;
  const open = [];

  const newGroup = () => `group-${process.pid}-${Date.now()}-${number++}`;

  beforeAll(async () => {
    producer = broker().kafka().producer();
    await producer.connect();
  });
  afterAll(async () => {
    await producer?.disconnect();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.disconnect()));
  });

  async function connect(options = {}) {
    const client = broker()
      .kafka()
      .consumer({
        groupId: newGroup(),
        retry: { initialRetryTime: 10, maxRetryTime: 50, retries: 3 },
        ...broker().groupOptions,
        ...options,
      });
    open.push(client);
    await client.connect();
    return client;
  }

  /** `count` messages in each partition, value = number in the partition. */
  async function fill(topic, partitions, count, from = 0) {
    const messages = [];
    for (let partition = 0; partition < partitions; partition++) {
      for (let i = from; i < from + count; i++)
        messages.push({ partition, key: `k${i}`, value: `${i}` });
    }
    await producer.send({ topic, messages });
  }

  /** Values by partition, in the order of arrival. */
  function recorder() {
    const seen = new Map();
    const record = (partition, message) => {
      if (!seen.has(partition)) seen.set(partition, []);
      seen.get(partition).push(Number(message.value));
    };
    const total = () => [...seen.values()].reduce((sum, values) => sum + values.length, 0);
    return { seen, record, total };
  }

  async function committedOf(consumer, topic, partition) {
    const [{ offset }] = await consumer.committed([{ topic, partition }]);
    return offset;
  }

  /** Values that came before the one in front of them. */
  function gaps(values) {
    let next = 0;
    return values.filter((value) => {
      const skipped = value > next;
      next = Math.max(next, value + 1);
      return skipped;
    });
  }

  const numbers = (count, from = 0) => Array.from({ length: count }, (_, i) => from + i);

  test('eachMessage gets every message in order and commits behind it', async () => {
    const topic = await broker().createTopic(3);
    await fill(topic, 3, 500);
    const consumer = await connect();
    const { seen, record, total } = recorder();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic: from, partition, message }) => {
        expect(from).toBe(topic);
        expect(message.key).toEqual(Buffer.from(`k${Number(message.value)}`));
        record(partition, message);
      },
    });
    await until(() => total() === 1_500);
    for (let partition = 0; partition < 3; partition++) {
      expect(seen.get(partition)).toEqual(numbers(500));
    }
    expect(consumer.assignment()).toHaveLength(3);
    await consumer.stop();
    expect(await committedOf(consumer, topic, 1)).toBe('500');
  });

  test('run() resolves when the group is joined: what is sent afterwards arrives without fromBeginning', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 3);
    const consumer = await connect();
    const { seen, record, total } = recorder();
    const joins = [];
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => joins.push(payload));
    await consumer.subscribe({ topic });
    await consumer.run({
      eachMessage: async ({ partition, message }) => record(partition, message),
    });
    expect(joins).toHaveLength(1);
    expect(joins[0].memberAssignment).toEqual({ [topic]: [0] });
    expect(joins[0].memberId).not.toBe('');
    // Where "the end" is gets asked for after the join.
    await until(() => consumer.assignment().length === 1);
    for (let i = 0; total() === 0; i++) {
      await fill(topic, 1, 1, 100 + i);
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
    expect(seen.get(0)[0]).toBeGreaterThanOrEqual(100);
  });

  test('eachBatch with resolveOffset, heartbeat and commitOffsetsIfNecessary', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 100);
    const consumer = await connect();
    const batches = [];
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary } = payload;
        expect(payload.isRunning()).toBe(true);
        expect(payload.isStale()).toBe(false);
        batches.push(batch);
        for (const message of batch.messages) {
          resolveOffset(message.offset);
          await heartbeat();
        }
        const uncommitted = payload.uncommittedOffsets();
        expect(uncommitted.topics[0].partitions[0]).toEqual({
          partition: 0,
          offset: `${Number(batch.lastOffset()) + 1}`,
        });
        await commitOffsetsIfNecessary(uncommitted);
      },
    });
    await until(() => batches.reduce((sum, batch) => sum + batch.messages.length, 0) === 100);
    await until(() => batches.at(-1).highWatermark === '100');
    expect(await committedOf(consumer, topic, 0)).toBe('100');
  });

  test('a second member gets its share; nothing is skipped, nothing comes twice', async () => {
    const topic = await broker().createTopic(4);
    const groupId = newGroup();
    const { seen, record, total } = recorder();
    const consume = async () => {
      const consumer = await connect({ groupId });
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        partitionsConsumedConcurrently: 2,
        eachMessage: async ({ partition, message }) => {
          record(partition, message);
          if (Number(message.value) % 50 === 0) await new Promise(setImmediate);
        },
      });
      return consumer;
    };
    await fill(topic, 4, 300);
    const first = await consume();
    await fill(topic, 4, 300, 300);
    const second = await consume();
    await until(() => first.assignment().length === 2 && second.assignment().length === 2);
    await fill(topic, 4, 300, 600);
    await until(() => total() >= 3_600);
    await second.disconnect();
    await until(() => first.assignment().length === 4);
    await fill(topic, 4, 300, 900);
    await until(() => total() >= 4_800);
    for (let partition = 0; partition < 4; partition++) {
      const values = seen.get(partition);
      if (broker().commitsWhileRebalancing) expect(values).toEqual(numbers(1_200));
      else expect(gaps(values)).toEqual([]);
    }
  });

  test('a cooperative rebalance leaves the partitions that stay alone', async () => {
    const { PartitionAssigners } = require('../../lib');
    const topic = await broker().createTopic(4);
    const options = {
      groupId: newGroup(),
      partitionAssigners: [PartitionAssigners.cooperativeSticky],
    };
    const revoked = [];
    const consume = async (onPartitionsRevoked) => {
      const consumer = await connect({ ...options, onPartitionsRevoked });
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({ eachMessage: () => {} });
      return consumer;
    };
    const first = await consume((partitions) => void revoked.push(...partitions));
    await until(() => first.assignment().length === 4);
    const second = await consume();
    await until(() => second.assignment().length === 2);
    await until(() => first.assignment().length === 2);
    expect(revoked).toHaveLength(2);
  });

  test('onPartitionsRevoked is awaited, may commit, and knows that nothing was lost', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 5);
    const calls = [];
    let handled = 0;
    const consumer = await connect({
      onPartitionsAssigned: async (partitions) => void calls.push(['assigned', partitions]),
      onPartitionsRevoked: async (partitions, { lost }) => {
        await consumer.commitOffsets([{ topic, partition: 0, offset: '3', metadata: 'mine' }]);
        calls.push(['revoked', partitions, lost]);
      },
    });
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: () => void handled++ });
    await until(() => handled === 5);
    await consumer.stop();
    expect(calls).toEqual([
      ['assigned', [{ topic, partition: 0 }]],
      ['revoked', [{ topic, partition: 0 }], false],
    ]);
    const [committed] = await consumer.committed([{ topic, partition: 0 }]);
    expect(committed).toMatchObject({ offset: '3', metadata: 'mine' });
  });

  test('stop() lets the handler finish, and run() goes on from there', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 10);
    const consumer = await connect();
    const values = [];
    const reached = deferred();
    const release = deferred();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (Number(message.value) === 4) {
          reached.resolve();
          await release.promise;
        }
        values.push(Number(message.value));
      },
    });
    await reached.promise;
    const stopped = consumer.stop();
    release.resolve();
    await stopped;
    expect(values).toEqual(numbers(5));
    expect(consumer.assignment()).toEqual([]);
    await consumer.run({
      eachMessage: async ({ message }) => void values.push(Number(message.value)),
    });
    await until(() => values.length === 10);
    expect(values).toEqual(numbers(10));
  });

  test('seek goes where it is told, before the assignment and while running', async () => {
    const topic = await broker().createTopic(2);
    await fill(topic, 2, 10);
    const consumer = await connect();
    const { seen, record, total } = recorder();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const running = consumer.run({
      eachMessage: async ({ partition, message }) => record(partition, message),
    });
    consumer.seek({ topic, partition: 1, offset: '7' });
    await running;
    await until(() => total() === 13);
    expect(seen.get(0)).toEqual(numbers(10));
    expect(seen.get(1)).toEqual([7, 8, 9]);
    consumer.seek({ topic, partition: 0, offset: 8 });
    await until(() => total() === 15);
    expect(seen.get(0)).toEqual([...numbers(10), 8, 9]);
    consumer.seek({ topic, partition: 0, offset: '-2' });
    await until(() => total() === 25);
  });

  test('a seek within eachBatch makes the rest stale and wins over the automatic resolution', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 20);
    const consumer = await connect();
    const values = [];
    let sought = false;
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachBatch: async ({ batch, isStale, resolveOffset }) => {
        for (const message of batch.messages) {
          if (isStale()) break;
          values.push(Number(message.value));
          resolveOffset(message.offset);
          if (!sought && values.at(-1) === 5) {
            sought = true;
            consumer.seek({ topic, partition: 0, offset: '15' });
          }
        }
      },
    });
    await until(() => values.at(-1) === 19);
    expect(values).toEqual([...numbers(6), ...numbers(5, 15)]);
    await consumer.stop();
    expect(await committedOf(consumer, topic, 0)).toBe('20');
  });

  test('pause holds one partition, resume goes on without loss or repeat', async () => {
    const topic = await broker().createTopic(2);
    await fill(topic, 2, 50);
    const consumer = await connect();
    const { seen, record, total } = recorder();
    let resume;
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message, pause }) => {
        record(partition, message);
        if (partition === 0 && Number(message.value) === 10) resume = pause();
      },
    });
    await until(() => total() === 61);
    expect(consumer.paused()).toEqual([{ topic, partitions: [0] }]);
    await fill(topic, 2, 50, 50);
    await until(() => seen.get(1).length === 100);
    expect(seen.get(0)).toEqual(numbers(11));
    resume();
    expect(consumer.paused()).toEqual([]);
    await until(() => seen.get(0).length === 100);
    expect(seen.get(0)).toEqual(numbers(100));
  });

  test('a handler that throws is retried from the failed message', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 10);
    const consumer = await connect();
    const values = [];
    let failures = 2;
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (Number(message.value) === 6 && failures-- > 0) throw new Error('not now');
        values.push(Number(message.value));
      },
    });
    await until(() => values.length === 10);
    expect(values).toEqual(numbers(10));
  });

  test('when retries are over it crashes, restarts by itself and skips nothing', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 10);
    const asked = [];
    const consumer = await connect({
      retry: {
        initialRetryTime: 10,
        maxRetryTime: 20,
        retries: 2,
        restartOnFailure: async (error) => {
          asked.push(error.name);
          return true;
        },
      },
    });
    const crashes = [];
    consumer.on(consumer.events.CRASH, ({ payload }) => crashes.push(payload));
    const values = [];
    let failures = 4;
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (Number(message.value) === 6 && failures-- > 0) throw new Error('not now');
        values.push(Number(message.value));
      },
    });
    await until(() => values.length === 10);
    expect(values).toEqual(numbers(10));
    expect(asked).toEqual(['KafkaJSNumberOfRetriesExceeded']);
    expect(crashes).toMatchObject([{ restart: true, groupId: consumer.groupId }]);
  });

  test('a bug in the handler crashes without restart and ends the consumer', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 3);
    const consumer = await connect();
    const ended = deferred();
    const order = [];
    for (const name of ['STOP', 'DISCONNECT', 'CRASH']) {
      consumer.on(consumer.events[name], ({ payload }) => {
        order.push(name);
        if (name === 'CRASH') ended.resolve(payload);
      });
    }
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ eachMessage: async () => null.field });
    const { error, restart } = await ended.promise;
    expect(restart).toBe(false);
    expect(error.name).toBe('KafkaJSNonRetriableError');
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(order).toEqual(['STOP', 'DISCONNECT', 'CRASH']);
  });

  test('regular expressions follow new topics', async () => {
    const first = await broker().createTopic(1);
    const pattern = new RegExp(`^${first}`, 'g');
    await fill(first, 1, 1);
    const consumer = await connect({ metadataMaxAge: 300 });
    const topics = new Set();
    await consumer.subscribe({ topics: [pattern], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ topic }) => void topics.add(topic) });
    await until(() => topics.has(first));
    const second = await broker().createTopic(1, `${first}-later`);
    await fill(second, 1, 1);
    await until(() => topics.has(second));
  });

  test('commitOffsets commits what it is given and refuses what is not ours', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 5);
    const consumer = await connect();
    const commits = [];
    consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload }) => commits.push(payload));
    let handled = 0;
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: () => void handled++ });
    await until(() => handled === 5);
    await consumer.commitOffsets([{ topic, partition: 0, offset: '2' }]);
    expect(await committedOf(consumer, topic, 0)).toBe('2');
    expect(commits).toMatchObject([
      {
        groupId: consumer.groupId,
        topics: [{ topic, partitions: [{ partition: 0, offset: '2' }] }],
      },
    ]);
    await expect(
      consumer.commitOffsets([{ topic, partition: 9, offset: '2' }]),
    ).rejects.toMatchObject({ errorCode: 'ERR_KAFKA_STALE' });
  });

  test('batches() hands out batches; leaving the loop keeps what was not handled', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 100);
    const consumer = await connect({ maxBatchMessages: 10 });
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const values = [];
    for await (const batch of consumer.batches()) {
      if (values.length + batch.messages.length > 50) break;
      for (const message of batch.messages) values.push(Number(message.value));
    }
    expect(values).toEqual(numbers(values.length));
    expect(await committedOf(consumer, topic, 0)).toBe(`${values.length}`);
  });

  test('batches() ends with an AbortSignal', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 3);
    const consumer = await connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const controller = new AbortController();
    const loop = async () => {
      for await (const batch of consumer.batches({ signal: controller.signal })) {
        if (batch.lastOffset() === '2') setImmediate(() => controller.abort());
      }
    };
    await expect(loop()).rejects.toMatchObject({ errorCode: 'ERR_KAFKA_ABORTED' });
    expect(await committedOf(consumer, topic, 0)).toBe('3');
  });

  test('stream() gives messages and counts those as handled that were read', async () => {
    const topic = await broker().createTopic(2);
    await fill(topic, 2, 50);
    const consumer = await connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const { seen, record, total } = recorder();
    for await (const message of consumer.stream()) {
      expect(message.topic).toBe(topic);
      record(message.partition, message);
      if (total() === 70) break;
    }
    const committed = await consumer.committed([0, 1].map((partition) => ({ topic, partition })));
    const sum = committed.reduce((all, { offset }) => all + Number(offset ?? 0), 0);
    expect(sum).toBe(69); // the body with the 70th message was left
    expect([...seen.values()].every((values) => values.every((value, i) => value === i))).toBe(
      true,
    );
  });

  test('drain() waits for handlers and commits; what it returns goes on', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 10);
    const consumer = await connect();
    const values = [];
    const reached = deferred();
    const release = deferred();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        values.push(Number(message.value));
        if (values.length === 4) {
          reached.resolve();
          await release.promise;
        }
      },
    });
    await reached.promise;
    const draining = consumer.drain();
    release.resolve();
    const goOn = await draining;
    expect(values).toEqual(numbers(4));
    expect(await committedOf(consumer, topic, 0)).toBe('4');
    expect(consumer.assignment()).toHaveLength(1);
    goOn();
    await until(() => values.length === 10);
    expect(values).toEqual(numbers(10));
  });

  test('assign() consumes without the group', async () => {
    const topic = await broker().createTopic(2);
    await fill(topic, 2, 10);
    const consumer = await connect();
    const { seen, record, total } = recorder();
    await consumer.assign([{ topic, partition: 1, offset: '4' }]);
    await consumer.run({
      eachMessage: async ({ partition, message }) => record(partition, message),
    });
    await until(() => total() === 6);
    expect([...seen]).toEqual([[1, numbers(6, 4)]]);
  });

  test('lag() counts what no handler has resolved', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 10);
    const consumer = await connect();
    const release = deferred();
    const reached = deferred();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (message.offset === '4') {
          reached.resolve();
          await release.promise;
        }
      },
    });
    await reached.promise;
    await expect(consumer.lag()).resolves.toEqual([
      { topic, partition: 0, position: '4', low: '0', high: '10', lag: '6' },
    ]);
    release.resolve();
  });

  test('disconnect() in the middle of everything is quiet and quick', async () => {
    const topic = await broker().createTopic(4);
    await fill(topic, 4, 2_000);
    const consumer = await connect();
    let after = false;
    let handledAfter = 0;
    let handled = 0;
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async () => {
        handled += 1;
        if (after) handledAfter += 1;
      },
    });
    await until(() => handled > 100);
    await Promise.all([consumer.disconnect(), consumer.disconnect()]);
    after = true;
    await new Promise(setImmediate);
    expect(handledAfter).toBe(0);
    expect(() => consumer.pause([{ topic }])).toThrow(/run must be called first/);
  });

  test("says what is wrong with KafkaJS's sentences", async () => {
    const consumer = await connect();
    await expect(consumer.subscribe({})).rejects.toThrow('Missing required argument "topics"');
    await expect(consumer.subscribe({ topics: 'x' })).rejects.toThrow('must be an array');
    await expect(consumer.subscribe({ topic: 5 })).rejects.toThrow('Invalid topic 5 (number)');
    await expect(consumer.run({ eachMessage() {} })).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_STATE',
    });
    const seek = (argument) => () => consumer.seek(argument);
    expect(seek({ partition: 0, offset: '1' })).toThrow('Invalid topic');
    expect(seek({ topic: 't', partition: 'x', offset: '1' })).toThrow('Invalid partition');
    expect(seek({ topic: 't', partition: 0, offset: 'x' })).toThrow('Invalid offset');
    expect(seek({ topic: 't', partition: 0, offset: -5 })).toThrow('must not be a negative number');
    expect(seek({ topic: 't', partition: 0, offset: 5 })).toThrow(
      'consumer#run must be called first',
    );
    const topic = await broker().createTopic(1);
    await consumer.subscribe({ topic });
    await consumer.run({ eachMessage() {} });
    await expect(consumer.subscribe({ topic })).rejects.toThrow(
      'Cannot subscribe to topic while consumer is running',
    );
  });
}

module.exports = { consumerSuite, until };
