'use strict';

const { abortedError } = require('./abortable');

/**
 * The batches of a run as an async iterator. A batch counts as handled when the next one is asked for, or as far as
 * `batch.resolveOffset()` and `batch.commit()` said so; leaving the loop in the middle of a batch leaves the rest of it
 * unhandled. Leaving the loop stops the consumer.
 */
async function* batches(consumer, { signal, ...options } = {}) {
  const feed = new Feed(signal);
  const removeListeners = [
    consumer.onStopping(() => feed.abandonWaiting()),
    consumer.on(consumer.events.STOP, () => feed.end()),
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) feed.fail(payload.error);
    }),
  ];
  const running = consumer.run({ lazyMessages: true, ...options, eachBatch: feed.handler });
  running.catch((error) => feed.fail(error));
  try {
    for (;;) {
      const item = await feed.next();
      if (item === null) return;
      yield item.batch;
      item.handled();
      // Blocks are freed in turns of the event loop only, so a loop without I/O must not stay in one.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  } finally {
    for (const remove of removeListeners) remove();
    const stopped = consumer.stop();
    feed.close();
    await stopped;
  }
}

/** Between eachBatch, which waits until a batch is handled, and a loop that asks for the next. */
class Feed {
  #waiting = [];
  #given = new Set();
  #reader = null;
  #failure = null;
  #ended = false;
  #signal;
  #onAbort;

  constructor(signal) {
    this.#signal = signal;
    this.#onAbort = () => this.fail(abortedError(signal, 'Consuming was aborted'));
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.handler = (payload) => this.#handle(payload);
  }

  #handle(payload) {
    return new Promise((resolve) => {
      const { batch } = payload;
      Object.assign(batch, {
        resolveOffset: payload.resolveOffset,
        isStale: payload.isStale,
        pause: payload.pause,
        heartbeat: payload.heartbeat,
        commit: () => {
          payload.resolveOffset(batch.lastOffset());
          return payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
        },
      });
      const item = {
        batch,
        handled: () => {
          this.#given.delete(item);
          resolve();
        },
        /** The run has ended: asked about it, the payload will not resolve what was left. */
        abandon: () => {
          this.#given.delete(item);
          payload.isRunning();
          resolve();
        },
      };
      if (this.#reader !== null) {
        this.#given.add(item);
        this.#reader.resolve(item);
        this.#reader = null;
      } else {
        this.#waiting.push(item);
      }
    });
  }

  next() {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#waiting.length !== 0) {
      const item = this.#waiting.shift();
      this.#given.add(item);
      return Promise.resolve(item);
    }
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  fail(error) {
    this.#failure ??= error;
    this.#reader?.reject(error);
    this.#reader = null;
  }

  end() {
    this.#ended = true;
    this.#reader?.resolve(null);
    this.#reader = null;
  }

  /** Stopping waits for handlers; batches that nobody has seen yet must not hold it up. */
  abandonWaiting() {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const item of waiting) item.abandon();
  }

  close() {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#ended = true;
    this.abandonWaiting();
    for (const item of [...this.#given]) item.abandon();
  }
}

module.exports = { batches };
