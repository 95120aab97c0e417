'use strict';

// @officeflow/kafka.

const { classes } = require('../errors');
const { invalidOption, isObject } = require('../options/validate');
const { loadCatalog } = require('../service/catalog/load');
const { DLQHandler: CatalogDLQHandler } = require('../service/dlq-handler');
const { KafkaService } = require('../service/kafka-service');
const { TopicManager: CatalogTopicManager } = require('../service/topic-manager');
const { CorrelationTracker } = require('../service/tracing');

const CATALOG = 'officeflow';
const catalog = loadCatalog(CATALOG);

/** What a context takes over from a message's metadata. */
const ATTRIBUTES = ['organizationId', 'employeeId', 'workflowRunId', 'nodeRunId'];

/** The cluster of KAFKA_BROKERS, as it is when somebody asks. */
const defaultKafkaConfig = Object.freeze({
  clientId: 'officeflow',
  get brokers() {
    const { KAFKA_BROKERS, KAFKA_BOOTSTRAP_SERVERS } = process.env;
    const list = KAFKA_BROKERS || KAFKA_BOOTSTRAP_SERVERS || 'localhost:9092';
    return list.split(',').map((broker) => broker.trim());
  },
  connectionTimeout: 3_000,
  requestTimeout: 30_000,
  retry: Object.freeze({ initialRetryTime: 100, retries: 8 }),
});

/** Makes the platform's topics; those of an organization too where DEMO_ORG_ID or `parameters` names one. */
class TopicManager extends CatalogTopicManager {
  constructor(config = defaultKafkaConfig, options = {}) {
    super(config, { catalog: catalog.withEnvironment(process.env), ...options });
  }
}

/** Sends dead letters back to the group that gave up, after a delay; into quarantine what no retry can help. */
class DLQHandler extends CatalogDLQHandler {
  constructor(config = defaultKafkaConfig, options = {}) {
    super(config, { catalog: catalog.withEnvironment(process.env), ...options });
  }
}

const pick = (object, names) =>
  Object.fromEntries(
    names.filter((name) => object[name] != null).map((name) => [name, object[name]]),
  );

/** Sends `{ type, payload, metadata }`; every message has an id, a time and a correlation. */
class OfficeFlowProducer {
  #service;

  /** @param {object} [config] KafkaClusterConfig; what else KafkaService takes goes too */
  constructor(config = defaultKafkaConfig) {
    this.#service = new KafkaService({ catalog: CATALOG, ...config });
  }

  async connect() {
    await this.#service.initialize();
  }

  /**
   * To an organization's topic of a family: `employee.onboard` and `org-123` are `employee.onboard.org-123`.
   *
   * @param {string} prefix @param {string} organizationId @param {object} message
   * @param {{ key?: string | Buffer, headers?: object }} [options]
   */
  async sendToOrganizationTopic(prefix, organizationId, message, options) {
    const { parameters } = this.#service.catalog.topic(prefix);
    if (!parameters.includes('org')) {
      throw invalidOption('a family of topics by organization', 'prefix', prefix);
    }
    // Without one the demo organization of the environment would be meant.
    if (typeof organizationId !== 'string' || organizationId === '') {
      throw invalidOption('a non-empty string', 'organizationId', organizationId);
    }
    const topic = this.#service.catalog.nameOf(prefix, { org: organizationId });
    return this.#send(topic, message, { organizationId, ...options });
  }

  /** To a topic by its name or id. */
  async sendMessage(topic, message, options) {
    return this.#send(topic, message, { ...options });
  }

  async #send(topic, message, { organizationId, key, headers }) {
    if (!isObject(message)) throw invalidOption('an object', 'message', message);
    const { type, payload, metadata = {} } = message;
    const named = { ...metadata, ...(organizationId !== undefined && { organizationId }) };
    const event = { type, data: payload, metadata: named, key, headers };
    const tracker = CorrelationTracker.getInstance();
    const [result] = await tracker.run(contextFor(named, tracker), () =>
      this.#service.publish(topic, event),
    );
    return result;
  }

  healthCheck() {
    return this.#service.healthCheck();
  }

  /** Idempotent. */
  async disconnect() {
    await this.#service.shutdown();
  }
}

