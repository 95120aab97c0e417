'use strict';

const { MemoryIdempotencyStore } = require('../../../lib/service');
const { embeddedBroker } = require('../../shared/brokers');
const { until } = require('../../shared/consumer-tools');
const { QUICK, created, ordersOf } = require('../../shared/orders');

describe('options of subscribe() that make a policy', () => {
  const { start } = ordersOf(embeddedBroker());

  it('breaker, as options: the first failure opens it, and what is tried later costs no attempt', async () => {
    const { service, group } = await start();
    const attempts = [];
    const handle = async (_, { attempt }) => {
      attempts.push(attempt);
      if (attempts.length === 1) throw new Error('the mail server is away');
    };
    await service.subscribe('orders', group, handle, {
      breaker: { name: 'mail', failureThreshold: 1, openMs: 200 },
      retry: { ...QUICK, attempts: 2 },
    });
    const [{ breaker }] = service.subscriptions.breakers;
    const states = [];
    for (const event of ['open', 'halfOpen', 'close']) breaker.on(event, () => states.push(event));
    await service.publish('orders', created('a'));
    await until(() => states.length === 3);
    expect(states).toEqual(['open', 'halfOpen', 'close']);
    expect(attempts).toEqual([1, 2]);
    expect(breaker.name).toBe('mail');
  });

  it('idempotency.leaseMs: of the claim, and of each of its extensions while the handler runs', async () => {
    const { service, group } = await start();
    const leases = [];
    class Noting extends MemoryIdempotencyStore {
      claim(id, options) {
        leases.push(['claim', options.leaseMs]);
        return super.claim(id, options);
      }

      extend(id, token, options) {
        leases.push(['extend', options.leaseMs]);
        return super.extend(id, token, options);
      }
    }
    const idempotency = { store: new Noting(), leaseMs: 6_000 };
    let isDone = false;
    const handle = async () => {
      await until(() => leases.length >= 3);
      isDone = true;
    };
    await service.subscribe('orders', group, handle, { idempotency });
    await service.publish('orders', created('a'));
    await until(() => isDone);
    expect(leases.slice(0, 3)).toEqual([
      ['claim', 6_000],
      ['extend', 6_000],
      ['extend', 6_000],
    ]);
  });

  it.each([
    ['idempotency.leaseMs', { idempotency: { leaseMs: 0 } }],
    ['idempotency.leaseMs', { idempotency: { leaseMs: 86_400_001 } }],
    ['idempotency.id', { idempotency: { id: 'taskId' } }],
    ['idempotency.store', { idempotency: { store: {} } }],
    ['breaker.openMs', { breaker: { openMs: 0 } }],
    ['rateLimit.key', { rateLimit: { limit: 1, intervalMs: 1_000, key: 'taskId' } }],
  ])('%s: what it cannot be is refused before anything is consumed', async (option, options) => {
    const { service, group } = await start();
    await expect(service.subscribe('orders', group, async () => {}, options)).rejects.toMatchObject(
      { name: 'KafkaJSInvalidOptionError', option },
    );
    expect(service.subscriptions.breakers).toEqual([]);
  });
});
