'use strict';

const { logLevel } = require('../..');

const REPEAT_MS = 10_000;

/** The clients' log: one line an entry, on stderr, because stdout belongs to the program. */
class LogLines {
  #level;
  #printedAt = new Map();
  isQuiet = false;

  constructor(level) {
    this.#level = level;
  }

  /** For `new Kafka({ logCreator })`. */
  creator = () => (entry) => this.#print(entry);

  #print({ label, namespace, log: { message } }) {
    if (this.#level < logLevel.DEBUG && (this.isQuiet || this.#isRepeated(message))) return;
    process.stderr.write(`${label} ${namespace ? `[${namespace}] ` : ''}${message}\n`);
  }

  /** A broker that is away is worth a line now and then, not one for each attempt. */
  #isRepeated(message) {
    const kind = message.replace(/\d+/g, '#');
    const now = Date.now();
    if (now - (this.#printedAt.get(kind) ?? -Infinity) < REPEAT_MS) return true;
    this.#printedAt.set(kind, now);
    return false;
  }
}

module.exports = { LogLines };
