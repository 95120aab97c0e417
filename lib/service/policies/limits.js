'use strict';

// How often, and how many at once, for each key (a user, a tenant, a partition key). What is kept for keys is bounded.

const { LRUCache } = require('lru-cache');
const { classes } = require('../../errors');
const { checkOptions, is } = require('../../options/validate');
const { abortedError, sleep } = require('./sleep');

const rateShape = {
  limit: is.integer(1),
  intervalMs: is.integer(1, 86_400_000),
  burst: is.integer(1),
  maxKeys: is.integer(1),
  maxWaitMs: is.integer(0, 2_147_483_647),
};

const required = (given, name, where) => {
  if (given[name] !== undefined) return given;
  throw new classes.KafkaJSInvalidOptionError(`Expected ${name} for ${where}`, { option: name });
};

/**
 * `limit` calls an interval, spread evenly, of which `burst` may come at once. Of each key one number is kept: the moment at
 * which it has used up its past (the generic cell rate algorithm). A key that is forgotten for want of room begins anew.
 */
class RateLimit {
  #emissionMs;
  #toleranceMs;
  #maxWaitMs;
  #used;

  /** @param {{ limit: number, intervalMs?: number, burst?: number, maxKeys?: number, maxWaitMs?: number }} options
   *   intervalMs 1,000; burst: `limit`; maxKeys 10,000; maxWaitMs: how long wait() may take, no limit */
  constructor(options) {
    const checked = checkOptions(rateShape, options, 'rateLimit', { prefix: 'rateLimit.' });
    const {
      limit,
      intervalMs = 1_000,
      burst = checked.limit,
      maxKeys = 10_000,
    } = required(checked, 'limit', 'rateLimit');
    this.#emissionMs = intervalMs / limit;
    this.#toleranceMs = this.#emissionMs * (burst - 1);
    this.#maxWaitMs = checked.maxWaitMs ?? Infinity;
    this.#used = new LRUCache({ max: maxKeys });
  }

  /** How many keys are kept at the moment. */
  get keys() {
    return this.#used.size;
  }

  /** @returns {number} ms until a call is due; when it is not more than `upToMs`, the call is counted */
  #reserve(key, upToMs) {
    const now = Date.now();
    const used = Math.max(this.#used.get(key) ?? now, now);
    const waitMs = Math.max(0, used - this.#toleranceMs - now);
    if (waitMs <= upToMs) this.#used.set(key, used + this.#emissionMs);
    return waitMs;
  }

  /** Takes a call of the key if one is due now: 0, or else in how many ms. */
  take(key) {
    return Math.ceil(this.#reserve(key, 0));
  }

  /**
   * Resolves when a call of the key is due, in the order of asking.
   *
   * @throws {LimitExceededError} when that is later than `maxWaitMs`
   */
  async wait(key, { signal } = {}) {
    if (signal?.aborted) throw abortedError(signal);
    const waitMs = Math.ceil(this.#reserve(key, this.#maxWaitMs));
    if (waitMs > this.#maxWaitMs) {
      throw new classes.LimitExceededError('The rate limit is used up', { retryAfterMs: waitMs });
    }
    if (waitMs > 0) await sleep(waitMs, signal);
  }
}

const concurrencyShape = { limit: is.integer(1), maxWaiting: is.integer(0) };

/** `limit` at once for each key; the others wait in the order of asking. A key is kept while something of it runs or waits. */
class ConcurrencyLimit {
  #limit;
  #maxWaiting;
  #waiting = 0;
  #lanes = new Map();

  /** @param {{ limit: number, maxWaiting?: number }} options maxWaiting: of all keys together, 10,000 */
  constructor(options) {
    const where = 'concurrencyLimit';
    const checked = checkOptions(concurrencyShape, options, where, { prefix: `${where}.` });
    this.#limit = required(checked, 'limit', where).limit;
    this.#maxWaiting = checked.maxWaiting ?? 10_000;
  }

  get keys() {
    return this.#lanes.size;
  }

  get waiting() {
    return this.#waiting;
  }

  /**
   * @template T
   * @param {unknown} key
   * @param {() => Promise<T> | T} work
   * @returns {Promise<T>}
   * @throws {LimitExceededError} when `maxWaiting` wait already
   */
  async run(key, work, { signal } = {}) {
    await this.#enter(key, signal);
    try {
      return await work();
    } finally {
      this.#leave(key);
    }
  }

  #enter(key, signal) {
    if (signal?.aborted) return Promise.reject(abortedError(signal));
    const lane = this.#lanes.get(key);
    if (lane === undefined) {
      this.#lanes.set(key, { running: 1, queue: [] });
      return Promise.resolve();
    }
    if (lane.running < this.#limit) {
      lane.running += 1;
      return Promise.resolve();
    }
    if (this.#waiting >= this.#maxWaiting) {
      const error = new classes.LimitExceededError(`${this.#waiting} calls wait already`);
      return Promise.reject(error);
    }
    return this.#queue(lane, signal);
  }

  #queue(lane, signal) {
    this.#waiting += 1;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        lane.queue.splice(lane.queue.indexOf(enter), 1);
        this.#waiting -= 1;
        reject(abortedError(signal));
      };
      const enter = () => {
        signal?.removeEventListener('abort', onAbort);
        this.#waiting -= 1;
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      lane.queue.push(enter);
    });
  }

  #leave(key) {
    const lane = this.#lanes.get(key);
    const next = lane.queue.shift();
    // The place goes from hand to hand: nobody who asks meanwhile comes in between.
    if (next !== undefined) next();
    else if (lane.running > 1) lane.running -= 1;
    else this.#lanes.delete(key);
  }
}

module.exports = { RateLimit, ConcurrencyLimit };
