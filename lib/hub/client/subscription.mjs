import { Emitter, emit } from './emitter.mjs';
import { Queue } from './queue.mjs';
import { closed } from './status-error.mjs';

const DONE = { value: undefined, done: true };

/** What `StatusClient.subscribe()` gives: events, the entities, and an iterator over the changes of them. */
export class Subscription extends Emitter {
  #stream;
  #queueSize;
  #leave;
  #started = false;
  #ended = false;
  #iterators = new Set();
  #settle;

  constructor(stream, queueSize, leave) {
    super();
    this.#stream = stream;
    this.#queueSize = queueSize;
    this.#leave = leave;
    /** Resolves when the first snapshot is complete; rejects when the subscription ends before. */
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.ready.catch(() => {}); // who does not ask is not told by an unhandled rejection
    stream.subscribers.add(this);
    // Whoever joins a subscription that is there already sees the same as the first one: every entity once.
    if (stream.known) queueMicrotask(() => this.#start());
  }

  /** Map: channel -> the newest { data, at, time }. Belongs to the subscription: read only. */
  get entities() {
    return this.#stream.entities;
  }

  /** Begins with the entities as they are. Leaving the loop closes the subscription. */
  [Symbol.asyncIterator]() {
    const queue = new Queue(this.#stream.request.mode, this.#queueSize);
    const iterator = { queue, waiting: [] };
    this.#iterators.add(iterator);
    if (this.#started) for (const change of this.#everything()) queue.push(change);
    return {
      next: async () => {
        if (queue.size > 0) return { value: queue.shift(), done: false };
        if (!this.#ended) return new Promise((...settle) => iterator.waiting.push(settle));
        const { error } = iterator;
        iterator.error = undefined;
        if (error) throw error;
        return DONE;
      },
      return: async () => {
        this.close();
        return DONE;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Ends it, and its iterators; they give nothing more. */
  close() {
    for (const { queue } of this.#iterators) queue.clear();
    this.end(closed(), true);
  }

  /** Called by the client. Not `quiet`: it is not what the page wanted, listeners and iterators are told. */
  end(error, quiet) {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.subscribers.delete(this);
    this.#leave(this.#stream);
    this.#settle.reject(error);
    for (const iterator of this.#iterators) {
      iterator.error = quiet ? undefined : error;
      for (const [resolve, reject] of iterator.waiting.splice(0)) {
        if (iterator.error) reject(error);
        else resolve(DONE);
        iterator.error = undefined;
      }
    }
    if (!quiet) emit(this, 'error', error);
  }

  /** Called by the stream. */
  onChange(change) {
    if (!this.#started || this.#ended) return;
    const { event } = change;
    for (const { queue, waiting } of this.#iterators) {
      if (waiting.length > 0) waiting.shift()[0]({ value: event, done: false });
      else queue.push(change);
    }
    emit(this, event.type, event);
  }

  /** Called by the stream. */
  onSnapshot(changes, recovered) {
    if (this.#started) this.#tell(changes, recovered);
    else this.#start();
  }

  #everything() {
    return [...this.entities.values()].map((event) => ({ event, fresh: true }));
  }

  #start() {
    if (this.#started || this.#ended) return;
    this.#started = true;
    this.#settle.resolve();
    this.#tell(this.#everything(), false);
  }

  #tell(changes, recovered) {
    for (const change of changes) this.onChange(change);
    if (!this.#ended) emit(this, 'snapshot', { recovered });
  }
}
