'use strict';

/** What the hub's update message has around the value: channel, position and time. */
const ENVELOPE = 75;
const STATUSES = ['queued', 'running', 'failed', 'finished'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * Makes the values of the messages. bench/native/hub_payload.h looks for `t` (microseconds since 1970), `n` (how many the entity has
 * had, from 1) and `e` (its number), in this order.
 *
 * @param {number} size bytes of an update as a client of the hub gets it, about
 * @returns {(type: string, entity: number, count: number, micros: number) => string}
 */
function valueMaker(size) {
  const valueSize = size - ENVELOPE;
  return (type, entity, count, micros) => {
    const head =
      `{"entityType":"${type}","entityId":"${entity}","t":${micros},"n":${count},"e":${entity},` +
      `"status":"${STATUSES[count % STATUSES.length]}","message":"`;
    const pad = Math.max(1, valueSize - head.length - 2);
    return `${head}${LETTERS.repeat(Math.ceil(pad / LETTERS.length)).slice(0, pad)}"}`;
  };
}

/** Updates that go round `entities`, each with the count of its entity. */
class Rounds {
  #entities;
  #sent = 0;

  constructor(entities) {
    this.#entities = entities;
  }

  get sent() {
    return this.#sent;
  }

  /** @returns {{ entity: number, count: number }} */
  next() {
    const at = this.#sent++;
    return { entity: at % this.#entities, count: Math.floor(at / this.#entities) + 1 };
  }
}

module.exports = { valueMaker, Rounds };
