'use strict';

const { EventEmitter } = require('node:events');
const net = require('node:net');
const native = require('../binding');
const { Kafka } = require('../clients/kafka');
const { bindMethods } = require('../clients/bind-methods');
const { classes } = require('../errors');
const { checkOptions, checkValue, conflict, invalidOption, is } = require('../options/validate');
const { Admission } = require('./admission');
const { Entrance } = require('./entrance');
const { Feed } = require('./feed');
const { EMPTY_METRICS, registerMetrics } = require('./metrics');
const { checkPath, hubOptions, nativeOptions } = require('./options');
const { Publisher } = require('./publisher');
const { Rights } = require('./rights');
const { hookServer } = require('./server-hooks');
const { Sessions } = require('./sessions');
const { transformer } = require('./transformer');
const { Relay } = require('./transports');

const HubEvent = Object.freeze({ Message: 0, Writes: 1, End: 2, Transform: 3 });
/** How much longer than its drain the native hub has to say that it is closed. */
const CLOSE_GRACE_MS = 5_000;
const DRAIN_MS = 0;

const attachShape = { path: is.string };
const closeShape = { drainMs: is.integer(0, 3_600_000) };

/** @enum {string} */
const State = Object.freeze({
  idle: 'idle',
  starting: 'starting',
  /** Reads what the topics have. */
  rebuilding: 'rebuilding',
  ready: 'ready',
  closing: 'closing',
  closed: 'closed',
});

/**
 * Status updates from Kafka to browsers: docs/status-hub.md. This half has the questions that are the application's (who is it, what
 * may he see), the requests of node:http and the Kafka clients; what a message goes through is native, see lib/native.d.ts.
 *
 * Events: 'progress', 'ready', 'connect', 'disconnect', 'invalid', 'error'. An error that nobody listens for is logged only.
 */
class StatusHub extends EventEmitter {
  #kafka;
  #options;
  #logger;
  #rights;
  #admission;
  #publisher = null;
  #transform;
  #removeMetrics = () => {};
  #refused = {};
  /** Server -> path -> what takes its hook away. */
  #servers = new Map();
  #state = State.idle;
  #starting = null;
  #closing = null;
  #native = null;
  #feed = null;
  #relay = null;
  #sessions = null;
  #lastMetrics = {};
  #nativeClosed = null;
  #whenReady = deferred();
  #isReadyAsked = false;

  /**
   * @param {import('../index').Kafka | import('../service').KafkaService} kafka a service shows the hub's metrics among its own
   * @param {import('../index').StatusHubOptions} [options] a service needs none: its catalog has topics and channels
   * @throws {KafkaJSInvalidOptionError}
   */
  constructor(kafka, options) {
    super();
    const service = kafka?.kafka instanceof Kafka ? kafka : null;
    this.#kafka = service?.kafka ?? kafka;
    if (!(this.#kafka instanceof Kafka)) {
      throw invalidOption('a Kafka object or a KafkaService', 'new StatusHub()', kafka);
    }
    this.#options = hubOptions(options ?? (service === null ? options : {}), service);
    this.#logger = this.#kafka.logger().namespace('StatusHub');
    this.#rights = new Rights(this.#options, (error, what) => this.#onRightsFailure(error, what));
    this.#admission = new Admission(this.#options.limits);
    this.#transform = transformer(this.#options.transform);
    if (this.#options.publish !== null) {
      this.#publisher = new Publisher(this.#kafka, this.#options.publish, (error) =>
        this.#fail(error),
      );
    }
    const { metricsRegistry } = this.#options;
    if (metricsRegistry !== undefined) {
      this.#removeMetrics = registerMetrics(this, metricsRegistry);
    } else if (service !== null) {
      this.#removeMetrics = service.addMetrics((registry) => registerMetrics(this, registry));
    }
    bindMethods(this, EventEmitter);
  }

  /** 'idle' | 'starting' | 'rebuilding' | 'ready' | 'closing' | 'closed' */
  get state() {
    return this.#state;
  }

  // ── Rights ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Who a request is, and what he may see. Without a result the client has to send a token by a message, and is asked about again;
   * whatever is thrown refuses.
   *
   * @param {(request: import('../index').HubRequest) => unknown} fn gives `{ subject, allow, expiresAt?, publish? }`
   * @returns {this}
   */
  authenticate(fn) {
    this.#needIdle('authenticate()');
    this.#rights.authenticator = checkValue(is.func, fn, 'authenticate()');
    return this;
  }

  /**
   * Whether a subject may subscribe to a pattern that its `allow` does not cover. Answers are kept: option `authorizeCache`.
   *
   * @param {(question: { subject: string, pattern: string, signal: AbortSignal }) => unknown} fn true: yes
   * @returns {this}
   */
  authorize(fn) {
    this.#needIdle('authorize()');
    this.#rights.authorizer = checkValue(is.func, fn, 'authorize()');
    return this;
  }

