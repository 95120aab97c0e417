'use strict';

const { EventEmitter } = require('node:events');
const { classes } = require('../../errors');
const { checkOptions, is } = require('../../options/validate');
const { CHANNELS, publish } = require('../tracing/channels');

const DEFAULTS = Object.freeze({
  name: 'breaker',
  failureThreshold: 5,
  failureRate: 1,
  windowCalls: 20,
  openMs: 30_000,
  halfOpenCalls: 1,
  successThreshold: 1,
  isFailure: () => true,
});

const shape = {
  name: is.string,
  failureThreshold: is.integer(1),
  failureRate: {
    what: 'a number above 0, up to 1',
    test: (value) => typeof value === 'number' && value > 0 && value <= 1,
  },
  windowCalls: is.integer(1, 100_000),
  openMs: is.integer(1, 2_147_483_647),
  halfOpenCalls: is.integer(1),
  successThreshold: is.integer(1),
  isFailure: is.func,
};

/** The outcomes of the last calls. */
class Window {
  #failed;
  #at = 0;
  #count = 0;
  #failures = 0;

  constructor(size) {
    this.#failed = new Uint8Array(size);
  }

  add(hasFailed) {
    const value = hasFailed ? 1 : 0;
    this.#failures += value - this.#failed[this.#at];
    this.#failed[this.#at] = value;
    this.#at = (this.#at + 1) % this.#failed.length;
    this.#count = Math.min(this.#count + 1, this.#failed.length);
  }

  clear() {
    this.#failed.fill(0);
    this.#at = 0;
    this.#count = 0;
    this.#failures = 0;
  }

  get isFull() {
    return this.#count === this.#failed.length;
  }

  get failureRate() {
    return this.#count === 0 ? 0 : this.#failures / this.#count;
  }
}

/**
 * Stops calling what keeps failing. Closed: calls go through. Open, for `openMs`: they are refused with a CircuitOpenError.
 * Half open: `halfOpenCalls` at a time may try; `successThreshold` successes close it, a failure opens it again.
 *
 * It becomes half open by a timer and not by the next call: a consumer that is paused while it is open makes no call.
 *
 * Events: 'open', 'halfOpen', 'close' with { name, from, to, reason }; 'success', 'failure' (error), 'reject'.
 */
class CircuitBreaker extends EventEmitter {
  #options;
  #window;
  #state = 'closed';
  /** Counts changes of state: what began before the last one says nothing about the present. */
  #era = 0;
  #timer;
  #openUntil = 0;
  #trying = 0;
  #successesInRow = 0;
  #failuresInRow = 0;
  #totals = { successes: 0, failures: 0, rejected: 0, opened: 0 };

  /**
   * @param {object} [options]
   * @param {string} [options.name] for events, errors and metrics
   * @param {number} [options.failureThreshold] failures in a row that open it: 5
   * @param {number} [options.failureRate] share of failures in the last `windowCalls` calls that opens it: 1 (all of them)
   * @param {number} [options.windowCalls] 20; the share counts once there were so many
   * @param {number} [options.openMs] 30,000
   * @param {number} [options.halfOpenCalls] 1
   * @param {number} [options.successThreshold] 1
   * @param {(error: unknown) => boolean} [options.isFailure] false: the call was answered, as with a "404 not found"
   */
  constructor(options) {
    super();
    const given = checkOptions(shape, options, 'breaker', { prefix: 'breaker.' });
    this.#options = Object.freeze({ ...DEFAULTS, ...given });
    this.#window = new Window(this.#options.windowCalls);
  }

  get name() {
    return this.#options.name;
  }

  /** @returns {'closed' | 'open' | 'half-open'} */
  get state() {
    return this.#state;
  }

  /**
   * Calls `work`, or refuses to.
   *
   * @template T
   * @param {() => Promise<T> | T} work
   * @returns {Promise<T>}
   * @throws {CircuitOpenError} `retryAfterMs` says when to come back
   */
  async execute(work) {
    this.#admit();
    const era = this.#era;
    try {
      const result = await work();
      this.#settle(era, null);
      return result;
    } catch (error) {
      this.#settle(era, error);
      throw error;
    }
  }

