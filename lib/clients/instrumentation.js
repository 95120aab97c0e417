'use strict';

// Instrumentation events: `client.on(client.events.CONNECT, listener)` with KafkaJS's event objects.

const { classes } = require('../errors');
const { invalidOption } = require('../options/validate');

let lastId = 0;

class Instrumentation {
  #listeners = new Map();
  #events;
  #logger;
  #prefix;
  #changed;

  /**
   * @param {string} prefix 'producer', 'consumer', 'admin': for the sentence about a wrong name
   * @param {Record<string, string>} events
   * @param {import('../index').Logger} logger
   * @param {() => void} [changed] called when the first listener of an event has come or its last one has gone
   */
  constructor(prefix, events, logger, changed = () => {}) {
    this.#prefix = prefix;
    this.#events = events;
    this.#logger = logger;
    this.#changed = changed;
  }

  /** @returns {() => void} removes the listener */
  on(eventName, listener) {
    if (!Object.values(this.#events).includes(eventName)) {
      const names = Object.keys(this.#events).map((key) => `${this.#prefix}.events.${key}`);
      throw new classes.KafkaJSInvalidOptionError(
        `Event name should be one of ${names.join(', ')}: received ${String(eventName)}`,
        { option: 'eventName' },
      );
    }
    if (typeof listener !== 'function') throw invalidOption('a function', 'listener', listener);
    const entry = { listener };
    const entries = this.#listeners.get(eventName) ?? new Set();
    this.#listeners.set(eventName, entries.add(entry));
    if (entries.size === 1) this.#changed();
    return () => {
      if (entries.delete(entry) && entries.size === 0) this.#changed();
    };
  }

  /** Whether anybody listens: payloads that cost something are made only then. */
  has(eventName) {
    return (this.#listeners.get(eventName)?.size ?? 0) > 0;
  }

  emit(eventName, payload = null) {
    const entries = this.#listeners.get(eventName);
    if (entries === undefined || entries.size === 0) return;
    const event = { id: lastId++, type: eventName, timestamp: Date.now(), payload };
    for (const { listener } of [...entries]) this.#call(eventName, listener, event);
  }

  /** A listener that throws or rejects is logged: it must not disturb the client. */
  async #call(eventName, listener, event) {
    try {
      await listener(event);
    } catch (e) {
      this.#logger.error(`Failed to execute listener: ${e?.message ?? e}`, {
        eventName,
        stack: e?.stack,
      });
    }
  }
}

module.exports = { Instrumentation };
