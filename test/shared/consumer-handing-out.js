'use strict';

// How messages reach handlers, iterators and streams.

const { until, deferred, numbers } = require('./consumer-tools');

/** @param {Function} broker see consumer-suite.js @param {object} tools of consumerTools() */
function handingOut(broker, { connect, fill, recorder, committedOf }) {
  test('a new group does not wait for empty partitions before its first message', async () => {
    const topic = await broker().createTopic(4);
    await fill(topic, 1, 1);
    // The quickest of some: what was wrong before cost as long as a fetch may wait.
    const maxWaitTimeInMs = 20_000;
    let quickestMs = Infinity;
    for (let round = 0; round < 3 && quickestMs > maxWaitTimeInMs / 2; round += 1) {
      const consumer = await connect({ maxWaitTimeInMs });
      const joined = deferred();
      consumer.on(consumer.events.GROUP_JOIN, () => joined.resolve(performance.now()));
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      const got = deferred();
      await consumer.run({ eachMessage: async () => got.resolve(performance.now()) });
      quickestMs = Math.min(quickestMs, (await got.promise) - (await joined.promise));
    }
    expect(quickestMs).toBeLessThan(maxWaitTimeInMs / 2);
  });

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

  test.each([
    ['can be spread, as in KafkaJS', {}, ['key', 'value', 'headers', 'offset', 'timestamp']],
    ['with lazyMessages have nothing of their own', { lazyMessages: true }, []],
  ])('messages of eachBatch %s', async (_, options, fields) => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 3);
    const consumer = await connect();
    const copies = [];
    const values = [];
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      ...options,
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) {
          copies.push({ ...message });
          values.push(message.value);
        }
      },
    });
    await until(() => copies.length === 3);
    expect(Object.keys(copies[0])).toEqual(expect.arrayContaining(fields));
    expect(copies.map(({ value }) => value)).toEqual(fields.length > 0 ? values : Array(3));
  });

  test('eachBatch with resolveOffset, heartbeat and commitOffsetsIfNecessary', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 100);
    const consumer = await connect();
    const batches = [];
    let committed = 0;
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
        committed += batch.messages.length;
      },
    });
    await until(() => committed === 100);
    await until(() => batches.at(-1).highWatermark === '100');
    expect(await committedOf(consumer, topic, 0)).toBe('100');
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
}

module.exports = { handingOut };
