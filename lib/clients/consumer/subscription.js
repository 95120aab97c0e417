'use strict';

const { classes } = require('../../errors');
const { invalidOption } = require('../../options/validate');

/**
 * The topics a consumer wants: names, and regular expressions that are matched against the cluster's topics when
 * consuming begins and again from time to time, so that new topics are followed.
 */
class Subscription {
  /** @type {Map<string, { fromBeginning: boolean | undefined }>} */
  #names = new Map();
  /** @type {{ pattern: RegExp, fromBeginning: boolean | undefined, found: Set<string> | null }[]} */
  #patterns = [];

  get isEmpty() {
    return this.#names.size === 0 && this.#patterns.length === 0;
  }

  get hasPatterns() {
    return this.#patterns.length !== 0;
  }

  /** The argument of consumer.subscribe(): everything is checked before anything is taken. */
  add(subscription, fromBeginningDefault) {
    const { topic, topics, fromBeginning = fromBeginningDefault, replace } = subscription ?? {};
    if (!topic && !topics) {
      throw invalid('Missing required argument "topics"');
    }
    if (topics !== undefined && topics !== null && !Array.isArray(topics)) {
      throw invalid('Argument "topics" must be an array');
    }
    if (fromBeginning !== undefined && typeof fromBeginning !== 'boolean') {
      throw invalidOption('a boolean', 'fromBeginning', fromBeginning);
    }
    const wanted = topics ?? [topic];
    for (const name of wanted) {
      if ((typeof name !== 'string' || name === '') && !(name instanceof RegExp)) {
        throw invalid(
          `Invalid topic ${String(name)} (${typeof name}), the topic name has to be a String or a RegExp`,
        );
      }
    }
    // @confluentinc/kafka-javascript's; KafkaJS always adds.
    if (replace === true) this.clear();
    for (const name of wanted) {
      if (typeof name === 'string') this.#names.set(name, { fromBeginning });
      else this.#patterns.push({ pattern: withoutState(name), fromBeginning, found: null });
    }
  }

  clear() {
    this.#names.clear();
    this.#patterns = [];
  }

  has(topic) {
    return this.#names.has(topic) || this.#patterns.some(({ pattern }) => pattern.test(topic));
  }

  /**
   * A topic that a pattern did not find at first was made since then: it is consumed from its beginning, because between
   * its first message and the next look `latest` would skip what was meant for this consumer.
   *
   * @param {{ topic: string, error?: object }[]} existing the cluster's topics, needed if there are patterns
   * @returns {{ topic: string, offsetReset?: 'earliest' | 'latest' }[]} argument of the native 'subscribe'
   */
  resolve(existing) {
    const resolved = new Map();
    for (const entry of this.#patterns) {
      const matching = existing.filter(({ topic }) => entry.pattern.test(topic));
      // One that cannot be consumed at the moment is not new later.
      entry.found ??= new Set(matching.map(({ topic }) => topic));
      for (const { topic, error } of matching) {
        if (error) continue;
        const isNew = entry.fromBeginning === false && !entry.found.has(topic);
        resolved.set(topic, isNew || entry.fromBeginning);
      }
    }
    for (const [topic, { fromBeginning }] of this.#names) resolved.set(topic, fromBeginning);
    return [...resolved].map(([topic, fromBeginning]) =>
      fromBeginning === undefined
        ? { topic }
        : { topic, offsetReset: fromBeginning ? 'earliest' : 'latest' },
    );
  }
}

/** A global or sticky expression remembers where it stopped: the same topic would match every other time. */
function withoutState(pattern) {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
}

function invalid(message) {
  return new classes.KafkaJSInvalidOptionError(message, { option: 'topics' });
}

module.exports = { Subscription };
