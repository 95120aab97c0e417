'use strict';

// Durations in buckets that grow by 1 %: percentiles of any number of values in a few kilobytes.

const GROWTH = Math.log(1.01);
const SMALLEST_MS = 0.001;

class Histogram {
  #buckets = new Uint32Array(2_400); // up to 20,000 s
  count = 0;

  add(ms) {
    const bucket = Math.ceil(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / GROWTH);
    this.#buckets[Math.min(bucket, this.#buckets.length - 1)] += 1;
    this.count += 1;
  }

  /** @param {number} share 0.5: the median. NaN when nothing was added. */
  percentile(share) {
    if (this.count === 0) return NaN;
    let left = Math.max(1, Math.ceil(this.count * share));
    const bucket = this.#buckets.findIndex((count) => (left -= count) <= 0);
    return SMALLEST_MS * Math.exp(bucket * GROWTH);
  }
}

module.exports = { Histogram };
