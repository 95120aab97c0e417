'use strict';

const {
  KafkaJSConnectionError,
  KafkaJSNonRetriableError,
  NonRetriableError,
} = require('../../../lib');
const { RetryPolicy, isRetriable } = require('../../../lib/service/policies/retry');

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const policy = (options) => new RetryPolicy({ random: () => 1, ...options });
const error = new Error('no');

describe('decide()', () => {
  test('exponential backoff up to the longest delay', () => {
    const retry = policy({ attempts: 10, initialDelayMs: 100, multiplier: 3, maxDelayMs: 1_000 });
    const delays = [1, 2, 3, 4].map((attempt) => retry.decide(error, { attempt }).delayMs);
    expect(delays).toEqual([100, 300, 900, 1_000]);
  });

  test('full jitter: anything from nothing to the whole delay', () => {
    const delayOf = (random) =>
      policy({ random: () => random }).decide(error, { attempt: 2 }).delayMs;
    expect([0, 0.25, 1].map(delayOf)).toEqual([0, 50, 200]);
    const steady = policy({ random: () => 0, jitter: 'none' });
    expect(steady.decide(error, { attempt: 2 }).delayMs).toBe(200);
  });

  test('attempts are counted with the first', () => {
    const retry = policy({ attempts: 2 });
    expect(retry.decide(error, { attempt: 1 }).retry).toBe(true);
    expect(retry.decide(error, { attempt: 2 })).toEqual({ retry: false, reason: 'attempts' });
  });

  test('no attempt begins after the deadline', () => {
    const retry = policy({ deadlineMs: 1_000 });
    expect(retry.decide(error, { attempt: 1, elapsedMs: 900 }).retry).toBe(true);
    expect(retry.decide(error, { attempt: 1, elapsedMs: 901 })).toEqual({
      retry: false,
      reason: 'deadline',
    });
  });

  test('an error may ask for a longer delay', () => {
    const busy = Object.assign(new Error('busy'), { retryAfterMs: 5_000 });
    expect(policy().decide(busy, { attempt: 1 }).delayMs).toBe(5_000);
    expect(policy({ deadlineMs: 4_000 }).decide(busy, { attempt: 1 }).reason).toBe('deadline');
  });

  test('a rule of the caller replaces ours', () => {
    const retry = policy({ isRetriable: ({ message }) => message !== 'no' });
    expect(retry.decide(error, { attempt: 1 })).toEqual({ retry: false, reason: 'not-retriable' });
    expect(retry.decide(new NonRetriableError('x'), { attempt: 1 }).retry).toBe(true);
  });
});

test.each([
  ['any error', new Error('x'), true],
  ['what is no error', 'x', true],
  ['nothing', undefined, true],
  ['KafkaJS: retriable', new KafkaJSConnectionError('x'), true],
  ['KafkaJS: not retriable', new KafkaJSNonRetriableError('x'), false],
  ['NonRetriableError', new NonRetriableError('x'), false],
  ['somebody’s retriable: false', Object.assign(new Error('x'), { retriable: false }), false],
  ['a bug: TypeError', new TypeError("Cannot read properties of undefined (reading 'x')"), false],
  ['a bug: ReferenceError', new ReferenceError('x is not defined'), false],
  [
    'fetch() without network',
    new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }),
    true,
  ],
])('isRetriable: %s', (_, value, expected) => {
  expect(isRetriable(value)).toBe(expected);
});

describe('run()', () => {
  test('tries until it succeeds, and waits in between', async () => {
    const began = [];
    const onRetry = jest.fn();
    const result = policy({ name: 'r' }).run(
      async (attempt) => {
        began.push(Date.now());
        if (attempt < 3) throw error;
        return `attempt ${attempt}`;
      },
      { onRetry },
    );
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await result).toBe('attempt 3');
    expect(began.map((time) => time - began[0])).toEqual([0, 100, 300]);
    expect(onRetry).toHaveBeenLastCalledWith({ attempt: 2, delayMs: 200, error });
  });

  test('rejects with the last error when attempts or time are used up, or it is a bug', async () => {
    for (const [options, thrown, calls] of [
      [{ attempts: 3 }, error, 3],
      [{ deadlineMs: 250 }, error, 2],
      [{}, new ReferenceError('x'), 1],
    ]) {
      const work = jest.fn().mockRejectedValue(thrown);
      const outcome = expect(policy(options).run(work)).rejects.toBe(thrown);
      await jest.advanceTimersByTimeAsync(60_000);
      await outcome;
      expect(work).toHaveBeenCalledTimes(calls);
    }
  });

  test('an aborted signal ends the wait and leaves no timer', async () => {
    const ending = new AbortController();
    const work = jest.fn().mockRejectedValue(error);
    const outcome = expect(policy().run(work, { signal: ending.signal })).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_ABORTED',
    });
    await jest.advanceTimersByTimeAsync(50);
    ending.abort();
    await outcome;
    expect(work).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});

test.each([
  [{ attempts: 0 }, /retry\.attempts/],
  [{ multiplier: 0.5 }, /retry\.multiplier/],
  [{ jitter: 'some' }, /retry\.jitter/],
  [{ atempts: 3 }, /Unknown option "retry\.atempts"/],
])('options %j', (options, message) => {
  expect(() => new RetryPolicy(options)).toThrow(message);
});
