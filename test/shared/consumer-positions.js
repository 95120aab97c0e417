'use strict';

// Where a consumer is: seek, pause, commits, lag.

const { eventually } = require('./clients');
const { until, deferred, numbers } = require('./consumer-tools');

/** @param {Function} broker see consumer-suite.js @param {object} tools of consumerTools() */
function positions(broker, { connect, fill, recorder, committedOf }) {
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

  test('lag() of a partition in which nothing came knows its end', async () => {
    const topic = await broker().createTopic(1);
    await fill(topic, 1, 10);
    const consumer = await connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: false });
    await consumer.run({ eachMessage: async () => {} });
    await eventually(
      () => consumer.lag(),
      [{ topic, partition: 0, position: '10', low: expect.any(String), high: '10', lag: '0' }],
    );
    consumer.seek({ topic, partition: 0, offset: '4' });
    await eventually(
      () => consumer.lag(),
      [expect.objectContaining({ position: '10', high: '10', lag: '0' })],
    );
  });
}

module.exports = { positions };
