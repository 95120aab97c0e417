'use strict';

const { clientsOf, unique, until } = require('./clients');

const FETCH = 1;
const METADATA = 3;

/** KafkaJS's network events, and what consumer events say about brokers. */
function networkSuite(broker) {
  jest.setTimeout(120_000);
  const { producer, consumer, admin, kafka, newTopic, track } = clientsOf(broker);

  const listenTo = (client, name) => {
    const payloads = [];
    client.on(client.events[name], ({ payload }) => payloads.push(payload));
    return payloads;
  };

  test('REQUEST says what a broker answered, once for each answer', async () => {
    const client = track(kafka({ clientId: 'network-suite' }).producer());
    const requests = listenTo(client, 'REQUEST');
    const topic = await newTopic();
    const started = Date.now();
    await client.connect();
    await client.send({ topic, messages: [{ value: 'x' }] });
    await until(() => requests.some(({ apiName }) => apiName === 'Produce'), 'a produce request');

    for (const request of requests) {
      expect(request).toEqual({
        apiKey: expect.any(Number),
        apiName: expect.stringMatching(/^[A-Z][A-Za-z]+$/),
        apiVersion: expect.any(Number),
        broker: expect.stringMatching(/^.+:\d+$/),
        clientId: 'network-suite',
        correlationId: expect.any(Number),
        createdAt: null,
        duration: expect.any(Number),
        pendingDuration: null,
        sentAt: expect.any(Number),
        size: expect.any(Number),
      });
      expect(request.correlationId).toBeGreaterThan(0);
      expect(request.size).toBeGreaterThan(0);
      expect(request.duration).toBeGreaterThanOrEqual(0);
      expect(request.sentAt).toBeGreaterThanOrEqual(started - 1);
    }
    const produces = requests.filter(({ apiName }) => apiName === 'Produce');
    expect(new Set(produces.map(({ correlationId }) => correlationId)).size).toBe(produces.length);
    expect(requests.find(({ apiName }) => apiName === 'Metadata').apiKey).toBe(METADATA);
    // Librdkafka numbers the requests of a connection from 1 on; there are a bootstrap connection and another.
    const produced = requests.findIndex(({ apiName }) => apiName === 'Produce');
    const numbers = requests.slice(0, produced + 1).map(({ correlationId }) => correlationId);
    for (const number of numbers) {
      expect(numbers.filter((other) => other === number).length).toBeLessThanOrEqual(2);
    }
  });

  test('REQUEST begins when somebody listens and ends when nobody does', async () => {
    const client = await admin();
    const requests = [];
    const remove = client.on(client.events.REQUEST, ({ payload }) => requests.push(payload));
    await client.describeCluster();
    await until(() => requests.length > 0, 'a request');
    remove();
    requests.length = 0;
    await client.describeCluster();
    const again = listenTo(client, 'REQUEST');
    await client.describeCluster();
    await until(() => again.length > 0, 'a request');
    expect(requests).toEqual([]);
  });

  test("a consumer's requests name the coordinator by its address", async () => {
    const topic = await newTopic();
    const client = await consumer({ groupId: unique('group') });
    const requests = listenTo(client, 'REQUEST');
    await client.subscribe({ topic });
    await client.run({ eachMessage: async () => {} });
    await until(() => requests.some(({ apiKey }) => apiKey === FETCH), 'a fetch request');
    expect(requests.map(({ apiName }) => apiName)).toEqual(
      expect.arrayContaining(['JoinGroup', 'SyncGroup', 'Fetch']),
    );
    for (const { broker: address } of requests) expect(address).toMatch(/^[^/]+:\d+$/);
  });

  test('REQUEST_QUEUE_SIZE comes with statistics', async () => {
    const client = await producer({ statisticsIntervalMs: 50 });
    const sizes = listenTo(client, 'REQUEST_QUEUE_SIZE');
    await until(() => sizes.length > 0, 'a queue size');
    expect(sizes[0]).toEqual({
      broker: expect.stringMatching(/^.+:\d+$/),
      clientId: expect.any(String),
      queueSize: expect.any(Number),
    });
  });

  test('FETCH names the broker, GROUP_JOIN the assignor, and each batch has the watermark of its fetch', async () => {
    const topic = await newTopic();
    const sender = await producer();
    await sender.send({ topic, messages: Array.from({ length: 100 }, () => ({ value: 'x' })) });
    const client = await consumer({ groupId: unique('group'), maxBatchMessages: 10 });
    const brokers = (await (await admin()).describeCluster()).brokers.map(({ nodeId }) => nodeId);
    const fetches = listenTo(client, 'FETCH');
    const joins = listenTo(client, 'GROUP_JOIN');
    const batches = [];
    await client.subscribe({ topic, fromBeginning: true });
    await client.run({
      eachBatch: async ({ batch }) => {
        batches.push({ highWatermark: batch.highWatermark, lag: batch.offsetLag() });
      },
    });
    // Ten batches, or more: one may be handed out before it is full.
    await until(() => batches.at(-1)?.lag === '0', 'the last batch');
    expect(batches.length).toBeGreaterThanOrEqual(10);
    for (const { highWatermark } of batches) expect(highWatermark).toBe('100');
    const lags = batches.map(({ lag }) => Number(lag));
    expect(lags).toEqual([...lags].sort((a, b) => b - a));
    expect(fetches.length).toBeGreaterThanOrEqual(batches.length);
    for (const { nodeId } of fetches) expect(brokers).toContain(nodeId);
    expect(joins[0]).toMatchObject({
      groupProtocol: 'roundrobin',
      memberId: expect.stringMatching(/./),
      memberAssignment: { [topic]: [0] },
      isLeader: null,
      leaderId: null,
    });
  });
}

module.exports = { networkSuite };
