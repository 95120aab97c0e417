'use strict';

const { classes } = require('../../errors');
const { display } = require('../../options/validate');
const { redactText } = require('./secrets');

const SHOWN = 80;

function show(value, isSecret) {
  if (isSecret) return 'a secret value';
  if (typeof value !== 'string') return display(value);
  const text = redactText(value);
  return `'${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}'`;
}

/** Collects what is wrong, so that it can be said all at once. */
class Problems {
  #list = [];

  get isEmpty() {
    return this.#list.length === 0;
  }

  /**
   * A value that is not what it should be.
   *
   * @param {{ name: string, origin: string, isSecret?: boolean }} setting
   */
  unexpected({ name, origin, isSecret }, expected, received) {
    const shown = show(received, isSecret);
    const message = `${origin}: expected ${expected} but received ${shown}`;
    this.#list.push({ setting: name, origin, expected, received: shown, message });
  }

  /** Anything else: a contradiction, something missing. `sentence` goes on after the origin and shows no secret. */
  add({ name, origin }, sentence) {
    const message = `${origin}: ${sentence}`;
    this.#list.push({ setting: name, origin, message });
  }

  throwIfAny() {
    if (this.isEmpty) return;
    throw new classes.ConfigurationError(this.#list);
  }
}

module.exports = { Problems };
