'use strict';

/** Sends with a bound on what is not acknowledged yet, and knows what was. */
class Sender {
  #producer;
  #topic;
  #limit;
  #onAcknowledged;
  #onFailed;
  #open = 0;
  #waiting = [];
  sent = 0;
  acknowledged = 0;
  failed = 0;

  /**
   * @param {object} producer connected
   * @param {{ topic: string, limit?: number, onAcknowledged?: Function, onFailed?: Function }} options limit: of sends
   */
  constructor(producer, { topic, limit = 500, onAcknowledged = () => {}, onFailed = () => {} }) {
    this.#producer = producer;
    this.#topic = topic;
    this.#limit = limit;
    this.#onAcknowledged = onAcknowledged;
    this.#onFailed = onFailed;
  }

  /** Starts one send(); await room() before the next one. */
  send(label, messages) {
    this.#open += 1;
    this.sent += messages.length;
    this.#producer.send({ topic: this.#topic, messages }).then(
      (metadata) => {
        this.acknowledged += messages.length;
        this.#onAcknowledged(label, metadata);
        this.#close();
      },
      (error) => {
        this.failed += messages.length;
        this.#onFailed(label, error);
        this.#close();
      },
    );
  }

  /** Resolves when another send() is within the limit. */
  room() {
    return this.#until(this.#limit - 1);
  }

  /** Resolves when every send() has its answer. */
  settled() {
    return this.#until(0);
  }

  async #until(open) {
    while (this.#open > open) await new Promise((resolve) => this.#waiting.push(resolve));
  }

  #close() {
    this.#open -= 1;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

module.exports = { Sender };
