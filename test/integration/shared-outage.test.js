'use strict';

const { startKafka } = require('../../scripts/real-kafka');
const { realBroker } = require('../shared/brokers');
const { clientsOf, rejection, text, numbers, until } = require('../shared/clients');
const { outageSuite, exactlyOnceTest } = require('../shared/outage-suite');

jest.setTimeout(180_000);

let own;
// A broker of our own: the shared one is not to be killed.
beforeAll(async () => {
  own = await startKafka({ brokers: 1 });
});
afterAll(() => own?.stop());

const bootstrap = () => own.bootstrapServers;

describe('Producer and a broker that is killed', () => {
  const broker = realBroker(bootstrap, {
    stopBroker: () => own.kill(1, 'SIGKILL'),
    startBroker: () => own.brokers[0].start({ timeoutMs: 120_000 }),
  });
  exactlyOnceTest(broker, clientsOf(broker));
});

describe('Producer and a broker that does not answer', () =>
  outageSuite(
    realBroker(bootstrap, {
      hangs: true,
      stopBroker: () => own.signal(1, 'SIGSTOP'),
      startBroker: () => own.signal(1, 'SIGCONT'),
    }),
  ));

describe('Producer with a broker that hangs', () => {
  const { producer, newTopic, readAll } = clientsOf(realBroker(bootstrap));

  test('a send that is handed over is not taken back, only not waited for', async () => {
    const topic = await newTopic();
    const client = await producer();
    await client.send({ topic, messages: [{ value: 'a' }] });
    const controller = new AbortController();
    own.signal(1, 'SIGSTOP');
    try {
      const sending = rejection(
        client.send({ topic, messages: [{ value: 'b' }], signal: controller.signal }),
      );
      controller.abort();
      expect(await sending).toMatchObject({ errorCode: 'ERR_KAFKA_ABORTED' });
      expect(client.queued.messages).toBe(1);
    } finally {
      own.signal(1, 'SIGCONT');
    }
    await client.flush({ timeout: 60_000 });
    expect((await readAll(topic)).map(({ value }) => text(value))).toEqual(['a', 'b']);
  });

  test('requests that time out are sent again, and each message is there once', async () => {
    const topic = await newTopic();
    const client = await producer({
      idempotent: true,
      statisticsIntervalMs: 50,
      librdkafka: { 'socket.timeout.ms': 500 },
    });
    await client.send({ topic, messages: [{ value: '0' }] });
    const timeouts = [];
    client.on(client.events.STATISTICS, ({ payload }) =>
      timeouts.push(...payload.brokers.map(({ requestTimeouts }) => requestTimeouts)),
    );
    own.signal(1, 'SIGSTOP');
    let sends;
    try {
      sends = numbers(500, 1).map((i) => client.send({ topic, messages: [{ value: `${i}` }] }));
      await until(() => timeouts.some((count) => count > 1), 'requests that timed out');
    } finally {
      own.signal(1, 'SIGCONT');
    }
    await Promise.all(sends);
    expect((await readAll(topic)).map(({ value }) => Number(text(value)))).toEqual(numbers(501));
  });
});
