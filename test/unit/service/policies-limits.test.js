'use strict';

const { LimitExceededError } = require('../../../lib');
const { ConcurrencyLimit, RateLimit } = require('../../../lib/service/policies/limits');

describe('RateLimit', () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => jest.useRealTimers());

  test('a burst at once, then one each interval', () => {
    const limit = new RateLimit({ limit: 10, burst: 2 });
    expect([limit.take('a'), limit.take('a'), limit.take('a')]).toEqual([0, 0, 100]);
    jest.advanceTimersByTime(99);
    expect(limit.take('a')).toBe(1);
    jest.advanceTimersByTime(1);
    expect(limit.take('a')).toBe(0);
    expect(limit.take('a')).toBe(100);
  });

  test('a refused call costs nothing, and rest gives back the burst but no more', () => {
    const limit = new RateLimit({ limit: 2, intervalMs: 1_000 });
    const takeAll = () => {
      let taken = 0;
      while (limit.take('a') === 0) taken += 1;
      return taken;
    };
    expect(takeAll()).toBe(2);
    for (let i = 0; i < 10; i += 1) limit.take('a');
    jest.advanceTimersByTime(500);
    expect(takeAll()).toBe(1);
    jest.advanceTimersByTime(60_000);
    expect(takeAll()).toBe(2);
  });

  test('keys do not see each other', () => {
    const limit = new RateLimit({ limit: 1 });
    expect([limit.take('a'), limit.take('b'), limit.take('a')]).toEqual([0, 0, 1_000]);
  });

  test('the number of keys is bounded', () => {
    const limit = new RateLimit({ limit: 1, maxKeys: 100 });
    for (let i = 0; i < 1_000; i += 1) limit.take(`key-${i}`);
    expect(limit.keys).toBe(100);
  });

  test('wait() in the order of asking', async () => {
    const limit = new RateLimit({ limit: 10, burst: 1 });
    const start = Date.now();
    const began = [];
    const all = [1, 2, 3].map((n) =>
      limit.wait('a').then(() => began.push([n, Date.now() - start])),
    );
    await jest.advanceTimersByTimeAsync(1_000);
    await Promise.all(all);
    expect(began).toEqual([
      [1, 0],
      [2, 100],
      [3, 200],
    ]);
  });

  test('wait() refuses what would take too long, and that costs nothing', async () => {
    const limit = new RateLimit({ limit: 10, burst: 1, maxWaitMs: 100 });
    await limit.wait('a');
    const second = limit.wait('a');
    const error = await limit.wait('a').catch((caught) => caught);
    expect(error).toBeInstanceOf(LimitExceededError);
    expect(error).toMatchObject({ retryAfterMs: 200, errorCode: 'ERR_KAFKA_LIMIT_EXCEEDED' });
    await jest.advanceTimersByTimeAsync(100);
    await second;
    expect(limit.take('a')).toBe(100);
  });

  test('an aborted wait leaves no timer', async () => {
    const limit = new RateLimit({ limit: 1 });
    await limit.wait('a');
    const ending = new AbortController();
    const outcome = expect(limit.wait('a', ending)).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_ABORTED',
    });
    ending.abort();
    await outcome;
    expect(jest.getTimerCount()).toBe(0);
    await expect(limit.wait('b', ending)).rejects.toThrow('aborted');
  });

  test('options', () => {
    expect(() => new RateLimit({})).toThrow(/Expected limit for rateLimit/);
    expect(() => new RateLimit({ limit: 0 })).toThrow(/rateLimit\.limit/);
  });
});

describe('ConcurrencyLimit', () => {
  /** Works that end when told to; `running` says which have begun. */
  function works(limit) {
    const running = [];
    const ends = {};
    const begin = (key, name, extra) =>
      limit.run(
        key,
        () => {
          running.push(name);
          return new Promise((resolve, reject) => {
            ends[name] = { resolve, reject };
          });
        },
        extra,
      );
    return { running, ends, begin };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test('so many of a key at once, the others in the order of asking; keys do not see each other', async () => {
    const limit = new ConcurrencyLimit({ limit: 2 });
    const { running, ends, begin } = works(limit);
    const all = ['a1', 'a2', 'a3', 'a4'].map((name) => begin('a', name));
    all.push(begin('b', 'b1'));
    await turn();
    expect(running).toEqual(['a1', 'a2', 'b1']);
    expect(limit.waiting).toBe(2);
    ends.a2.resolve();
    await turn();
    expect(running.at(-1)).toBe('a3');
    ends.a3.resolve('x');
    expect(await all[2]).toBe('x');
    await turn();
    for (const name of ['a1', 'a4', 'b1']) ends[name].resolve();
    await Promise.all(all);
    expect([limit.keys, limit.waiting]).toEqual([0, 0]);
  });

  test('a work that fails gives its place away', async () => {
    const limit = new ConcurrencyLimit({ limit: 1 });
    const { running, ends, begin } = works(limit);
    const first = begin('a', 'first').catch((error) => error.message);
    const second = begin('a', 'second');
    await turn();
    ends.first.reject(new Error('no'));
    expect(await first).toBe('no');
    await turn();
    expect(running).toEqual(['first', 'second']);
    ends.second.resolve();
    await second;
    expect(limit.keys).toBe(0);
  });

  test('more than may wait are refused', async () => {
    const limit = new ConcurrencyLimit({ limit: 1, maxWaiting: 1 });
    const { ends, begin } = works(limit);
    const all = [begin('a', '1'), begin('a', '2')];
    await expect(begin('a', '3')).rejects.toThrow(LimitExceededError);
    await turn();
    ends[1].resolve();
    await turn();
    ends[2].resolve();
    await Promise.all(all);
  });

  test('who is aborted while waiting leaves the queue', async () => {
    const limit = new ConcurrencyLimit({ limit: 1 });
    const { running, ends, begin } = works(limit);
    const ending = new AbortController();
    const first = begin('a', '1');
    const aborted = begin('a', '2', ending);
    const third = begin('a', '3');
    await turn();
    ending.abort();
    await expect(aborted).rejects.toMatchObject({ errorCode: 'ERR_KAFKA_ABORTED' });
    expect(limit.waiting).toBe(1);
    ends[1].resolve();
    await turn();
    expect(running).toEqual(['1', '3']);
    ends[3].resolve();
    await Promise.all([first, third]);
    await expect(begin('a', '4', ending)).rejects.toThrow('aborted');
    expect(limit.keys).toBe(0);
  });
});
