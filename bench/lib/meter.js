'use strict';

const { performance, monitorEventLoopDelay } = require('node:perf_hooks');
const { deferred } = require('./deferred');

// A finer clock would load the loop it looks at. The values contain it: an idle loop shows about 1 ms.
const LOOP_RESOLUTION_MS = 1;

const toMs = (nanoseconds) => Math.round(nanoseconds / 1e4) / 100;

function cpuSeconds() {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6;
}

const peakRssMb = () => Math.round(process.resourceUsage().maxRSS / 102.4) / 10;

/** A loop that never turned has no samples: its delay was the whole time. */
function loopDelay(loop, seconds) {
  if (loop.max === 0) return { p50: seconds * 1e3, p99: seconds * 1e3, max: seconds * 1e3 };
  return { p50: toMs(loop.percentile(50)), p99: toMs(loop.percentile(99)), max: toMs(loop.max) };
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
      loopDelay: loopDelay(loop, seconds),
      peakRssMb: peakRssMb(),
    };
  }
}

/**
 * Counts what a consumer hands out. The clock runs over `expected` messages after the first `lead` ones, and more
 * follow: at both ends whatever the client fetches ahead is full, so nobody is measured by what it had fetched before.
 */
class Meter {
  #stopwatch = new Stopwatch();
  #lead;
  #last;
  #size;
  #bytes = 0;
  #count = 0;
  #finished = deferred();

  /** `size`: bytes of every value; a client that mangled one gets no figures. */
  constructor({ lead, messages, size }) {
    this.#lead = lead;
    this.#last = lead + messages;
    this.#size = size;
    this.done = this.#finished.promise;
  }

  message(value) {
    this.#bytes += value.length;
    const count = ++this.#count;
    if (count === this.#lead) this.#stopwatch.begin();
    else if (count === this.#last) this.#finish(count);
  }

  #finish(count) {
    const result = { messages: this.#last - this.#lead, ...this.#stopwatch.end() };
    if (this.#bytes === count * this.#size) this.#finished.resolve(result);
    else this.#finished.reject(new Error(`${this.#bytes} bytes came in ${count} messages`));
  }
}

/** The same clock for what comes many at a time: it begins and ends at the next whole number of them. */
class Counter {
  #stopwatch = new Stopwatch();
  #lead;
  #messages;
  #count = 0;
  #before = null;
  #finished = deferred();

  constructor({ lead, messages }) {
    this.#lead = lead;
    this.#messages = messages;
    this.done = this.#finished.promise;
  }

  add(count) {
    this.#count += count;
    if (this.#before === null) {
      if (this.#count < this.#lead) return;
      this.#before = this.#count;
      this.#stopwatch.begin();
    } else if (this.#count - this.#before >= this.#messages) {
      const messages = this.#count - this.#before;
      this.#finished.resolve({ messages, ...this.#stopwatch.end() });
      this.#messages = Infinity;
    }
  }
}

function percentiles(samples) {
  const sorted = Float64Array.from(samples).sort();
  const at = (share) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] * 1e3) / 1e3;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

module.exports = { Meter, Counter, Stopwatch, percentiles, cpuSeconds, peakRssMb };
