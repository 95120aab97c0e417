'use strict';

const EVERY_MS = 20;
const BATCH = 10;
const KEYS = 96;
/** Beside its number: so that a slow connection is full. */
const HEADERS = { padding: Buffer.alloc(200, 'x') };
/** Sends of one producer that are not settled: in an outage it does not pile up more. */
const MAX_PENDING = 20;

/** A producer that numbers its messages and notes which of them were acknowledged. */
class NumberingProducer {
  #client;
  #ledger;
  #topic;
  #name;
  #number = 0;
  #pending = new Set();
  #timer = null;
  failures = new Map();

  constructor(client, { name, topic, ledger }) {
    this.#client = client;
    this.#name = name;
    this.#topic = topic;
    this.#ledger = ledger;
  }

  async start() {
    await this.#client.connect();
    this.#timer = setInterval(() => this.#send(), EVERY_MS);
  }

  #send() {
    if (this.#pending.size >= MAX_PENDING) return;
    const numbers = Array.from({ length: BATCH }, () => this.#number++);
    const messages = numbers.map((number) => ({
      key: String(number % KEYS),
      value: `${this.#name}:${number}`,
      headers: HEADERS,
    }));
    const at = Date.now();
    for (const { value } of messages) this.#ledger.sent(value, at);
    const send = this.#client
      .send({ topic: this.#topic, messages })
      .then(
        () => messages.forEach(({ value }) => this.#ledger.acknowledged(value)),
        (error) => {
          const what = error.errorCode ?? error.message;
          this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
        },
      )
      .finally(() => this.#pending.delete(send));
    this.#pending.add(send);
  }

  /** Resolves when the fate of all that was sent is known. */
  async stop() {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }

  disconnect() {
    clearInterval(this.#timer);
    return this.#client.disconnect();
  }
}

module.exports = { NumberingProducer };
