'use strict';

// How long a run takes, roughly: for the line before it, and for the time that is left.

const { WORKS } = require('./works');

const { HUB_SECONDS } = require('../hub/works');

const START_SECONDS = 2;

/** Messages a second of each side, in the order of magnitude. */
const RATES = {
  'consume-batch': { c: 2e6, easyflow: 2e6, kafkajs: 3e5, other: 1.2e5 },
  'consume-message': { c: 2e6, easyflow: 1.5e6, kafkajs: 2e5, other: 1.2e5 },
  'produce-batch': { c: 1.2e6, easyflow: 1e6, platformatic: 3e5, other: 1e5 },
  'produce-single': { c: 1e6, easyflow: 3e5, rdkafka: 1e5, confluent: 1e5, other: 1e4 },
  transactions: { c: 1e5, easyflow: 1e5, other: 3e4 },
  growth: { other: 1e6 },
};

const fixedSeconds = {
  latency: ({ messages, params }) => messages / params.rate,
  start: () => 2,
  stall: ({ params }) => params.seconds + 15,
  idle: () => 45,
  ...HUB_SECONDS,
};

function runSeconds(one, side) {
  if (fixedSeconds[one.work]) return START_SECONDS + fixedSeconds[one.work](one);
  const rates = RATES[one.work];
  const bytes = Math.max(1, (one.params.size ?? 200) / 1_000);
  const seconds = (1.5 * one.messages * bytes) / (rates[side] ?? rates.other);
  return START_SECONDS + Math.min(seconds, WORKS[one.work].maxSeconds ?? Infinity);
}

/** Seconds for a case with its topic and the run that warms the broker. */
function caseSeconds(one) {
  const round = one.sides.reduce((sum, side) => sum + runSeconds(one, side), 0);
  return one.rounds * round + runSeconds(one, one.sides[0]) + START_SECONDS;
}

const inWords = (seconds) =>
  seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;

/** Says how much is left, from how the estimates have fared so far. */
class Clock {
  #total;
  #done = 0;
  #startedAt = Date.now();

  constructor(cases) {
    this.#total = cases.reduce((sum, one) => sum + caseSeconds(one), 0);
  }

  get total() {
    return inWords(this.#total);
  }

  finished(one) {
    this.#done += caseSeconds(one);
  }

  get left() {
    const elapsed = (Date.now() - this.#startedAt) / 1e3;
    const pace = this.#done > 0 ? elapsed / this.#done : 1;
    return inWords((this.#total - this.#done) * pace);
  }
}

module.exports = { Clock, caseSeconds };
