'use strict';

const WINDOW_MS = 60_000;
/** Two looks that are closer are one. */
const LEAST_GAP_MS = 1_000;

/**
 * How fast messages are processed, over the last minute or, where nobody looked for longer, since the look before. It has
 * no timer: who looks brings the time.
 */
class Rates {
  #recorder;
  #now;
  #looks;

  /**
   * @param {import('./recorder').Recorder} recorder
   * @param {() => number} [now] ms
   */
  constructor(recorder, now = () => performance.now()) {
    this.#recorder = recorder;
    this.#now = now;
    this.#looks = [this.#look()];
  }

  #look() {
    return { atMs: this.#now(), ...this.#recorder.totals() };
  }

  /** @returns {{ perSecond: number, failedPerSecond: number, errorRate: number, overSeconds: number }} of handler calls */
  read() {
    const looks = this.#looks;
    const present = this.#look();
    while (looks.length > 1 && present.atMs - looks[1].atMs >= WINDOW_MS) looks.shift();
    const [past] = looks;
    if (present.atMs - looks.at(-1).atMs >= LEAST_GAP_MS) looks.push(present);
    const overSeconds = (present.atMs - past.atMs) / 1_000;
    const processed = present.processed - past.processed;
    const failed = present.failed - past.failed;
    const calls = processed + failed;
    return {
      perSecond: overSeconds > 0 ? processed / overSeconds : 0,
      failedPerSecond: overSeconds > 0 ? failed / overSeconds : 0,
      errorRate: calls > 0 ? failed / calls : 0,
      overSeconds,
    };
  }
}

module.exports = { Rates };
