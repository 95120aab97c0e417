'use strict';

// What every idempotency store has to do: run against each of ours.

/** @param {() => object} makeStore called for each test; the store is closed here */
function idempotencySuite(makeStore) {
  let store;
  beforeEach(async () => {
    store = await makeStore();
  });
  afterEach(() => store.close());

  test('checkIfProcessed() and markAsProcessed()', async () => {
    expect(await store.checkIfProcessed('a')).toBe(false);
    await store.markAsProcessed('a');
    await store.markAsProcessed('a');
    expect(await store.checkIfProcessed('a')).toBe(true);
    expect(await store.checkIfProcessed('b')).toBe(false);
    expect(await store.claim('a')).toEqual({ status: 'processed' });
  });

  test('of many claims at once one is given', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => store.claim('a')));
    const given = claims.filter(({ status }) => status === 'claimed');
    expect(given).toHaveLength(1);
    expect(claims.filter(({ status }) => status === 'busy')).toHaveLength(19);
    expect(await store.checkIfProcessed('a')).toBe(false);
    expect(await store.complete('a', given[0].token)).toBe(true);
    expect(await store.checkIfProcessed('a')).toBe(true);
    expect(await store.claim('a')).toEqual({ status: 'processed' });
  });

  test('a busy claim says when its lease ends', async () => {
    await store.claim('a', { leaseMs: 50_000 });
    const { retryAfterMs } = await store.claim('a');
    expect(retryAfterMs).toBeGreaterThan(30_000);
    expect(retryAfterMs).toBeLessThanOrEqual(50_000);
  });

  test('what is released can be claimed again', async () => {
    const { token } = await store.claim('a');
    expect(await store.release('a', token)).toBe(true);
    expect(await store.release('a', token)).toBe(false);
    expect((await store.claim('a')).status).toBe('claimed');
  });

  test('after the end of a lease another one gets the claim, and the first cannot end it', async () => {
    const first = await store.claim('a', { leaseMs: 1 });
    let second;
    do {
      await new Promise((resolve) => setImmediate(resolve));
      second = await store.claim('a');
    } while (second.status === 'busy');
    expect(second.status).toBe('claimed');
    expect(await store.complete('a', first.token)).toBe(false);
    expect(await store.release('a', first.token)).toBe(false);
    expect(await store.extend('a', first.token)).toBe(false);
    expect(await store.complete('a', second.token)).toBe(true);
  });

  test('a lease can be extended', async () => {
    const { token } = await store.claim('a', { leaseMs: 20_000 });
    expect(await store.extend('a', token, { leaseMs: 80_000 })).toBe(true);
    expect((await store.claim('a')).retryAfterMs).toBeGreaterThan(30_000);
  });

  test('who claimed late finds it done by markAsProcessed()', async () => {
    const { token } = await store.claim('a');
    await store.markAsProcessed('a');
    expect(await store.complete('a', token)).toBe(false);
    expect(await store.release('a', token)).toBe(false);
    expect(await store.checkIfProcessed('a')).toBe(true);
  });

  test('ids are texts, of any kind', async () => {
    for (const id of ["o'; DROP TABLE x --", 'ä'.repeat(300), '__proto__']) {
      await store.markAsProcessed(id);
      expect(await store.checkIfProcessed(id)).toBe(true);
    }
    for (const id of ['', undefined, 5]) {
      await expect(store.claim(id)).rejects.toThrow(
        expect.objectContaining({ errorCode: 'ERR_KAFKA_INVALID_OPTION' }),
      );
    }
    await expect(store.claim('a', { leaseMs: 0 })).rejects.toThrow(/leaseMs/);
  });
}

module.exports = { idempotencySuite };
