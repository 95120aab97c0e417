'use strict';

// One native client: its requests, its events, and whether it keeps the process alive. See lib/native.d.ts.

const { classes, fromNative } = require('../errors');

const EventKind = Object.freeze({
  Response: 0,
  Error: 1,
  Log: 2,
  Statistics: 3,
  TokenRefresh: 4,
  Batch: 5,
  Rebalance: 6,
  Delivery: 7,
  PartitionError: 8,
  Requests: 9,
});

const MAX_REQUEST_ID = 0x7fffffff;
// How much longer than its own deadline we wait for the native side to answer `close`.
const CLOSE_GRACE_MS = 2_000;

class NativeHandle {
  #native;
  #onEvent;
  #groupId;
  #pending = new Map();
  #lastId = 0;
  #closed = false;
  #closing = null;
  #holders = 0;
  #isRef = false;
  #unrefScheduled = false;

  /**
   * @param {(onEvent: Function) => object} create makes the native client; may throw its NativeConfigError
   * @param {(kind: number, a: any, b: any, c: any, d: any, e: any, f: any) => void} onEvent everything but responses
   * @param {string} [groupId] of a consumer: its errors name it
   */
  constructor(create, onEvent, groupId) {
    this.#onEvent = onEvent;
    this.#groupId = groupId;
    try {
      this.#native = create((kind, a, b, c, d, e, f) => {
        if (kind === EventKind.Response) this.#settle(a, b, c);
        else if (!this.#closed) this.#onEvent(kind, a, b, c, d, e, f);
      });
    } catch (e) {
      throw configError(e);
    }
  }

  /** The native object, for the hot calls (`enqueue`, `done`, …). */
  get native() {
    return this.#native;
  }

  get closed() {
    return this.#closed;
  }

  /**
   * @param {string} operation see lib/native.d.ts
   * @param {object} [args]
   * @returns {Promise<any>} the parsed result; rejects with an error of lib/errors whose stack begins at the caller
   */
  async request(operation, args = {}) {
    if (this.#closed || this.#closing !== null) throw closedError();
    const answer = await this.#call(operation, args);
    if (answer.error) throw fromNative(answer.error, { groupId: args.groupId ?? this.#groupId });
    return parse(answer.json);
  }

  /** Keeps the process alive until as many release() calls came. */
  retain() {
    this.#holders += 1;
    if (this.#isRef || this.#closed) return;
    this.#isRef = true;
    this.#native.ref();
  }

  /** The native call is put off to the end of the turn: what is busy would toggle at every send. */
  release() {
    this.#holders -= 1;
    if (this.#holders > 0 || this.#unrefScheduled || this.#closed) return;
    this.#unrefScheduled = true;
    setImmediate(() => {
      this.#unrefScheduled = false;
      if (this.#holders > 0 || this.#closed || !this.#isRef) return;
      this.#isRef = false;
      this.#native.unref();
    });
  }

  /** Refuses new requests, settles pending ones, destroys. Idempotent; never rejects; bounded by the timeout. */
  close(timeoutMs) {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs) {
    let timer;
    const deadline = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs + CLOSE_GRACE_MS);
    });
    await Promise.race([this.#call('close', { timeoutMs }), deadline]);
    clearTimeout(timer);
    // Whatever is still open (there should be nothing) must not leave a caller waiting for ever.
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id, { code: -197, name: '_DESTROY', message: 'The client was closed' }, null);
    }
    if (this.#isRef) {
      this.#isRef = false;
      this.#native.unref();
    }
    this.#closed = true;
  }

  #call(operation, args) {
    const id = this.#nextId();
    this.retain();
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#native.request(id, operation, JSON.stringify(args));
    });
  }

  #settle(id, error, json) {
    const resolve = this.#pending.get(id);
    if (resolve === undefined) return;
    this.#pending.delete(id);
    this.release();
    resolve({ error, json });
  }

  #nextId() {
    do {
      this.#lastId = this.#lastId >= MAX_REQUEST_ID ? 1 : this.#lastId + 1;
    } while (this.#pending.has(this.#lastId));
    return this.#lastId;
  }
}

function parse(json) {
  return json === null || json === undefined || json === '' ? null : JSON.parse(json);
}

function closedError() {
  return new classes.KafkaJSClosedError('The client is disconnected');
}

/** A constructor's error: librdkafka's sentence names the property, secrets were taken out natively. */
function configError(e) {
  if (e?.code !== 'ERR_CONFIG' && e?.code !== 'ERR_CREATE') return e;
  return new classes.KafkaJSInvalidOptionError(
    `${e.property ? `Invalid librdkafka property "${e.property}"` : 'Invalid configuration'}: ${e.message}`,
    { option: e.property, errorCode: 'ERR_KAFKA_CONFIG', cause: e },
  );
}

module.exports = { NativeHandle, EventKind, configError };
