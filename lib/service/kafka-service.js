'use strict';

const { EventEmitter } = require('node:events');
const { Kafka } = require('../clients/kafka');
const { classes } = require('../errors');
const { checkOptions, is, isObject } = require('../options/validate');
const { loadCatalog } = require('./catalog/load');
const { resolveConfiguration } = require('./config');
const { checkHealth, RecentHealth } = require('./monitoring/health');
const { httpHandlers } = require('./monitoring/http');
const { Metrics } = require('./monitoring/metrics');
const { Rates } = require('./monitoring/rates');
const { Recorder } = require('./monitoring/recorder');
const { SelfReports } = require('./monitoring/self-reports');
const { Publisher } = require('./publisher');
const { Subscriptions } = require('./subscription');
const { TopicManager } = require('./topic-manager');

const SHUTDOWN_MS = 30_000;
/** Of librdkafka's statistics, from which the metrics have the consumers' queues. */
const STATISTICS_INTERVAL_MS = 5_000;
const SIGNALS = ['SIGTERM', 'SIGINT'];

const ownShape = {
  env: is.object,
  defaults: is.object,
  policies: is.object,
  metricsRegistry: {
    what: 'a Registry of prom-client',
    test: (value) => typeof value?.registerMetric === 'function',
  },
  reports: { what: 'true, false or an object', test: (v) => is.boolean.test(v) || isObject(v) },
  createTopics: is.boolean,
  shutdownOnSignals: is.boolean,
  shutdownTimeoutMs: is.integer(1, 2_147_483_647),
};

/** Before `initialize()`, between it and `shutdown()`, after. */
const State = Object.freeze({ idle: 'idle', ready: 'ready', closing: 'closing', closed: 'closed' });

/**
 * What a back-end wants of Kafka: publish events, have handlers called for events, know whether all is well, and end
 * without losing anything. It has one producer, one consumer for each group, and the topics and events of one catalog.
 */
class KafkaService extends EventEmitter {
  #state = State.idle;
  #initializing = null;
  #shuttingDown = null;
  #admin = null;
  #metrics;
  #reports = null;
  #recentHealth = new RecentHealth(this);

  /**
   * @param {object} options settings (brokers, clientId, groupId, producer, consumer, …: docs/configuration.md), and:
   * @param {string | object} options.catalog a name, a path, or data: docs/catalogs.md
   * @param {Record<string, string | undefined>} [options.env] process.env
   * @param {string | null} [options.file] a client.properties; null: none
   * @param {object} [options.defaults] settings that count where nothing else gives them, as a preset has them
   * @param {object} [options.policies] what subscribe() takes, for all subscriptions
   * @param {import('prom-client').Registry} [options.metricsRegistry] that of the application; else metrics() has its own
   * @param {boolean | object} [options.reports] the service tells of itself on the topics that its catalog has for that: docs/monitoring.md
   * @param {boolean} [options.createTopics] initialize() makes the catalog's topics that are missing
   * @param {boolean} [options.shutdownOnSignals] SIGTERM and SIGINT shut down, and then end the process as they would
   * @param {number} [options.shutdownTimeoutMs] how long handlers have to finish: 30,000
   * @throws {ConfigurationError} lists everything that is wrong
   */
  constructor(options = {}) {
    super();
    const { settings, own } = split(options);
    const { env = process.env, defaults = {}, shutdownTimeoutMs = SHUTDOWN_MS } = own;
    const given = loadCatalog(options.catalog);
    this.configuration = resolveConfiguration({
      options: settings,
      env,
      file: options.file,
      defaults: {
        ...defaults,
        producer: { ...given.producer, ...defaults.producer },
        consumer: { ...given.consumer, ...defaults.consumer },
      },
      variables: given.variables,
    });
    this.catalog = given
      .withEnvironment(env)
      .withTopicNames(this.configuration.topics)
      .withParameters(this.configuration.parameters);
    this.kafka = new Kafka(this.configuration.kafka);
    this.recorder = new Recorder();
    this.rates = new Rates(this.recorder);
    this.logger = this.kafka.logger().namespace('KafkaService');
    this.createTopics = own.createTopics ?? false;
    this.shutdownOnSignals = own.shutdownOnSignals ?? false;
    this.publisher = new Publisher({
      kafka: this.kafka,
      options: this.configuration.producer,
      catalog: this.catalog,
      recorder: this.recorder,
      clientId: this.configuration.kafka.clientId,
    });
    this.subscriptions = new Subscriptions({
      kafka: this.kafka,
      catalog: this.catalog,
      consumerOptions: {
        disconnectTimeout: shutdownTimeoutMs,
        statisticsIntervalMs: STATISTICS_INTERVAL_MS,
        ...this.configuration.consumer,
      },
      policies: own.policies ?? {},
      send: (topic, message) => this.publisher.sendAsIs(topic, message),
      makeMissing: (topics) => this.#makeMissing(topics),
      ensureTopics: (topics) => this.#ensureTopics(topics),
      recorder: this.recorder,
      onBuried: (what) => this.#reports?.onBuried(what),
      logger: this.logger,
      clientId: this.configuration.kafka.clientId,
    });
    if (own.reports) this.#reports = new SelfReports(this, own.reports);
    this.#metrics = new Metrics(this, own.metricsRegistry);
  }

  /** 'idle' | 'ready' | 'closing' | 'closed' */
  get state() {
    return this.#state;
  }

