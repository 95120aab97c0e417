'use strict';

// What producer, consumer and admin have in common: connect and disconnect, requests, events, logs, OAUTHBEARER tokens.
//
// A subclass gives:
//   config(brokers)        -> { entries, … }  librdkafka properties for this connection (may be async)
//   createNative(config, onEvent) -> the native client
//   onNativeEvent(kind, a, b, c, d, e, f)   events of its own kind (Batch, Rebalance, Delivery, PartitionError)
//   afterConnect()         optional, awaited before connect() resolves
//   beforeDisconnect(deadline)  optional, awaited before the native client closes; must keep the deadline (epoch ms)
//   onNativeError(error)   optional, client-wide errors (KafkaJS error objects)
//   groupId                of a consumer: what it is refused names the group

const { classes, fromNative, recapture } = require('../errors');
const { METHOD_OF_SYSLOG } = require('./log-level');
const { NativeHandle, EventKind } = require('./native-handle');
const { Instrumentation } = require('./instrumentation');
const { RequestEvents } = require('./request-events');
const { TokenProvider } = require('./token-provider');
const { planMs } = require('./retry');

// How long disconnect() may take: a consumer waits for its handlers.
const DISCONNECT_TIMEOUT_MS = { producer: 10_000, consumer: 30_000, admin: 5_000 };
// Short at first, because disconnect() waits for the one that runs; longer then, for brokers that are far away.
const METADATA_SLICES_MS = { first: 300, last: 5_000, factor: 1.5 };
const PAUSE_BETWEEN_SLICES_MS = 50;
// Authentication, TLS and name errors end connect() this soon: with several brokers another may still answer, and a broker
// that hangs up in the handshake may be starting.
const HOPELESS_GRACE_MS = { one: 300, several: 3_000, retriable: 4_000 };

class Client {
  #kind;
  #kafka;
  #handle = null;
  #state = 'disconnected';
  #connecting = null;
  #disconnecting = null;
  #instrumentation;
  #requestEvents;
  /** Native clients that are not closed: a producer has more than one. */
  #handles = new Set();
  #logger;
  #onConnectError = null;
  #tokens = null;
  #lastError = null;

