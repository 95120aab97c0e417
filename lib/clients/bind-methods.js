'use strict';

/**
 * KafkaJS's clients are plain objects of functions, so `process.once('SIGTERM', consumer.disconnect)` and
 * `const { run } = consumer` work there: gives an object its methods bound. What does not show up in printing.
 *
 * @param {object} object
 * @param {Function} until the first class of the prototype chain that is left out
 */
function bindMethods(object, until = Object) {
  const seen = new Set(['constructor']);
  for (
    let prototype = Object.getPrototypeOf(object);
    prototype !== null && prototype !== until.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const { value } = Object.getOwnPropertyDescriptor(prototype, name);
      if (seen.has(name) || typeof value !== 'function') continue;
      seen.add(name);
      Object.defineProperty(object, name, {
        value: value.bind(object),
        writable: true,
        configurable: true,
        enumerable: false,
      });
    }
  }
}

module.exports = { bindMethods };