  // ── Life ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Connects the producer, and makes missing topics where that is wanted. Calling it again changes nothing. */
  initialize() {
    if (this.#shuttingDown !== null) return Promise.reject(closedError());
    this.#initializing ??= this.#initialize().catch((error) => {
      this.#initializing = null;
      throw error;
    });
    return this.#initializing;
  }

  async #initialize() {
    await this.publisher.connect();
    if (this.createTopics) await this.#withTopicManager((manager) => manager.createAllTopics());
    if (this.shutdownOnSignals) this.#watchSignals();
    this.#state = State.ready;
    this.#reports?.start();
    this.emit('ready');
  }

  /** The signal does afterwards what it would have done. */
  #watchSignals() {
    for (const signal of SIGNALS) {
      const onSignal = () => {
        this.shutdown()
          .catch((error) => this.logger.error('The shutdown failed', { error: error.message }))
          .finally(() => process.kill(process.pid, signal));
      };
      process.once(signal, onSignal);
      this.once('closed', () => process.off(signal, onSignal));
    }
  }

  /**
   * Refuses new work, lets the handlers that run finish, commits, flushes and disconnects. What is not done by the
   * deadline is left to the next start: nothing that was not handled is committed. Calling it again waits for the same.
   */
  shutdown() {
    this.#shuttingDown ??= this.#shutdown();
    return this.#shuttingDown;
  }

  async #shutdown() {
    this.#state = State.closing;
    this.emit('closing');
    this.#metrics.detach();
    const wasReady = await this.#initializing?.then(
      () => true,
      () => false,
    );
    try {
      await this.subscriptions.close();
    } finally {
      if (wasReady) await this.#reports?.stop();
      await Promise.all([this.publisher.disconnect(), this.#admin?.disconnect()]);
      this.#admin = null;
      this.#state = State.closed;
      this.emit('closed');
    }
  }

  // ── Work ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** See Publisher.publishEvent(). */
  async publishEvent(topic, event, key, options) {
    this.#mustBeOpen();
    await this.initialize();
    return this.publisher.publishEvent(topic, event, key, options);
  }

  /** See Publisher.publish(). */
  async publish(topic, events, options) {
    this.#mustBeOpen();
    await this.initialize();
    return this.publisher.publish(topic, events, options);
  }

  /**
   * Has `handler(event, metadata)` called for the events of these topics. Resolves when the group was joined.
   *
   * @param {string | RegExp | (string | RegExp)[]} topics
   * @param {string} [group] else groupId of the configuration
   * @param {Function | Record<string, Function>} handler for every type, or one for each
   * @param {object} [options] policies: docs/service.md
   */
  async subscribe(topics, group, handler, options) {
    this.#mustBeOpen();
    await this.initialize();
    await this.subscriptions.add(topics, group ?? this.configuration.groupId, handler, options);
  }

  #mustBeOpen() {
    if (this.#shuttingDown !== null) throw closedError();
  }

  // ── Health ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Whether the brokers answer, and what this service does there. Never rejects.
   *
   * @returns {Promise<{ status: 'up' | 'degraded' | 'down', connected: boolean, producer: boolean, consumers: number,
   *   brokers: string, reasons: string[], groups: object[], processing: object }>}
   */
  healthCheck() {
    return checkHealth(this);
  }

  /** healthCheck() as of the last second, for probes. */
  recentHealth() {
    return this.#recentHealth.get();
  }

  /**
   * Has the audit tell what a DLQHandler does, where `reports` are on.
   *
   * @param {import('./dlq-handler').DLQHandler} handler
   */
  auditDeadLetters(handler) {
    this.#reports?.watch(handler);
  }

  // ── Metrics ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Everything in the Registry, as text for Prometheus: docs/monitoring.md.
   *
   * @throws {KafkaJSUnsupportedError} prom-client is not installed
   */
  metrics() {
    return this.#metrics.text();
  }

  /** The same as objects of prom-client. */
  metricsJson() {
    return this.#metrics.json();
  }

  /** Of the text. */
  get metricsContentType() {
    return this.#metrics.contentType;
  }

  /**
   * Metrics of something that goes with the service, as StatusHub has them.
   *
   * @param {(registry: import('prom-client').Registry) => () => void} register gives what takes them out again
   * @returns {() => void} takes them out again
   */
  addMetrics(register) {
    return this.#metrics.add(register);
  }

  /** Request handlers by path: see monitoring/http.js. */
  httpHandlers(options) {
    return httpHandlers(this, options);
  }

  // ── Topics ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The admin client of this service, connected. */
  async admin() {
    this.#admin ??= this.kafka.admin();
    await this.#admin.connect();
    return this.#admin;
  }

  /** Has the brokers make what is missing, where they do so when a client asks. @returns what was missing */
  async #makeMissing(topics) {
    if (topics.length === 0) return [];
    const admin = await this.admin();
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic));
    await this.publisher.touch(missing);
    return missing;
  }

  async #ensureTopics(topics) {
    await this.#withTopicManager((manager) => manager.ensureTopics(topics));
  }

  async #withTopicManager(use) {
    const manager = new TopicManager(this.configuration.kafka, { catalog: this.catalog });
    await manager.connect();
    try {
      return await use(manager);
    } finally {
      await manager.disconnect();
    }
  }
}

/** The options that are ours, and the settings of the configuration. */
function split({ catalog: _catalog, file: _file, ...options }) {
  const own = {};
  const settings = {};
  for (const [name, value] of Object.entries(options)) {
    (Object.hasOwn(ownShape, name) ? own : settings)[name] = value;
  }
  return { settings, own: checkOptions(ownShape, own, 'KafkaService') };
}

const closedError = () => new classes.KafkaJSClosedError('The service was shut down');

module.exports = { KafkaService, State };