  /** Ends all connections of a subject, and forgets what authorize() has said of it. */
  revoke(subject) {
    checkValue(is.string, subject, 'subject');
    this.#rights.forget(subject);
    this.#native?.revoke(subject);
  }

  // ── Life ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Serves clients at a path of a server, beside whatever else it has. Resolves when the topics are being read; until all that was
   * there is read, requests are answered 503.
   *
   * @param {import('node:http').Server | import('node:https').Server} server
   * @param {{ path?: string }} [options] default: option `path`
   * @throws what Kafka refused; the server is as before then
   */
  async attach(server, options) {
    if (!(server instanceof net.Server)) {
      throw invalidOption('a server of node:http or node:https', 'attach()', server);
    }
    const { path = this.#options.path } = checkOptions(attachShape, options, 'attach()');
    checkPath(path);
    this.#needOpen();
    if (!this.#rights.authenticates && this.#options.anonymous === null) {
      throw conflict(
        "A StatusHub needs hub.authenticate(fn) before attach(), or the option anonymous: { allow: ['*'] } to let everybody in",
        'anonymous',
      );
    }
    const paths = this.#servers.get(server) ?? new Map();
    this.#servers.set(server, paths);
    if (!paths.has(path)) {
      paths.set(path, hookServer(server, new Entrance(this.#entranceParts(), path)));
    }
    try {
      await this.#start();
    } catch (error) {
      this.detach(server);
      throw error;
    }
  }

  /** Resolves when clients are served; rejects when the hub is closed before. */
  whenReady() {
    return this.#whenReady.promise;
  }

  /** The server's requests are not ours any more; connections stay. */
  detach(server) {
    for (const remove of this.#servers.get(server)?.values() ?? []) remove();
    this.#servers.delete(server);
  }

  /**
   * Refuses new connections, asks those that there are to come back (elsewhere) at random times within `drainMs`, and ends
   * everything. Idempotent.
   *
   * @param {{ drainMs?: number }} [options] default 0: at once
   */
  close(options) {
    const { drainMs = DRAIN_MS } = checkOptions(closeShape, options, 'close()');
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  #start() {
    this.#starting ??= this.#startNow().catch(async (error) => {
      await this.#stop(0);
      if (this.#closing === null) {
        this.#state = State.idle;
        this.#starting = null;
      }
      throw error;
    });
    return this.#starting;
  }

  async #startNow() {
    this.#state = State.starting;
    this.#nativeClosed = null;
    const options = nativeOptions(this.#options, this.#rights);
    this.#native = this.#createNative(options);
    this.#native.ref();
    this.#relay = new Relay(this.#native);
    this.#sessions = new Sessions(this.#native, this.#rights);
    this.#feed = new Feed({
      kafka: this.#kafka,
      native: this.#native,
      options: this.#options,
      logger: this.#logger,
      hooks: {
        onBegin: () => this.#onBegin(),
        onProgress: (progress) => this.#tell('progress', progress),
        onCaughtUp: () => this.#onCaughtUp(),
        onError: (error) => this.#fail(error),
      },
    });
    await Promise.all([this.#feed.start(), this.#publisher?.connect()]);
    if (this.#closing !== null) throw closedError();
  }

  #createNative(options) {
    try {
      return new native.Hub(JSON.stringify(options), (kind, a, b) => this.#onNative(kind, a, b));
    } catch (cause) {
      if (cause?.code !== 'ERR_CONFIG' && cause?.code !== 'ERR_CREATE') throw cause;
      throw new classes.KafkaJSInvalidOptionError(`Invalid StatusHub option: ${cause.message}`, {
        option: cause.property,
        cause,
      });
    }
  }

  async #close(drainMs) {
    this.#state = State.closing;
    this.#rights.cancelAll();
    await this.#stop(drainMs);
    await this.#starting?.catch(() => {});
    for (const server of [...this.#servers.keys()]) this.detach(server);
    this.#removeMetrics();
    this.#state = State.closed;
    this.#whenReady.reject(closedError());
  }

  /** Everything that was started, in whatever state it is. */
  async #stop(drainMs) {
    const closing = this.#native;
    if (closing === null) return;
    await this.#closeNative(closing, drainMs);
    await this.#relay.drained();
    await this.#publisher?.disconnect();
    await this.#feed?.stop();
    this.#lastMetrics = this.#nativeMetrics();
    closing.unref();
    closing.stop();
    this.#native = null;
    this.#feed = null;
  }

  /** The shards end; they are told once, and answer once. */
  #closeNative(closing, drainMs) {
    if (this.#nativeClosed !== null) return this.#nativeClosed.promise;
    this.#nativeClosed = deferred();
    const { promise, resolve } = this.#nativeClosed;
    const timer = setTimeout(resolve, drainMs + CLOSE_GRACE_MS);
    closing.close(drainMs);
    return promise.then(() => clearTimeout(timer));
  }

  #onBegin() {
    if (this.#closing !== null) return;
    if (this.#state === State.ready) this.#whenReady = deferred();
    this.#isReadyAsked = false;
    this.#state = State.rebuilding;
  }

  #onCaughtUp() {
    if (this.#closing !== null) return;
    this.#isReadyAsked = true;
    this.#native.setReady();
  }

  #needIdle(what) {
    if (this.#state === State.idle) return;
    throw new classes.KafkaJSNonRetriableError(`hub.${what} has to be called before hub.attach()`, {
      errorCode: 'ERR_KAFKA_STATE',
    });
  }

  #needOpen() {
    if (this.#closing !== null) throw closedError();
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  #entranceParts() {
    return {
      options: this.#options,
      Hub: native.Hub,
      native: () => this.#native,
      isOpen: () => this.#state === State.ready,
      rights: this.#rights,
      admission: this.#admission,
      sessions: () => this.#sessions,
      relay: () => this.#relay,
      onConnect: (connection, session) => this.#onConnect(connection, session),
      onRefused: (status) => {
        this.#refused[status] = (this.#refused[status] ?? 0) + 1;
      },
      onFailure: (error) => this.#fail(error),
    };
  }

  #onNative(kind, a, b) {
    if (kind === HubEvent.Transform) return this.#transform(a);
    if (kind === HubEvent.Writes) this.#relay.write(a, b);
    else if (kind === HubEvent.End) this.#relay.end(a);
    else this.#onMessage(JSON.parse(a));
    return undefined;
  }

  #onMessage(message) {
    const { type, connection } = message;
    switch (type) {
      case 'authenticate':
        this.#sessions.authenticate(connection, message.token);
        break;
      case 'authorize':
        this.#sessions.authorize(connection, message.request, message.subject, message.pattern);
        break;
      case 'publish':
        this.#onPublish(connection, message);
        break;
      case 'disconnected':
        this.#onDisconnected(message);
        break;
      case 'invalid': {
        const { topic, partition, offset, reason, count } = message;
        this.#tell('invalid', { topic, partition, offset, reason, count });
        break;
      }
      case 'end':
        this.#feed?.onEnd(message);
        break;
      case 'ready':
        this.#onReady();
        break;
      case 'closed':
        this.#nativeClosed?.resolve();
        break;
      default:
    }
  }

  #onReady() {
    // Else it is the answer for topics that have been made anew meanwhile.
    if (this.#state !== State.rebuilding || !this.#isReadyAsked) return;
    this.#state = State.ready;
    this.#logger.info('The state is rebuilt, clients are served');
    this.#whenReady.resolve();
    this.#tell('ready');
  }

  #onConnect(connection, { transport, place, grant }) {
    const subject = grant?.subject ?? null;
    this.#tell('connect', { connection, subject, address: place.address, transport });
  }

  #onDisconnected({ connection, code }) {
    const session = this.#sessions.remove(connection);
    if (session === undefined) return;
    const { grant, place, transport } = session;
    const subject = grant?.subject ?? null;
    this.#tell('disconnect', { connection, subject, address: place.address, transport, code });
  }

  async #onPublish(connection, message) {
    const grant = this.#sessions.get(connection)?.grant ?? null;
    const answer = await this.#publisher.publish(grant, message);
    this.#native?.send(connection, JSON.stringify(answer));
  }

