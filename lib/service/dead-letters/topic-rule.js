'use strict';

const { invalidOption } = require('../../options/validate');

const PLACE = '{topic}';
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Names that are made of other names: `dlq.{topic}`. */
class TopicRule {
  #before;
  #after;

  /** @param {string} template @param {string} option for the message */
  constructor(template, option) {
    const parts = typeof template === 'string' ? template.split(PLACE) : [];
    if (parts.length !== 2 || parts.join('') === '' || !/^[A-Za-z0-9._-]*$/.test(parts.join(''))) {
      throw invalidOption(`a topic's name with ${PLACE}`, option, template);
    }
    [this.#before, this.#after] = parts;
  }

  nameOf(original) {
    return `${this.#before}${original}${this.#after}`;
  }

  /** Matches every name that it makes. */
  get pattern() {
    return new RegExp(`^${escape(this.#before)}(.+)${escape(this.#after)}$`);
  }

  /** @returns {string | null} null for a name that it does not make */
  originalOf(name) {
    return this.pattern.exec(name)?.[1] ?? null;
  }
}

module.exports = { TopicRule };
