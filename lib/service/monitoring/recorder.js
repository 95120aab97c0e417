'use strict';

// Counting costs a few additions a message: no label objects, no timers. What is counted is read when somebody asks.

/** Upper bounds in seconds: a handler may take a microsecond or minutes. */
const BOUNDS_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** Topics beyond this number are counted together: names may come from outside. */
const MAX_TOPICS = 1_000;
const OTHER = 'other';

/** Why a message is given up: subscription/pipeline.js and policies/retry.js. */
const BURIAL_REASONS = Object.freeze([
  'unreadable',
  'invalid',
  'attempts',
  'deadline',
  'not-retriable',
]);

class Durations {
  counts = new Float64Array(BOUNDS_SECONDS.length + 1);
  sum = 0;
  count = 0;

  add(seconds) {
    let index = 0;
    while (index < BOUNDS_SECONDS.length && seconds > BOUNDS_SECONDS[index]) index += 1;
    this.counts[index] += 1;
    this.sum += seconds;
    this.count += 1;
  }

  /** @returns {[number, number][]} upper bound -> observations up to it, +Infinity last */
  cumulative() {
    let sum = 0;
    return [...BOUNDS_SECONDS, Infinity].map((bound, index) => [
      bound,
      (sum += this.counts[index]),
    ]);
  }
}

class TopicCounts {
  processed = 0;
  failed = 0;
  retries = 0;
  /** Outcome -> number, see subscription/pipeline.js. */
  outcomes = new Map();
  /** Reason -> number */
  buried = new Map();
  processing = new Durations();
  sent = 0;
  sendFailed = 0;
  sending = new Durations();
}

const increment = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);

/** What a KafkaService has done, by topic. */
class Recorder {
  /** @type {Map<string, TopicCounts>} */
  topics = new Map();
  /** Group -> number */
  rebalances = new Map();
  startedAt = Date.now();

  #of(topic) {
    let counts = this.topics.get(topic);
    if (counts === undefined) {
      if (this.topics.size >= MAX_TOPICS && topic !== OTHER) return this.#of(OTHER);
      counts = new TopicCounts();
      this.topics.set(topic, counts);
    }
    return counts;
  }

  /** One call of a handler. */
  attempt(topic, seconds, succeeded) {
    const counts = this.#of(topic);
    counts.processing.add(seconds);
    if (succeeded) counts.processed += 1;
    else counts.failed += 1;
  }

  retry(topic) {
    this.#of(topic).retries += 1;
  }

  outcome(topic, outcome) {
    increment(this.#of(topic).outcomes, outcome);
  }

  buried(topic, reason) {
    increment(this.#of(topic).buried, reason);
  }

  /** One send() of `messages` messages. */
  send(topic, messages, seconds, succeeded) {
    const counts = this.#of(topic);
    counts.sending.add(seconds);
    if (succeeded) counts.sent += messages;
    else counts.sendFailed += messages;
  }

  rebalance(group) {
    increment(this.rebalances, group);
  }

  /** Calls of handlers, of all topics. */
  totals() {
    let processed = 0;
    let failed = 0;
    for (const counts of this.topics.values()) {
      processed += counts.processed;
      failed += counts.failed;
    }
    return { processed, failed };
  }
}

module.exports = { Recorder, Durations, BOUNDS_SECONDS, BURIAL_REASONS, MAX_TOPICS, OTHER };
