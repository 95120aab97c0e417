'use strict';

// What a producer does while its broker is away: nothing is lost, nothing comes twice, the order holds.

const { clientsOf, rejection, text, numbers, until } = require('./clients');

/** The broker comes back within it, however slow the machine is. */
const PATIENT = { librdkafka: { 'message.timeout.ms': 300_000 } };

const bodies = (messages) => messages.map(({ value }) => Number(text(value)));

/** Never leaves the broker away for the next test. */
function awayOf(broker) {
  return async (body) => {
    await broker.stopBroker();
    try {
      return await body();
    } finally {
      await broker.startBroker();
    }
  };
}

function exactlyOnceTest(broker, { producer, newTopic, readAll }) {
  const whileAway = awayOf(broker);

  test('idempotent: a broker that ends and returns amid 20,000 sends has each once, in order', async () => {
    const topic = await newTopic();
    const client = await producer({ idempotent: true, ...PATIENT });
    const sends = [];
    const send = (count) => {
      for (let i = 0; i < count; i += 1) {
        sends.push(client.send({ topic, messages: [{ value: `${sends.length}` }] }));
      }
    };
    let acknowledged = 0;
    send(8_000);
    for (const sending of sends) sending.then(() => (acknowledged += 1));
    await until(() => acknowledged > 100, 'the first acknowledgements');
    await whileAway(() => {
      send(6_000);
      return new Promise(setImmediate);
    });
    send(6_000);
    await Promise.all(sends);
    expect(bodies(await readAll(topic))).toEqual(numbers(20_000));
  });
}

/**
 * @param {{ bootstrap: string, isEmbedded: boolean, createTopic: Function,
 *   stopBroker: () => any, startBroker: () => any, hangs?: boolean }} broker without a goodbye; `hangs`: its sockets
 *   stay open meanwhile
 */
function outageSuite(broker) {
  jest.setTimeout(180_000);
  const { kafka, producer, newTopic, readAll, track } = clientsOf(broker);
  const whileAway = awayOf(broker);

  exactlyOnceTest(broker, { producer, newTopic, readAll });

  test('sends made while no broker is there are delivered once it is back', async () => {
    const topic = await newTopic();
    const client = await producer(PATIENT);
    await client.send({ topic, messages: [{ value: '0' }] });
    let sending;
    await whileAway(async () => {
      sending = client.send({ topic, messages: [{ value: '1' }] });
      const error = await rejection(client.flush({ timeout: 300 }));
      expect(error).toMatchObject({ name: 'KafkaJSTimeout', errorCode: 'ERR_KAFKA_TIMEOUT' });
      expect(client.queued.messages).toBe(1);
    });
    expect(await sending).toMatchObject([{ errorCode: 0, baseOffset: '1' }]);
  });

  test('a full queue: sends wait without end, or are refused, and all is well afterwards', async () => {
    const topic = await newTopic();
    const waiting = await producer({ maxQueuedMessages: 10, ...PATIENT });
    const refusing = await producer({
      maxQueuedBytes: 5_000,
      onQueueFull: 'reject',
      ...PATIENT,
    });
    for (const client of [waiting, refusing]) {
      await client.send({ topic, messages: [{ value: '-1' }] });
    }
    const sends = [];
    const refused = [];
    const signals = new AbortController();
    let taken;
    await whileAway(async () => {
      for (let i = 0; i < 30; i += 1) {
        sends.push(waiting.send({ topic, messages: [{ value: `${i}` }] }));
      }
      taken = rejection(
        waiting.send({ topic, messages: [{ value: '99' }], signal: signals.signal }),
      );
      expect(waiting.queued).toMatchObject({ messages: 10, waitingSends: 21 });
      for (let i = 0; i < 10; i += 1) {
        const sending = refusing.send({
          topic,
          messages: [{ key: 'x'.repeat(1_000), value: '-2' }],
        });
        sends.push(sending.catch((error) => refused.push(error)));
      }
      signals.abort();
      expect(await taken).toMatchObject({ errorCode: 'ERR_KAFKA_ABORTED' });
      await until(() => refused.length === 6, 'refused sends');
    });
    for (const error of refused) {
      expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_QUEUE_FULL', retriable: true });
    }
    await Promise.all(sends);
    const all = bodies(await readAll(topic));
    expect(all.filter((i) => i >= 0)).toEqual(numbers(30));
    expect(all.filter((i) => i === -2)).toHaveLength(4);
    expect(waiting.queued).toEqual({ bytes: 0, messages: 0, waitingSends: 0 });
    expect(refusing.queued.messages).toBe(0);
  });

  test('what is not acknowledged in time is a typed error with its cause; the producer goes on', async () => {
    const topic = await newTopic();
    const client = await producer({ librdkafka: { 'message.timeout.ms': 600 } });
    /** A machine that stands still makes this late, too. */
    const acknowledged = async (value) => {
      try {
        return await client.send({ topic, messages: [{ value }] });
      } catch (failure) {
        if (failure.errorCode === 'ERR_KAFKA_DELIVERY_TIMEOUT') return acknowledged(value);
        throw failure;
      }
    };
    await acknowledged('0');
    const error = await whileAway(() =>
      rejection(client.send({ topic, messages: [{ value: '1' }, { value: '2' }] })),
    );
    expect(error).toMatchObject({
      name: 'KafkaJSNumberOfRetriesExceeded',
      errorCode: 'ERR_KAFKA_DELIVERY_TIMEOUT',
      topic,
      partition: 0,
      results: [{ partition: 0, acknowledged: 0, failed: 2 }],
    });
    // A broker that hangs gives no reason.
    if (!broker.hangs) {
      expect(error.cause).toMatchObject({ errorCode: expect.stringMatching(/^ERR_KAFKA_/) });
    }
    // Whether they were written nobody can know; what follows comes behind.
    expect(await acknowledged('3')).toMatchObject([{ errorCode: 0 }]);
    const all = bodies(await readAll(topic));
    expect([all.at(0), all.at(-1)]).toEqual([0, 3]);
  });

  test('disconnect() while no broker is there ends in time; what was not sent is told', async () => {
    const topic = await newTopic();
    const client = track(kafka().producer({ disconnectTimeout: 500 }));
    await client.connect();
    await client.send({ topic, messages: [{ value: '0' }] });
    const error = await whileAway(async () => {
      const sending = rejection(client.send({ topic, messages: [{ value: '1' }] }));
      const started = Date.now();
      await client.disconnect();
      expect(Date.now() - started).toBeLessThan(9_000); // 10 s without the option
      return sending;
    });
    expect(['ERR_KAFKA_CLOSED', 'ERR_KAFKA_PURGED']).toContain(error.errorCode);
  });
}

module.exports = { outageSuite, exactlyOnceTest };
