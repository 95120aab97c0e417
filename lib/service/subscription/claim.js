'use strict';

const { classes } = require('../../errors');

/** The right of one worker to handle an event, kept while its handler runs. */
class Claim {
  #store;
  #id;
  #token;
  #extending;
  /** The event was completed already, or another worker has it: nothing of this attempt may count. */
  isLost = false;

  /**
   * @param {object} parts
   * @param {object} parts.store @param {string} parts.id @param {string} parts.token what claim() of the store gave
   * @param {number} parts.leaseMs
   * @param {(error: Error) => void} parts.onNotExtended
   */
  constructor({ store, id, token, leaseMs, onNotExtended }) {
    this.#store = store;
    this.#id = id;
    this.#token = token;
    this.#extending = setInterval(() => {
      store.extend(id, token, { leaseMs }).catch(onNotExtended);
    }, leaseMs / 3);
  }

  /**
   * Completes it before the handler has ended: in the handler's own transaction, for a store that takes its client.
   *
   * @param {{ client?: object }} [options]
   * @throws ERR_KAFKA_CLAIM_LOST: roll back
   */
  async complete(options) {
    if (await this.#store.complete(this.#id, this.#token, options)) return;
    this.isLost = true;
    throw new classes.KafkaJSNonRetriableError(
      `The event ${this.#id} was completed already, or its claim is another worker's by now`,
      { errorCode: 'ERR_KAFKA_CLAIM_LOST' },
    );
  }

  /** @param {boolean} isDone false: the next may try */
  async end(isDone) {
    clearInterval(this.#extending);
    if (isDone) await this.#store.complete(this.#id, this.#token);
    else await this.#store.release(this.#id, this.#token);
  }
}

module.exports = { Claim };
