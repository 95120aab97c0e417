'use strict';

const { Readable } = require('node:stream');
const { abortedError } = require('./abortable');
const { batches } = require('./iterate');

/**
 * A run as a Readable of messages. A message counts as handled when its reader comes back for another one: the body of
 * a `for await` has ended, a 'data' listener has returned. Destroying the stream stops the consumer.
 */
class MessageStream extends Readable {
  #consumer;
  #started = false;
  #options;
  #demand = null;
  /** What to do when the messages in the stream's buffer were handled, in order. */
  #buffered = [];
  #out = null;
  #stopping = false;
  #removeListeners = [];
  #signal;
  #onAbort = () => this.destroy(abortedError(this.#signal, 'Consuming was aborted'));

  constructor(consumer, { signal, highWaterMark = 1, ...options } = {}) {
    super({ objectMode: true, highWaterMark });
    this.#consumer = consumer;
    this.#options = options;
    this.#signal = signal;
    if (signal?.aborted) this.destroy(abortedError(signal, 'Consuming was aborted'));
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  read(size) {
    if (size === 0) return super.read(0);
    this.#settleOut();
    const chunk = super.read(size);
    if (chunk !== null) this.#out = this.#buffered.shift() ?? null;
    return chunk;
  }

  /** Leaving the loop waits until the consumer has stopped and committed. */
  async *[Symbol.asyncIterator]() {
    try {
      yield* super[Symbol.asyncIterator]();
    } finally {
      if (!this.closed) {
        await new Promise((resolve) => {
          this.once('close', resolve);
          this.destroy();
        });
      }
    }
  }

  _read() {
    if (!this.#started) this.#start();
    const demand = this.#demand;
    this.#demand = null;
    demand?.();
  }

  async _destroy(error, callback) {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#wake();
    try {
      if (this.#started) await this.#consumer.stop();
    } finally {
      for (const remove of this.#removeListeners) remove();
      callback(error);
    }
  }

  #start() {
    this.#started = true;
    const consumer = this.#consumer;
    this.#removeListeners = [
      consumer.onStopping(() => this.#wake()),
      consumer.on(consumer.events.STOP, () => this.push(null)),
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) this.destroy(payload.error);
      }),
    ];
    consumer
      .run({
        lazyMessages: true,
        ...this.#options,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => this.#feed(payload),
      })
      .catch((error) => this.destroy(error));
  }

  async #feed({ batch, resolveOffset, isRunning, isStale }) {
    let open = 0;
    let settled = null;
    for (const message of batch.messages) {
      if (this.#stopping || !isRunning() || isStale()) return;
      open += 1;
      const { offset } = message;
      const more = this.#offer(message, () => {
        resolveOffset(offset);
        open -= 1;
        if (open === 0) settled?.();
      });
      if (!more) {
        await new Promise((resolve) => {
          this.#demand = chain(this.#demand, resolve);
        });
      }
    }
    if (open === 0) return;
    await new Promise((resolve) => {
      settled = resolve;
      this.#onWake = chain(this.#onWake, resolve);
    });
  }

  #onWake = null;

  #offer(message, handled) {
    this.#buffered.push(handled);
    const more = this.push(message);
    // In flowing mode an empty buffer is passed by: the listeners have had the message already.
    if (this.readableLength === 0 && this.#buffered.length !== 0) this.#buffered.shift()();
    return more;
  }

  #settleOut() {
    const out = this.#out;
    this.#out = null;
    out?.();
  }

  /** Handlers that wait for the reader end; what he has not handled comes again. */
  #wake() {
    this.#stopping = true;
    const demand = this.#demand;
    const onWake = this.#onWake;
    this.#demand = null;
    this.#onWake = null;
    demand?.();
    onWake?.();
  }
}

function chain(first, second) {
  if (first === null) return second;
  return () => {
    first();
    second();
  };
}

/**
 * @param {object} consumer
 * @param {object} [options] of run(), and `signal`, `highWaterMark`, `of: 'messages' | 'batches'`
 */
function stream(consumer, { of = 'messages', ...options } = {}) {
  if (of === 'batches') {
    const { highWaterMark = 1, ...rest } = options;
    return Readable.from(batches(consumer, rest), { objectMode: true, highWaterMark });
  }
  return new MessageStream(consumer, options);
}

module.exports = { stream };