  #admit() {
    if (this.#state === 'closed') return;
    if (this.#state === 'half-open' && this.#trying < this.#options.halfOpenCalls) {
      this.#trying += 1;
      return;
    }
    this.#totals.rejected += 1;
    this.emit('reject');
    throw new classes.CircuitOpenError(this.name, this.#retryAfterMs());
  }

  #retryAfterMs() {
    return this.#state === 'open' ? Math.max(0, this.#openUntil - Date.now()) : 0;
  }

  #settle(era, error) {
    const hasFailed = error !== null && this.#options.isFailure(error);
    this.#totals[hasFailed ? 'failures' : 'successes'] += 1;
    this.emit(hasFailed ? 'failure' : 'success', error ?? undefined);
    if (era !== this.#era) return;
    if (this.#state === 'half-open') this.#settleTrial(hasFailed);
    else this.#settleClosed(hasFailed);
  }

  #settleTrial(hasFailed) {
    this.#trying -= 1;
    if (hasFailed) {
      this.open('the trial call failed');
      return;
    }
    this.#successesInRow += 1;
    if (this.#successesInRow >= this.#options.successThreshold) this.close('trial calls succeeded');
  }

  #settleClosed(hasFailed) {
    const { failureThreshold, failureRate } = this.#options;
    this.#window.add(hasFailed);
    this.#failuresInRow = hasFailed ? this.#failuresInRow + 1 : 0;
    if (!hasFailed) return;
    if (this.#failuresInRow >= failureThreshold) {
      this.open(`${this.#failuresInRow} failures in a row`);
    } else if (this.#window.isFull && this.#window.failureRate >= failureRate) {
      this.open(`${Math.round(this.#window.failureRate * 100)} % of the last calls failed`);
    }
  }

  /** Opens it by hand; an open one stays open for another `openMs`. */
  open(reason = 'opened by hand') {
    clearTimeout(this.#timer);
    this.#openUntil = Date.now() + this.#options.openMs;
    this.#timer = setTimeout(() => this.#become('half-open', 'time is up'), this.#options.openMs);
    // What it protects keeps the process alive, not the wait.
    this.#timer.unref?.();
    if (this.#state === 'open') return;
    this.#totals.opened += 1;
    this.#become('open', reason);
  }

  close(reason = 'closed by hand') {
    clearTimeout(this.#timer);
    if (this.#state !== 'closed') this.#become('closed', reason);
  }

  #become(to, reason) {
    const change = Object.freeze({ name: this.name, from: this.#state, to, reason });
    this.#state = to;
    this.#era += 1;
    this.#trying = 0;
    this.#successesInRow = 0;
    this.#failuresInRow = 0;
    this.#window.clear();
    publish(CHANNELS.breaker, () => change);
    this.emit({ open: 'open', 'half-open': 'halfOpen', closed: 'close' }[to], change);
  }

  /**
   * Ties consumption to the breaker: `pause` while it is open, `resumeSome` with the number of calls that may try, `resume`
   * when it is closed again. Told at once of a breaker that is not closed.
   *
   * @param {{ pause: () => void, resumeSome: (calls: number) => void, resume: () => void }} consumption
   * @returns {() => void} unties it
   */
  control({ pause, resumeSome, resume }) {
    const onHalfOpen = () => resumeSome(this.#options.halfOpenCalls);
    const listeners = { open: () => pause(), halfOpen: onHalfOpen, close: () => resume() };
    for (const [event, listener] of Object.entries(listeners)) this.on(event, listener);
    if (this.#state === 'open') pause();
    if (this.#state === 'half-open') onHalfOpen();
    return () => {
      for (const [event, listener] of Object.entries(listeners)) this.off(event, listener);
    };
  }

  /** For metrics: { name, state, successes, failures, rejected, opened, failuresInRow, failureRate, retryAfterMs } */
  snapshot() {
    return {
      name: this.name,
      state: this.#state,
      ...this.#totals,
      failuresInRow: this.#failuresInRow,
      failureRate: this.#window.failureRate,
      retryAfterMs: this.#retryAfterMs(),
    };
  }

  /** Leaves no timer behind; the state stays as it is. */
  dispose() {
    clearTimeout(this.#timer);
    this.removeAllListeners();
  }
}

module.exports = { CircuitBreaker };
