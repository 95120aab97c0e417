import { backoff } from './backoff.mjs';
import { Connection } from './connection.mjs';
import { Emitter, emit } from './emitter.mjs';
import { StatusError, closed } from './status-error.mjs';
import { Stream } from './stream.mjs';
import { Subscription } from './subscription.mjs';

const NO_WEBSOCKET =
  "No global WebSocket: pass one, { WebSocket: require('ws') }. Node.js has its own from 22 on";

function absolute(url) {
  const address = new URL(url, globalThis.location?.href);
  address.hash = '';
  address.protocol = address.protocol.replace('http', 'ws');
  return address.href;
}

function failure(code, message) {
  return new StatusError(code, message, { retriable: true });
}

/** Subscriptions to a StatusHub over one connection that comes back by itself. Speaks docs/protocol.md. */
export class StatusClient extends Emitter {
  #options;
  #connection;
  #streams = new Map();
  #shared = new Map();
  #publishes = new Map();
  #nextId = 1;

  constructor(url, options = {}) {
    super();
    const { WebSocket = globalThis.WebSocket, connectTimeoutMs = 20_000 } = options;
    if (!WebSocket) throw new StatusError('ERR_STATUS_NO_WEBSOCKET', NO_WEBSOCKET);
    this.#options = { queueSize: 10_000, mode: 'latest', ...options };
    this.#options.backoff = { baseMs: 500, maxMs: 30_000, ...options.backoff };
    const { token } = options;
    this.#connection = new Connection(
      { url: absolute(url), token, WebSocket, connectTimeoutMs, backoff: this.#options.backoff },
      {
        onState: (event) => emit(this, 'state', event),
        onOpen: () => this.#onOpen(),
        onMessage: (message) => this.#onMessage(message),
        onLost: () => this.#onLost(),
        onError: (error) => emit(this, 'error', error),
        onEnd: (error) => this.#onEnd(error),
      },
    );
  }

  /** 'connecting' | 'open' | 'waiting' | 'closed' */
  get state() {
    return this.#connection.state;
  }

  /**
   * @param {string | string[]} channels patterns
   * @param {{ mode?: 'latest' | 'all', maxRateMs?: number, filter?: object, queueSize?: number }} [options]
   * @returns {Subscription} subscriptions with the same arguments share one on the wire
   */
  subscribe(channels, options) {
    this.#needLife();
    const { mode, maxRateMs, filter, queueSize } = { ...this.#options, ...options };
    const request = { channels: [].concat(channels), mode, maxRateMs, filter };
    if (!request.channels[0] || request.channels.some((name) => typeof name !== 'string')) {
      throw new TypeError(`Expected patterns for channels but received ${channels}`);
    }
    if (!['latest', 'all'].includes(mode)) {
      throw new TypeError(`Expected latest or all for mode but received ${mode}`);
    }
    const key = JSON.stringify(request);
    let stream = this.#shared.get(key);
    if (!stream) {
      stream = new Stream(key, request);
      this.#shared.set(key, stream);
      this.#request(stream);
    }
    return new Subscription(stream, queueSize, () => this.#onLeave(stream));
  }

  /**
   * Resolves with { at } once Kafka has acknowledged. Rejects with ERR_STATUS_NOT_OPEN while there is no connection, and with
   * ERR_STATUS_LOST when it is cut before the answer: whether the message was written is unknown then.
   */
  publish(route, data, { key } = {}) {
    return new Promise((resolve, reject) => {
      this.#needLife();
      if (this.state !== 'open') throw failure('ERR_STATUS_NOT_OPEN', 'No connection now');
      const id = this.#nextId++;
      this.#connection.send({ type: 'publish', id, route, key, data });
      this.#publishes.set(id, { resolve, reject });
    });
  }

  /** Cuts the connection, if there is one, and makes another at once. Subscriptions go on. */
  reconnect() {
    this.#needLife();
    this.#connection.reconnect();
  }

  /** Ends everything for good. */
  close() {
    this.#connection.end();
  }

  #needLife() {
    if (this.state === 'closed') throw closed();
  }

  #request(stream) {
    stream.id ??= this.#nextId++;
    this.#streams.set(stream.id, stream);
    if (this.state !== 'open') return;
    stream.sent = true;
    this.#connection.send(stream.subscribeMessage());
  }

  #onOpen() {
    for (const stream of this.#streams.values()) this.#request(stream);
  }

  /** The settling functions of a publish; it is answered only once. */
  #takePublish(id) {
    const publish = this.#publishes.get(id);
    this.#publishes.delete(id);
    return publish;
  }

  #onMessage(message) {
    const { type, id } = message;
    const isUpdate = type === 'update';
    if (isUpdate || type === 'remove') {
      this.#onChange(message, isUpdate);
    } else if (type === 'ping') {
      if (message.token) for (const stream of this.#streams.values()) stream.onToken(message.token);
    } else if (type === 'published') {
      this.#takePublish(id)?.resolve({ at: message.at });
    } else if (type === 'error') {
      this.#onError(message);
    } else if (type === 'unsubscribed') {
      this.#streams.delete(id);
    } else if (['subscribed', 'snapshot', 'gap'].includes(type)) {
      this.#streams.get(id)?.[type](message);
    }
  }

  #onChange(message, isUpdate) {
    const { channel } = message;
    // Also the ones that nobody wants any more: until the hub has confirmed, a message may be theirs.
    const matching = [...this.#streams.values()].filter((one) => one.sent && one.matches(channel));
    for (const stream of matching) stream.onChange(message, isUpdate, matching.length > 1);
  }

  #onError({ id, code, message, retriable }) {
    const error = new StatusError(code, message, { retriable });
    const publish = this.#takePublish(id);
    const stream = this.#streams.get(id);
    if (publish) publish.reject(error);
    else if (stream) this.#onRefused(stream, error);
    else emit(this, 'error', error);
  }

  /** The hub has no such subscription, or no more. */
  #onRefused(stream, error) {
    this.#forget(stream);
    if (!error.retriable) {
      for (const subscriber of stream.subscribers) subscriber.end(error);
    } else if (stream.subscribers.size > 0) {
      const delayMs = backoff(this.#options.backoff, stream.failures++);
      stream.timer = setTimeout(() => this.#request(stream), delayMs);
      for (const subscriber of stream.subscribers) emit(subscriber, 'error', error);
    }
  }

  #forget(stream) {
    stream.reset();
    this.#streams.delete(stream.id);
    stream.id = undefined;
  }

  /** A subscriber has gone; with the last one the subscription on the wire goes. */
  #onLeave(stream) {
    if (stream.subscribers.size > 0) return;
    if (this.#shared.get(stream.key) === stream) this.#shared.delete(stream.key);
    if (stream.sent) this.#connection.send({ type: 'unsubscribe', id: stream.id });
    else this.#forget(stream);
  }

  #onLost() {
    for (const stream of this.#streams.values()) {
      stream.reset();
      if (stream.subscribers.size === 0) this.#streams.delete(stream.id);
    }
    const error = failure('ERR_STATUS_LOST', 'Cut before the answer');
    for (const publish of this.#publishes.values()) publish.reject(error);
    this.#publishes.clear();
  }

  #onEnd(error = closed()) {
    const quiet = error.code === 'ERR_STATUS_CLOSED';
    for (const stream of this.#shared.values()) {
      for (const subscriber of stream.subscribers) subscriber.end(error, quiet);
    }
    if (!quiet) emit(this, 'error', error);
  }
}
