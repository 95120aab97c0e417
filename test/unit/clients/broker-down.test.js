'use strict';

const { EmbeddedKafka, Kafka, logLevel } = require('../../../lib');
const { until } = require('../../shared/consumer-suite');

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

describe('While the broker is away', () => {
  let cluster;
  beforeEach(async () => {
    cluster = await EmbeddedKafka.start();
  });
  afterEach(() => cluster.stop());

  const kafka = (options) =>
    new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING, ...options });

  test('an admin call that waits for it leaves the processor alone', async () => {
    const admin = kafka({ retry: { retries: 0 } }).admin();
    await admin.connect();
    cluster.brokerDown(1);
    const before = cpuMs();
    const started = Date.now();
    await expect(
      admin.createTopics({ topics: [{ topic: 'never' }], timeout: 3_000 }),
    ).rejects.toThrow(/./);
    const share = (cpuMs() - before) / (Date.now() - started);
    // It was 0.6 to 0.85 of a core; 0.002 now.
    expect(share).toBeLessThan(0.25);
    await admin.disconnect();
  });

  test('a request that nobody answers is told by REQUEST_TIMEOUT', async () => {
    const admin = kafka({ requestTimeout: 3_000 }).admin();
    const timeouts = [];
    admin.on(admin.events.REQUEST_TIMEOUT, ({ payload }) => timeouts.push(payload));
    await admin.connect();
    cluster.setBrokerRtt(60_000);
    await expect(admin.describeCluster()).rejects.toThrow(/./);
    await until(() => timeouts.length > 0, 'a timeout');
    expect(timeouts[0]).toEqual({
      apiKey: expect.any(Number),
      apiName: expect.any(String),
      apiVersion: expect.any(Number),
      broker: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      clientId: expect.any(String),
      correlationId: expect.any(Number),
      createdAt: null,
      pendingDuration: null,
      sentAt: null,
    });
    cluster.setBrokerRtt(0);
    await admin.disconnect();
  });

  test('the first send of a fresh idempotent producer does not wait for a timer', async () => {
    cluster.createTopic({ topic: 'first', partitions: 1 });
    const started = [];
    const logCreator =
      () =>
      ({ log }) =>
        started.push(...(log.message.match(/Starting PID FSM timer.*/) ?? []));
    const options = { logLevel: logLevel.DEBUG, logCreator, librdkafka: { debug: 'eos' } };
    for (let i = 0; i < 10; i += 1) {
      const producer = kafka(options).producer({ idempotent: true });
      await producer.connect();
      await producer.send({ topic: 'first', messages: [{ value: 'x' }] });
      await producer.disconnect();
    }
    // Asked again in 500 ms: that is what most sends waited for.
    const slow = /timer: (No broker available|Coordinator not up)/;
    expect(started).toContainEqual(expect.stringContaining('(fire immediately): broker is up'));
    expect(started.filter((text) => slow.test(text))).toEqual([]);
  });
});
