'use strict';

// Sends messages as they come. What is sent within one turn of the event loop shares a request anyway, so nothing is held
// back to make larger ones: a line of `tail -f` goes at once.

/** Messages whose answer is awaited; more would only fill the memory. */
const MAX_IN_FLIGHT = 5_000;

class Sender {
  #producer;
  #topic;
  #onProgress;
  #inFlight = 0;
  #failure = null;
  #wake = () => {};
  sent = 0;

  constructor(producer, { topic, onProgress }) {
    this.#producer = producer;
    this.#topic = topic;
    this.#onProgress = onProgress;
  }

  /** Resolves when there is room for the next one. Throws when an earlier one was not delivered. */
  async send(message) {
    this.#inFlight += 1;
    this.#producer.send({ topic: this.#topic, messages: [message] }).then(
      () => this.#settle(null),
      (error) => this.#settle(error),
    );
    while (this.#inFlight >= MAX_IN_FLIGHT) await this.#change();
    this.throwIfFailed();
  }

  #settle(error) {
    this.#inFlight -= 1;
    if (error === null) this.sent += 1;
    this.#failure ??= error;
    this.#onProgress(this.sent);
    this.#wake();
  }

  #change() {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Resolves when every message was answered, in whatever way. */
  async settled() {
    while (this.#inFlight > 0) await this.#change();
  }

  throwIfFailed() {
    if (this.#failure !== null) throw this.#failure;
  }
}

module.exports = { Sender };
