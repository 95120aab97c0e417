'use strict';

const { performance } = require('node:perf_hooks');

const BUDGET_MS = 4;

/**
 * How long our own work has kept the event loop in this turn. Shared by all lanes of a consumer, so that many lanes
 * together stay within the budget. A turn ends when the immediate set at its start has run.
 */
class Slice {
  #startedAt = 0;
  #armed = false;
  #end = () => {
    this.#armed = false;
  };

  /** True: give the loop a turn before going on. */
  expired() {
    const now = performance.now();
    if (!this.#armed) {
      this.#armed = true;
      this.#startedAt = now;
      setImmediate(this.#end);
      return false;
    }
    return now - this.#startedAt >= BUDGET_MS;
  }

  /** Resolves in the next turn. */
  next() {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

module.exports = { Slice };
