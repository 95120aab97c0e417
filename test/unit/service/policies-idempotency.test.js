'use strict';

const { MemoryIdempotencyStore } = require('../../../lib/service/policies/idempotency');
const { idempotencySuite } = require('../support/idempotency-suite');

describe('as every store', () => {
  idempotencySuite(() => new MemoryIdempotencyStore());
});

test('the ids used longest ago are forgotten first', async () => {
  const store = new MemoryIdempotencyStore({ maxIds: 2 });
  for (const id of ['a', 'b']) await store.markAsProcessed(id);
  await store.checkIfProcessed('a');
  await store.markAsProcessed('c');
  const known = await Promise.all(['a', 'b', 'c'].map((id) => store.checkIfProcessed(id)));
  expect(known).toEqual([true, false, true]);
});

test('an id is forgotten after its time, a claim after its lease; a claim is not pushed out', async () => {
  jest.useFakeTimers({ now: 1_000 });
  const store = new MemoryIdempotencyStore({ maxIds: 1, retentionMs: 10_000 });
  await store.claim('claimed', { leaseMs: 5_000 });
  await store.markAsProcessed('a');
  await store.markAsProcessed('b');
  expect(await store.claim('claimed')).toEqual({ status: 'busy', retryAfterMs: 5_000 });
  jest.advanceTimersByTime(5_000);
  expect((await store.claim('claimed')).status).toBe('claimed');
  expect(await store.checkIfProcessed('b')).toBe(true);
  jest.advanceTimersByTime(5_001);
  expect(await store.checkIfProcessed('b')).toBe(false);
  jest.useRealTimers();
});

test('without the package pg the PostgreSQL store says what to install', () => {
  jest.isolateModules(() => {
    jest.doMock('pg', () => {
      throw Object.assign(new Error('none'), { code: 'MODULE_NOT_FOUND' });
    });
    const { PostgresIdempotencyStore } = require('../../../lib/service/policies/idempotency');
    expect(() => new PostgresIdempotencyStore({ connectionString: 'postgres://h/d' })).toThrow(
      expect.objectContaining({
        errorCode: 'ERR_KAFKA_UNSUPPORTED',
        message: expect.stringContaining('npm install pg'),
      }),
    );
  });
});
