'use strict';

// Three brokers: leaders that go, replicas that are missing.

const { startKafka } = require('../../scripts/real-kafka');
const { realBroker } = require('../shared/brokers');
const { clientsOf, rejection, text, numbers, until } = require('../shared/clients');

describe('Producer on three brokers', () => {
  let cluster;
  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3, heapMb: 300 });
  });
  afterAll(() => cluster?.stop());

  const { producer, newTopic, readAll, admin } = clientsOf(
    realBroker(() => cluster.bootstrapServers),
  );

  test('the leader is killed amid idempotent sends: each message once, in order; then too few replicas', async () => {
    const topic = await newTopic(1, { 'min.insync.replicas': 2 });
    const client = await producer({
      idempotent: true,
      librdkafka: { 'message.timeout.ms': 300_000 },
    });
    let observer = await admin();
    const leaderOf = async () => {
      const { topics } = await observer.fetchTopicMetadata({ topics: [topic] });
      return topics[0].partitions[0].leader;
    };
    let acknowledged = 0;
    const sends = numbers(3_000).map((i) => client.send({ topic, messages: [{ value: `${i}` }] }));
    for (const sending of sends) sending.then(() => (acknowledged += 1));
    await until(() => acknowledged > 0, 'the first acknowledgement');
    const leader = await leaderOf();
    await cluster.kill(leader);
    for (let i = 3_000; i < 6_000; i += 1) {
      sends.push(client.send({ topic, messages: [{ value: `${i}` }] }));
    }
    await Promise.all(sends);
    observer = await admin(); // the other one may still hold the dead broker for the controller
    expect(await leaderOf()).not.toBe(leader);
    expect((await readAll(topic)).map(({ value }) => Number(text(value)))).toEqual(numbers(6_000));

    // All three have to confirm from now on, and one is dead: refused by name, not by a timeout alone.
    const strict = await newTopic(1, { 'min.insync.replicas': 3 });
    const demanding = await producer({ retry: { retries: 2 }, idempotent: false });
    const error = await rejection(
      demanding.send({ topic: strict, messages: [{ value: 'not enough' }] }),
    );
    expect(error).toMatchObject({ type: 'NOT_ENOUGH_REPLICAS', code: 19, retriable: true });
    // Who asks for less is served.
    const [result] = await demanding.send({
      topic: strict,
      acks: 1,
      messages: [{ value: 'enough' }],
    });
    expect(result).toMatchObject({ errorCode: 0, baseOffset: '0' });
  });
});