/** The operation that a message belongs to: the one it names, the one that is being handled, or a new one. */
function contextFor(metadata, tracker) {
  const attributes = pick(metadata, ATTRIBUTES);
  const { correlationId, traceparent } = metadata;
  const known =
    correlationId === undefined ? tracker.getContext() : tracker.getContext(correlationId);
  if (known !== undefined) return { ...known, ...attributes };
  return tracker.createContext({ ...attributes, correlationId, traceparent });
}

/**
 * Calls the handler of each message's type. A message's offset is committed after its handler; a handler that fails is
 * called again with growing delays, and then the message goes to `dlq.<topic>`.
 */
class OfficeFlowConsumer {
  #service;
  #groupId;
  #policies;
  #handlers = new Map();
  #subscriptions = [];
  #running = null;

  /**
   * @param {object} config KafkaClusterConfig
   * @param {object} options groupId; other options of `kafka.consumer()`; `policies`: docs/service.md
   */
  constructor(config, options) {
    const { groupId, policies = {}, ...consumer } = options ?? {};
    if (typeof groupId !== 'string' || groupId === '') {
      throw invalidOption('a non-empty string', 'groupId', groupId);
    }
    this.#groupId = groupId;
    this.#policies = policies;
    this.#service = new KafkaService({
      catalog: CATALOG,
      ...(config ?? defaultKafkaConfig),
      consumer,
    });
  }

  /** One handler for a type; a later one takes the place of an earlier one. */
  registerHandler(type, handler) {
    if (typeof type !== 'string' || type === '') {
      throw invalidOption('a non-empty string', 'type', type);
    }
    if (typeof handler !== 'function') throw invalidOption('a function', 'handler', handler);
    if (this.#running !== null && !this.#handlers.has(type)) {
      throw stateError(`Register the handler of ${type} before run()`);
    }
    this.#handlers.set(type, handler);
  }

  async connect() {
    await this.#service.initialize();
  }

  /**
   * Adds topics: names, ids of the catalog, names with `*` for one part. Consumed from run() on.
   *
   * @param {{ topics?: string[], topic?: string, fromBeginning?: boolean }} subscription fromBeginning: else what the
   *   catalog says of the group
   */
  async subscribe({ topics, topic, fromBeginning } = {}) {
    const subscription = { topics: topics ?? [topic], fromBeginning };
    this.#subscriptions.push(subscription);
    if (this.#running !== null) await this.#consume(subscription);
  }

  /** Resolves when the group was joined. */
  run() {
    this.#running ??= this.#run().catch((error) => {
      this.#running = null;
      throw error;
    });
    return this.#running;
  }

  async #run() {
    if (this.#handlers.size === 0)
      throw stateError('No handler: call registerHandler() before run()');
    if (this.#subscriptions.length === 0) {
      throw stateError('Nothing to consume: call subscribe() before run()');
    }
    for (const subscription of this.#subscriptions) await this.#consume(subscription);
  }

  async #consume({ topics, fromBeginning }) {
    const handlers = Object.fromEntries(
      [...this.#handlers.keys()].map((type) => [
        type,
        (message, metadata) => this.#handlers.get(type)(message, contextOf(metadata)),
      ]),
    );
    const policies = { ...this.#policies, ...(fromBeginning !== undefined && { fromBeginning }) };
    await this.#service.subscribe(topics, this.#groupId, handlers, policies);
  }

  healthCheck() {
    return this.#service.healthCheck();
  }

  /** Handlers that run finish, their offsets are committed, the group is left. Idempotent. */
  async disconnect() {
    await this.#service.shutdown();
  }
}

/** What a handler is told beside the message: the correlation, and where the message was. */
function contextOf(metadata) {
  const { org } = catalog.parametersOf(metadata.topic);
  return {
    ...(org !== undefined && { organizationId: org }),
    ...CorrelationTracker.getInstance().getContext(),
    ...metadata,
  };
}

const stateError = (message) => new classes.KafkaJSNonRetriableError(message);

module.exports = {
  TopicManager,
  OfficeFlowProducer,
  OfficeFlowConsumer,
  DLQHandler,
  CorrelationTracker,
  defaultKafkaConfig,
};