  /**
   * @param {string} kind 'producer' | 'consumer' | 'admin'
   * @param {import('./kafka').Shared} kafka options, logger and style of the Kafka object
   * @param {Record<string, string>} events
   * @param {object} options of this client, validated: `retry` is used here
   */
  constructor(kind, kafka, events, options) {
    this.#kind = kind;
    this.#kafka = kafka;
    this.options = options;
    this.events = Object.freeze({ ...events, STATISTICS: `${kind}.statistics` });
    this.#logger = kafka.logger.namespace(kind[0].toUpperCase() + kind.slice(1), options.logLevel);
    this.#instrumentation = new Instrumentation(kind, this.events, this.#logger, () =>
      this.#traceRequests(),
    );
    this.#requestEvents = new RequestEvents({
      events: this.events,
      instrumentation: this.#instrumentation,
      clientId: kafka.options.clientId,
      logger: this.#logger,
    });
  }

  get kafka() {
    return this.#kafka;
  }

  get instrumentation() {
    return this.#instrumentation;
  }

  /** 'disconnected' | 'connecting' | 'connected' | 'disconnecting' */
  get state() {
    return this.#state;
  }

  /** @returns {NativeHandle | null} of the connected client */
  get handle() {
    return this.#handle;
  }

  /** The last client-wide error: what was wrong when something else times out. */
  get lastError() {
    return this.#lastError;
  }

  get disconnectTimeoutMs() {
    return (
      this.options.disconnectTimeout ??
      this.#kafka.options.disconnectTimeout ??
      DISCONNECT_TIMEOUT_MS[this.#kind]
    );
  }

  logger() {
    return this.#logger;
  }

  on(eventName, listener) {
    return this.#instrumentation.on(eventName, listener);
  }

  /** Resolves when a broker was reached and, where configured, has authenticated us. */
  async connect() {
    if (this.#disconnecting) await this.#disconnecting;
    if (this.#state === 'connected') return;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    try {
      await this.#connecting;
    } catch (e) {
      throw recapture(e);
    }
  }

  /** Ends the client: nothing of it runs afterwards. Safe to call at any time and more than once. */
  disconnect() {
    if (this.#disconnecting === null) {
      this.#disconnecting = this.#disconnect().finally(() => {
        this.#disconnecting = null;
      });
    }
    return this.#disconnecting;
  }

  /** One request to the native client of a connected client. */
  request(operation, args) {
    return this.connectedHandle().request(operation, args);
  }

  /** The handle, or the typed error that says why there is none. */
  connectedHandle() {
    if (this.#state === 'connected' || this.#state === 'connecting') {
      if (this.#handle !== null) return this.#handle;
    }
    throw this.notConnected();
  }

  notConnected() {
    if (this.#state === 'disconnecting') {
      return new classes.KafkaJSNonRetriableError(`The ${this.#kind} is disconnecting`, {
        errorCode: 'ERR_KAFKA_NOT_CONNECTED',
      });
    }
    return new classes.KafkaJSError(
      `The ${this.#kind} is disconnected: await ${this.#kind}.connect() first`,
      { errorCode: 'ERR_KAFKA_NOT_CONNECTED' },
    );
  }

  /**
   * A native client with the event handling of this one (producers have more than one).
   *
   * @param {(onEvent: Function) => object} create
   * @param {{ onEvent?: Function, onError?: (error: Error) => void }} [hooks]
   */
  openHandle(create, hooks = {}) {
    const onEvent = hooks.onEvent ?? ((...event) => this.onNativeEvent?.(...event));
    const onError = hooks.onError ?? ((error) => this.onNativeError?.(error));
    const dispatch = (kind, a, b, c, d, e, f) => {
      switch (kind) {
        case EventKind.Error:
          onError(this.#onError(a));
          break;
        case EventKind.Log:
          this.#onLog(a, b, c);
          break;
        case EventKind.Statistics:
          this.#onStatistics(a);
          break;
        case EventKind.TokenRefresh:
          this.#tokens?.refresh(handle, a);
          break;
        case EventKind.Requests:
          this.#requestEvents.onRequests(a, b, c);
          break;
        default:
          onEvent(kind, a, b, c, d, e, f);
      }
    };
    const handle = new NativeHandle(create, dispatch, this.groupId);
    for (const other of this.#handles) if (other.closed) this.#handles.delete(other);
    this.#handles.add(handle);
    if (this.#requestEvents.wanted) handle.native.traceRequests(true);
    return handle;
  }

  /** Librdkafka's threads look at requests only while somebody listens. */
  #traceRequests() {
    const { wanted } = this.#requestEvents;
    for (const { native } of this.#handles) native.traceRequests(wanted);
  }

  /** The native client of a new connection. */
  open(config) {
    return this.openHandle((onEvent) => this.createNative(config, onEvent));
  }

  /** A new native client in the place of a broken one; the old one is closed in the background. */
  replaceHandle(handle) {
    const old = this.#handle;
    this.#handle = handle;
    old?.close(0);
  }

  async #connect() {
    this.#state = 'connecting';
    this.#lastError = null;
    const { options } = this.#kafka;
    let handle = null;
    try {
      const brokers = await resolveBrokers(options);
      const config = await this.config(brokers);
      this.#tokens = options.oauthBearerProvider
        ? new TokenProvider(options.oauthBearerProvider, this.#logger, (e) => this.#hopeless(e))
        : null;
      handle = this.open(config);
      this.#handle = handle;
      await this.#reachBroker(handle, brokers.length);
      await this.afterConnect?.();
    } catch (e) {
      await handle?.close(0);
      if (this.#handle === handle) this.#handle = null;
      if (this.#state === 'connecting') this.#state = 'disconnected';
      throw e;
    }
    if (this.#state !== 'connecting') throw closedWhileConnecting(this.#kind);
    this.#state = 'connected';
    this.#logger.debug(`${this.#kind} connected`, { clientId: options.clientId });
    this.#instrumentation.emit(this.events.CONNECT);
  }

  /** Asks for metadata in short slices, so that an error event or disconnect() ends the wait. */
  async #reachBroker(handle, brokerCount) {
    const { options } = this.#kafka;
    const retry = { ...options.retry, ...this.options.retry };
    const started = Date.now();
    const deadline = started + Math.max(planMs(retry, options.connectionTimeout), 1_000);
    const graceOf = (error) => {
      if (error.errorCode === 'ERR_KAFKA_TLS' && error.retriable)
        return HOPELESS_GRACE_MS.retriable;
      return brokerCount > 1 ? HOPELESS_GRACE_MS.several : HOPELESS_GRACE_MS.one;
    };
    let slice = METADATA_SLICES_MS.first;
    let hopeless = null;
    let wake = () => {};
    this.#onConnectError = (error) => {
      const at = Date.now() + graceOf(error);
      if (hopeless !== null && hopeless.at <= at) return;
      hopeless = { error, at };
      wake();
    };
    try {
      for (;;) {
        const limit = () => (hopeless === null ? deadline : Math.min(deadline, hopeless.at));
        if (this.#state !== 'connecting') throw closedWhileConnecting(this.#kind);
        const remaining = limit() - Date.now();
        if (remaining <= 0) throw hopeless?.error ?? this.#retriesExceeded(retry, started);
        try {
          await this.#tokens?.ready(Math.min(remaining, METADATA_SLICES_MS.last));
          const { brokers } = await handle.request('metadata', {
            brokersOnly: true,
            timeoutMs: Math.max(1, Math.min(remaining, slice)),
          });
          this.#requestEvents.learn(brokers);
          return;
        } catch (e) {
          if (e.errorCode === 'ERR_KAFKA_CLOSED') throw closedWhileConnecting(this.#kind);
          if (isHopeless(e)) this.#hopeless(e);
          else this.#lastError ??= e;
        }
        slice = Math.min(slice * METADATA_SLICES_MS.factor, METADATA_SLICES_MS.last);
        await new Promise((resolve) => {
          const timer = setTimeout(resolve, PAUSE_BETWEEN_SLICES_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      this.#onConnectError = null;
    }
  }

  #retriesExceeded(retry, started) {
    const cause =
      this.#lastError ?? new classes.KafkaJSConnectionError('No broker answered in time');
    return new classes.KafkaJSNumberOfRetriesExceeded(cause, {
      retryCount: retry.retries,
      retryTime: Date.now() - started,
    });
  }

  #hopeless(error) {
    this.#lastError = error;
    this.#onConnectError?.(error);
  }

  async #disconnect() {
    if (this.#state === 'disconnected') return;
    const wasConnected = this.#state === 'connected';
    this.#state = 'disconnecting';
    const deadline = Date.now() + this.disconnectTimeoutMs;
    try {
      if (wasConnected) await this.beforeDisconnect?.(deadline);
    } catch (e) {
      this.#logger.error(`Failed to end cleanly: ${e.message}`, { stack: e.stack });
    }
    const handle = this.#handle;
    await handle?.close(Math.max(0, deadline - Date.now()));
    this.#handle = null;
    this.#tokens = null;
    this.#state = 'disconnected';
    if (!wasConnected) return;
    this.#logger.debug(`${this.#kind} disconnected`, { clientId: this.#kafka.options.clientId });
    this.#instrumentation.emit(this.events.DISCONNECT);
  }

  #onError(native) {
    const error = fromNative(native, { groupId: this.groupId });
    // "All brokers are down" says less than what was wrong with them.
    if (error.errorCode !== 'ERR_KAFKA_NO_BROKER' || this.#lastError === null) {
      this.#lastError = error;
    }
    if (isHopeless(error)) this.#onConnectError?.(error);
    const level = error.fatal ? 'error' : 'debug'; // librdkafka logs the others itself
    this.#logger[level](error.message, { type: error.type, errorCode: error.errorCode });
    return error;
  }

  #onLog(level, facility, message) {
    if (this.#state === 'connecting' && facility === 'FAIL') this.#noteDisconnect(message);
    this.#logger[METHOD_OF_SYSLOG[level] ?? 'info'](message, { facility });
  }

  /** A broker that hangs up at once is no error for librdkafka, only a line in the log. */
  #noteDisconnect(line) {
    if (this.#lastError !== null && this.#lastError.errorCode !== 'ERR_KAFKA_NO_BROKER') return;
    const text = line.replace(/^\[thrd:[^\]]*\]: /, '');
    const hint = /APIVERSION_QUERY/.test(text) ? ': does the port want TLS (option ssl)?' : '';
    this.#lastError = fromNative({ code: -195, name: '_TRANSPORT', message: text + hint });
  }

  #onStatistics(statistics) {
    this.#kafka.options.onStatistics?.(statistics);
    this.#requestEvents.onStatistics(statistics);
    this.#instrumentation.emit(this.events.STATISTICS, statistics);
  }
}

const HOPELESS = new Set([
  'ERR_KAFKA_AUTHENTICATION',
  'ERR_KAFKA_TLS',
  'ERR_KAFKA_RESOLVE',
  'ERR_KAFKA_AUTHORIZATION',
  'ERR_KAFKA_FATAL',
]);

function isHopeless(error) {
  return HOPELESS.has(error.errorCode);
}

function closedWhileConnecting(kind) {
  return new classes.KafkaJSClosedError(`The ${kind} was disconnected while it was connecting`);
}

/** `brokers` may be a function, as in KafkaJS; it is asked again at every connect(). */
async function resolveBrokers({ brokers, checkBrokers }) {
  if (typeof brokers !== 'function') return brokers ?? [];
  let list;
  try {
    list = await brokers();
  } catch (cause) {
    throw new classes.KafkaJSConnectionError(
      `Failed to connect: "brokers" threw: ${cause?.message ?? cause}`,
      { cause },
    );
  }
  return checkBrokers(list);
}

module.exports = { Client };
