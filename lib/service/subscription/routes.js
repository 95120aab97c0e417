'use strict';

const { invalidOption } = require('../../options/validate');
const { classes } = require('../../errors');

/**
 * Which handler takes a message of a topic: the one for its event type, else the one for all types. Topics are names, or
 * regular expressions (a topic of every organization).
 */
class Routes {
  /** Name -> Map<type | null, route> */
  #names = new Map();
  /** @type {{ pattern: RegExp, types: Map<string | null, object> }[]} */
  #patterns = [];

  /**
   * @param {string | RegExp} topic
   * @param {string | null} type null: every type that has no route of its own
   * @param {object} route
   */
  add(topic, type, route) {
    const types = this.#typesOf(topic) ?? this.#create(topic);
    if (types.has(type)) {
      const what = type === null ? '' : ` for ${type}`;
      throw new classes.KafkaJSInvalidOptionError(
        `This group has a handler${what} on ${String(topic)} already: a message of a group has one handler`,
        { option: 'topics' },
      );
    }
    types.set(type, route);
  }

  /** @returns {object | null} */
  find(topic, type) {
    const exact = this.#names.get(topic);
    const found = exact?.get(type) ?? exact?.get(null);
    if (found !== undefined) return found;
    for (const { pattern, types } of this.#patterns) {
      if (!pattern.test(topic)) continue;
      const route = types.get(type) ?? types.get(null);
      if (route !== undefined) return route;
    }
    return null;
  }

  #typesOf(topic) {
    if (typeof topic === 'string') return this.#names.get(topic);
    return this.#patterns.find(({ pattern }) => String(pattern) === String(topic))?.types;
  }

  #create(topic) {
    const types = new Map();
    if (typeof topic === 'string') this.#names.set(topic, types);
    else if (topic instanceof RegExp) this.#patterns.push({ pattern: topic, types });
    else throw invalidOption('a string or a RegExp', 'topic', topic);
    return types;
  }
}

module.exports = { Routes };
