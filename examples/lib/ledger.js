'use strict';

const { TOPICS } = require('./messages');
const { Histogram } = require('./histogram');

/** What becomes of one task on each topic. */
const STEPS = Object.freeze({
  [TOPICS.tasks]: ['pending'],
  [TOPICS.results]: ['completed'],
  [TOPICS.workflow]: ['started', 'finished'],
  [TOPICS.status]: ['running', 'completed'],
});

/** Marks every message with its run, its place in it and the moment of the send() call. */
function headersOf(runId, number, step) {
  return { runId, number: String(number), step, sentAt: performance.now().toFixed(3) };
}

const PLACES = Object.entries(STEPS).flatMap(([topic, steps]) =>
  steps.map((step) => `${topic} ${step}`),
);
const bitOf = new Map(PLACES.map((place, at) => [place, 1 << at]));
const ALL = (1 << PLACES.length) - 1;
const PAGE = 4_096;

/** Which messages of each task came. Pages of tasks that are all finished are given up: a run may have no end. */
class Seen {
  #pages = new Map();
  #finished = new Set();

  /** @returns {{ isNew: boolean, isFinished: boolean }} isFinished: that was the task's last one */
  mark(number, bit) {
    const page = Math.floor((number - 1) / PAGE);
    if (this.#finished.has(page)) return { isNew: false, isFinished: false };
    if (!this.#pages.has(page)) this.#pages.set(page, { bits: new Uint8Array(PAGE), finished: 0 });
    const entry = this.#pages.get(page);
    const at = (number - 1) % PAGE;
    if (entry.bits[at] & bit) return { isNew: false, isFinished: false };
    entry.bits[at] |= bit;
    if (entry.bits[at] !== ALL) return { isNew: true, isFinished: false };
    entry.finished += 1;
    if (entry.finished === PAGE) {
      this.#pages.delete(page);
      this.#finished.add(page);
    }
    return { isNew: true, isFinished: true };
  }
}

/** The books of one demo run: every message that is due, which of them came, how long each took. */
class Ledger {
  #runId;
  #tasks;
  #seen = new Seen();
  topics = new Map();
  finished = 0;
  doubled = 0;

  /** @param {string} runId @param {number} tasks Infinity: until it is interrupted */
  constructor(runId, tasks) {
    this.#runId = runId;
    this.#tasks = tasks;
    for (const [topic, steps] of Object.entries(STEPS)) {
      const latency = new Histogram();
      this.topics.set(topic, { sent: 0, received: 0, due: tasks * steps.length, latency });
    }
  }

  get isComplete() {
    return this.finished === this.#tasks;
  }

  get received() {
    return [...this.topics.values()].reduce((sum, { received }) => sum + received, 0);
  }

  get missing() {
    return [...this.topics.values()].reduce(
      (sum, { sent, received, due }) => sum + (due === Infinity ? sent : due) - received,
      0,
    );
  }

  sent(topic) {
    this.topics.get(topic).sent += 1;
  }

  /** @returns {boolean} whether the message is of this run and was not seen before */
  receive(topic, headers) {
    const at = performance.now();
    if (headers?.runId?.toString() !== this.#runId) return false;
    const bit = bitOf.get(`${topic} ${headers.step}`);
    const { isNew, isFinished } = this.#seen.mark(Number(headers.number), bit);
    if (!isNew) {
      this.doubled += 1;
      return false;
    }
    const entry = this.topics.get(topic);
    entry.received += 1;
    entry.latency.add(at - Number(headers.sentAt));
    if (isFinished) this.finished += 1;
    return true;
  }
}

module.exports = { Ledger, headersOf };
