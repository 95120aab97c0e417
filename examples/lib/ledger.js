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

/** The books of one demo run: every message that is due, which of them came, how long each took. */
class Ledger {
  #runId;
  #tasks;
  #seen = new Map();
  #unfinished;
  topics = new Map();
  doubled = 0;

  constructor(runId, tasks) {
    this.#runId = runId;
    this.#tasks = tasks;
    this.#unfinished = tasks;
    for (const [topic, steps] of Object.entries(STEPS)) {
      const latency = new Histogram();
      this.topics.set(topic, { sent: 0, received: 0, due: tasks * steps.length, latency });
      for (const step of steps) this.#seen.set(`${topic} ${step}`, new Uint8Array(tasks + 1));
    }
    this.perTask = new Uint8Array(tasks + 1);
  }

  get isComplete() {
    return this.#unfinished === 0;
  }

  get finished() {
    return this.#tasks - this.#unfinished;
  }

  get received() {
    return [...this.topics.values()].reduce((sum, { received }) => sum + received, 0);
  }

  get missing() {
    return [...this.topics.values()].reduce((sum, { due, received }) => sum + due - received, 0);
  }

  sent(topic) {
    this.topics.get(topic).sent += 1;
  }

  /** @returns {boolean} whether the message is of this run and was not seen before */
  receive(topic, headers) {
    const at = performance.now();
    if (headers?.runId?.toString() !== this.#runId) return false;
    const number = Number(headers.number);
    const seen = this.#seen.get(`${topic} ${headers.step}`);
    if (seen[number] === 1) {
      this.doubled += 1;
      return false;
    }
    seen[number] = 1;
    const entry = this.topics.get(topic);
    entry.received += 1;
    entry.latency.add(at - Number(headers.sentAt));
    this.perTask[number] += 1;
    if (this.perTask[number] === this.#seen.size) this.#unfinished -= 1;
    return true;
  }
}

module.exports = { Ledger, headersOf };
