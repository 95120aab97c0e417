'use strict';

// What a consumer does when handlers fail, and at its end.

const { until, deferred, numbers } = require('./consumer-tools');

/** @param {Function} broker see consumer-suite.js @param {object} tools of consumerTools() */
function failures(broker, { connect, fill }) {
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
    await consumer.assign([{ topic, partition: 0 }]);
    await consumer.run({ eachMessage() {} });
    await expect(consumer.subscribe({ topic })).rejects.toThrow(
      'Cannot subscribe to topic while consumer is running on partitions of assign()',
    );
  });
}

module.exports = { failures };
