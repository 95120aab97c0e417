'use strict';

// When to try again, and after what time. decide() knows nothing of where the attempts happen: in place, or over delay
// topics, where the number of attempts so far comes out of a header.

const { checkOptions, is } = require('../../options/validate');
const { CHANNELS, publish } = require('../tracing/channels');
const { sleep } = require('./sleep');

const DEFAULTS = Object.freeze({
  attempts: 4,
  initialDelayMs: 100,
  maxDelayMs: 30_000,
  multiplier: 2,
  jitter: 'full',
  deadlineMs: Infinity,
});

/** setTimeout() takes no longer one. */
const LONGEST_DELAY_MS = 2_147_483_647;

const shape = {
  name: is.string,
  attempts: is.integer(1),
  initialDelayMs: is.integer(0, LONGEST_DELAY_MS),
  maxDelayMs: is.integer(0, LONGEST_DELAY_MS),
  multiplier: is.number(1),
  jitter: is.oneOf('full', 'none'),
  deadlineMs: is.number(0),
  isRetriable: is.func,
  random: is.func,
};

/**
 * Whether the same work may succeed later. Not when the error says so itself (KafkaJS's `retriable`, our NonRetriableError),
 * and not when it is a bug: a ReferenceError, or a TypeError without a cause. One with a cause is what fetch() rejects with
 * when the network fails.
 */
function isRetriable(error) {
  if (error?.retriable === false) return false;
  if (error instanceof ReferenceError) return false;
  return !(error instanceof TypeError) || error.cause !== undefined;
}

class RetryPolicy {
  #options;

  /**
   * @param {object} [options]
   * @param {number} [options.attempts] all of them, the first included: 4
   * @param {number} [options.initialDelayMs] 100, then times `multiplier` up to `maxDelayMs`
   * @param {'full' | 'none'} [options.jitter] full: a random part of the delay, so that what failed together comes back apart
   * @param {number} [options.deadlineMs] no attempt begins later than this after the first: no limit
   * @param {(error: unknown) => boolean} [options.isRetriable] instead of the rule above
   * @param {() => number} [options.random] for tests
   */
  constructor(options) {
    const given = checkOptions(shape, options, 'retry', { prefix: 'retry.' });
    this.#options = Object.freeze({ isRetriable, random: Math.random, ...DEFAULTS, ...given });
  }

  get attempts() {
    return this.#options.attempts;
  }

  /** The longest delay after so many failures, without jitter. */
  backoffMs(failures) {
    const { initialDelayMs, multiplier, maxDelayMs } = this.#options;
    return Math.min(initialDelayMs * multiplier ** (failures - 1), maxDelayMs);
  }

  /**
   * @param {unknown} error of the last attempt; its `retryAfterMs` is the least delay
   * @param {{ attempt: number, elapsedMs?: number }} so attempt: how many there were; elapsedMs: since the first began
   * @returns {{ retry: true, delayMs: number } | { retry: false, reason: 'not-retriable' | 'attempts' | 'deadline' }}
   */
  decide(error, { attempt, elapsedMs = 0 }) {
    const options = this.#options;
    if (!options.isRetriable(error)) return { retry: false, reason: 'not-retriable' };
    if (attempt >= options.attempts) return { retry: false, reason: 'attempts' };
    const longest = this.backoffMs(attempt);
    const wait = options.jitter === 'full' ? Math.round(longest * options.random()) : longest;
    const asked = Number.isFinite(error?.retryAfterMs) ? error.retryAfterMs : 0;
    const delayMs = Math.min(Math.max(wait, asked), LONGEST_DELAY_MS);
    if (elapsedMs + delayMs > options.deadlineMs) return { retry: false, reason: 'deadline' };
    return { retry: true, delayMs };
  }

  /**
   * Calls `work` until it succeeds or the policy gives up; rejects with the last error.
   *
   * @template T
   * @param {(attempt: number) => Promise<T> | T} work
   * @param {{ signal?: AbortSignal, onRetry?: (retry: { attempt: number, delayMs: number, error: unknown }) => void }} [extra]
   * @returns {Promise<T>}
   */
  async run(work, { signal, onRetry } = {}) {
    const startedAt = Date.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(attempt);
      } catch (error) {
        const decision = this.decide(error, { attempt, elapsedMs: Date.now() - startedAt });
        if (!decision.retry || signal?.aborted) throw error;
        const retry = { attempt, delayMs: decision.delayMs, error };
        publish(CHANNELS.retry, () => ({ name: this.#options.name, ...retry }));
        onRetry?.(retry);
        await sleep(decision.delayMs, signal);
      }
    }
  }
}

module.exports = { RetryPolicy, isRetriable };
