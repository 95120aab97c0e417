// How many updates came in each of the last seconds, and how long they had been on their way.

const SECOND_MS = 1_000;

function percentile(sorted, share) {
  if (sorted.length === 0) return NaN;
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

const silence = (count) => ({ count, p50: NaN, p99: NaN });

export class Timeline {
  #points;
  #second = null;
  #latencies = [];

  /** @param {number} seconds that are kept */
  constructor(seconds) {
    this.#points = Array.from({ length: seconds }, () => silence(NaN)); // before the page was there
  }

  /** One update. @param {number} now ms @param {number} latency ms */
  add(now, latency) {
    this.#advance(now);
    this.#latencies.push(latency);
  }

  /** The whole seconds before `now`, the oldest first. */
  points(now) {
    this.#advance(now);
    return this.#points;
  }

  #advance(now) {
    const second = Math.floor(now / SECOND_MS);
    this.#second ??= second;
    // A clock that was set back: the second goes on until the clock is there again.
    if (second <= this.#second) return;
    const sorted = Float64Array.from(this.#latencies).sort();
    this.#push({
      count: sorted.length,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
    });
    const silent = Math.min(second - this.#second - 1, this.#points.length);
    for (let at = 0; at < silent; at += 1) this.#push(silence(0));
    this.#latencies = [];
    this.#second = second;
  }

  #push(point) {
    this.#points.push(point);
    this.#points.shift();
  }
}
