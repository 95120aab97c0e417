'use strict';

// What the options of a subscription do to messages, on any broker; those of a policy by itself have their unit tests.

const { setTimeout: pause } = require('node:timers/promises');
const { MemoryIdempotencyStore } = require('../../lib/service');
const { clientsOf, unique } = require('./clients');
const { until } = require('./consumer-tools');
const { created, ordersOf } = require('./orders');

function policiesSuite(broker) {
  jest.setTimeout(120_000);
  const clients = clientsOf(broker);
  const { start } = ordersOf(broker);

  /** A handler that notes what it got, and how many of it ran at once. */
  function worker() {
    const seen = [];
    let running = 0;
    const work = { seen, most: 0 };
    work.handle = async (event) => {
      running += 1;
      work.most = Math.max(work.most, running);
      // Long enough for another one to begin, if it may.
      await pause(50);
      running -= 1;
      seen.push(event?.data.orderId ?? null);
    };
    return work;
  }

  /** Two messages on each of two partitions, handled with these options. */
  async function onTwoPartitions(options) {
    const topic = unique('orders');
    for (const name of [topic, `dlq.${topic}`]) await broker.createTopic(name, 2);
    const { service, group } = await start({ topic });
    const events = [0, 1, 0, 1].map((partition, at) => ({ ...created(`o-${at}`), partition }));
    await service.publish('orders', events);
    const work = worker();
    await service.subscribe('orders', group, work.handle, options);
    await until(() => work.seen.length === events.length);
    return work;
  }

  it('concurrencyLimit and partitionsConsumedConcurrently: one partition waits for the other', async () => {
    const one = { partitionsConsumedConcurrently: 1 };
    expect((await onTwoPartitions(one)).most).toBe(1);
    const limited = { concurrencyLimit: { limit: 1, key: () => 'the same' } };
    expect((await onTwoPartitions(limited)).most).toBe(1);
  });

  it('rateLimit: what is over it fails after maxWaitMs; other keys have limits of their own', async () => {
    const { service, topic, group } = await start();
    const rateLimit = {
      limit: 1,
      intervalMs: 86_400_000,
      maxWaitMs: 0,
      key: ({ data }) => data.orderId[0],
    };
    const work = worker();
    // Else it would be tried again when the limit allows it, in a day.
    const retry = { isRetriable: () => false };
    await service.subscribe('orders', group, work.handle, { rateLimit, retry });
    await service.publish('orders', ['a-1', 'a-2', 'b-1'].map(created));
    await until(() => work.seen.includes('b-1'));
    expect(work.seen).toEqual(['a-1', 'b-1']);
    const [letter] = await clients.readUntil(`dlq.${topic}`, (all) => all.length >= 1);
    expect(letter.key.toString()).toBe('a-2');
    expect(letter.headers['dlq.error'].toString()).toMatch(/LimitExceeded/);
  });

  it.each([
    ['passed over', {}, ['a']],
    ['handed out with tombstones: true', { tombstones: true }, [null, 'a']],
  ])('a tombstone is %s', async (_, options, expected) => {
    const { service, topic, group } = await start();
    const work = worker();
    await service.subscribe('orders', group, work.handle, options);
    const producer = await clients.producer();
    await producer.send({ topic, messages: [{ key: 'a', value: null }] });
    await service.publish('orders', created('a'));
    await until(() => work.seen.includes('a'));
    expect(work.seen).toEqual(expected);
  });

  it('validate: false hands out what does not fit its schema', async () => {
    const { service, topic, group } = await start();
    const work = worker();
    await service.subscribe('orders', group, work.handle, { validate: false });
    const producer = await clients.producer();
    const value = JSON.stringify({ type: 'created', data: { orderId: 7 }, metadata: {} });
    await producer.send({ topic, messages: [{ value }] });
    await until(() => work.seen.length === 1);
    expect(work.seen).toEqual([7]);
  });

  it('idempotency: by an id of ours, in a store of ours', async () => {
    const { service, group } = await start();
    const store = new MemoryIdempotencyStore();
    await store.markAsProcessed('order a');
    const work = worker();
    const idempotency = { store, id: ({ data }) => `order ${data.orderId}` };
    await service.subscribe('orders', group, work.handle, { idempotency });
    await service.publish('orders', ['a', 'b', 'b', 'c'].map(created));
    await until(() => work.seen.includes('c'));
    expect(work.seen).toEqual(['b', 'c']);
  });

  it('fromBeginning: false leaves out what was there', async () => {
    const { service, group } = await start();
    await service.publish('orders', created('before'));
    const work = worker();
    await service.subscribe('orders', group, work.handle, { fromBeginning: false });
    // Where its end is, the group looks up after it was joined.
    for (let at = 0; work.seen.length === 0; at += 1) {
      await service.publish('orders', created(`after-${at}`));
      await pause(20);
    }
    expect(work.seen).not.toContain('before');
  });
}

module.exports = { policiesSuite };
