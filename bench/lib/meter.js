'use strict';

const { performance, monitorEventLoopDelay } = require('node:perf_hooks');

// A finer clock would load the loop it looks at. The values contain it: an idle loop shows about 1 ms.
const LOOP_RESOLUTION_MS = 1;

const toMs = (nanoseconds) => Math.round(nanoseconds / 1e4) / 100;

function cpuSeconds() {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6;
}

/** Time, CPU and event loop between begin() and end(), for the whole process with all its threads. */
class Stopwatch {
  #loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  #startedAt = 0;
  #cpu = 0;

  begin() {
    this.#loop.enable();
    this.#startedAt = performance.now();
    this.#cpu = cpuSeconds();
  }

  end() {
    const seconds = (performance.now() - this.#startedAt) / 1e3;
    const cpu = cpuSeconds() - this.#cpu;
    const loop = this.#loop;
    loop.disable();
    return {
      seconds,
      cpuSeconds: cpu,
      loopDelay: {
        p50: toMs(loop.percentile(50)),
        p99: toMs(loop.percentile(99)),
        max: toMs(loop.max),
      },
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 102.4) / 10,
    };
  }
}

/** Counts what a consumer hands out, from the first message to the last one that is expected. */
class Meter {
  #stopwatch = new Stopwatch();
  #expected;
  #size;
  #resolve;
  #reject;

  /** `size`: bytes of every value; a client that lost or mangled one gets no figures. */
  constructor(expected, size) {
    this.#expected = expected;
    this.#size = size;
    this.count = 0;
    this.bytes = 0;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Before the first value is touched: a batch that begins, or a message. */
  begin() {
    if (this.count === 0) this.#stopwatch.begin();
  }

  message(value) {
    if (this.count === 0) this.#stopwatch.begin();
    this.bytes += value.length;
    if (++this.count === this.#expected) this.#finish();
  }

  #finish() {
    const result = { messages: this.count, ...this.#stopwatch.end() };
    if (this.bytes === this.count * this.#size) this.#resolve(result);
    else this.#reject(new Error(`${this.bytes} bytes came in ${this.count} messages`));
  }
}

function percentiles(samples) {
  const sorted = Float64Array.from(samples).sort();
  const at = (share) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] * 1e3) / 1e3;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

module.exports = { Meter, Stopwatch, percentiles };