  // ── Failures ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A token that is no good is everyday; a function that does not do what it should is not. */
  #onRightsFailure(error, what) {
    const isRefusal =
      what === 'authenticate' && !(error instanceof classes.KafkaJSInvalidOptionError);
    if (isRefusal) this.#logger.debug(`authenticate() refused: ${error?.message ?? error}`);
    else this.#fail(error);
  }

  #fail(error) {
    const { message = String(error), topic, partition, stack } = error ?? {};
    this.#logger.error(message, { topic, partition, stack });
    if (this.listenerCount('error') > 0) this.#tell('error', error);
  }

  /** A listener that throws is logged: it must not disturb the hub. */
  #tell(event, ...payload) {
    try {
      this.emit(event, ...payload);
    } catch (error) {
      this.#logger.error(`A listener of '${event}' failed: ${error?.message ?? error}`, {
        stack: error?.stack,
      });
    }
  }

  // ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #nativeMetrics() {
    return this.#native === null ? this.#lastMetrics : JSON.parse(this.#native.metrics());
  }

  /** What there is and what has happened since attach(): docs/status-hub.md says what each number is. */
  metrics() {
    return {
      ...EMPTY_METRICS,
      ...this.#nativeMetrics(),
      state: this.#state,
      ready: this.#state === State.ready,
      refused: { ...this.#refused },
      authorizeCacheEntries: this.#rights.cached,
      relayed: this.#relay?.size ?? 0,
    };
  }
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  // Nobody has to wait for it.
  parts.promise.catch(() => {});
  return parts;
}

function closedError() {
  return new classes.KafkaJSClosedError('The StatusHub is closed');
}

module.exports = { StatusHub, State };
