'use strict';

const { classes } = require('../../errors');
const { invalidOption, isObject } = require('../../options/validate');
const { DeadLetters } = require('./dead-letters');
const { DelayTopics } = require('./delay-topics');
const { GroupConsumer } = require('./group-consumer');
const { Pipeline } = require('./pipeline');
const { Routes } = require('./routes');
const { resolvePolicies } = require('./policies');
const { topicSelectors } = require('./selectors');

/** How soon a pattern finds a new organization's topic. */
const NEW_TOPICS_MS = 5_000;
/** A handler that waits for a database or a retry does not stop the other partitions. */
const PARTITIONS_AT_ONCE = 16;

/** A group: its routes, one consumer for its topics, and one for its delay topics once a route postpones. */
class Group {
  constructor(consumer, routes, pipeline) {
    Object.assign(this, { consumer, routes, pipeline });
    this.delayConsumer = null;
    /** Topics of delays that are consumed already. */
    this.delayTopics = new Set();
    /** Those of its routes. */
    this.breakers = new Set();
  }
}

const consumersOf = ({ consumer, delayConsumer }) =>
  delayConsumer === null ? [consumer] : [consumer, delayConsumer];

/** All subscriptions of a service. A group has one consumer, however many topics and handlers are added to it. */
class Subscriptions {
  #groups = new Map();
  #closed = false;

  /**
   * @param {object} parts
   * @param {import('../../clients/kafka').Kafka} parts.kafka
   * @param {import('../catalog/catalog').Catalog} parts.catalog
   * @param {object} parts.consumerOptions defaults of `kafka.consumer()`
   * @param {object} parts.policies defaults of subscribe()'s
   * @param {(topic: string, message: object) => Promise<unknown>} parts.send
   * @param {(topics: string[]) => Promise<string[]>} parts.makeMissing has the brokers make what is missing, where they do; what it was
   * @param {(topics: string[]) => Promise<void>} parts.ensureTopics makes what is missing, where the broker does not
   * @param {import('../monitoring/recorder').Recorder} parts.recorder
   * @param {(what: object) => void} parts.onBuried a message was given up; does not throw
   * @param {object} parts.logger @param {string} [parts.clientId]
   */
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Number of groups that are consumed. */
  get size() {
    return this.#groups.size;
  }

  get groups() {
    return [...this.#groups].map(([groupId, { consumer }]) => ({ groupId, consumer }));
  }

  /** Every consumer, those of delay topics too. */
  get consumers() {
    return [...this.#groups.values()].flatMap(consumersOf);
  }

  /** Every circuit breaker of a subscription, with its group. */
  get breakers() {
    return [...this.#groups].flatMap(([groupId, { breakers }]) =>
      [...breakers].map((breaker) => ({ groupId, breaker })),
    );
  }

  /**
   * @param {string | RegExp | (string | RegExp)[]} topics names, ids of the catalog, names with `*` for one part, patterns
   * @param {string} groupId
   * @param {Function | Record<string, Function>} handler for all event types, or one for each
   * @param {object} options policies, and `fromBeginning`
   */
  async add(topics, groupId, handler, options = {}) {
    if (this.#closed) throw new classes.KafkaJSClosedError('The service is shut down');
    const selectors = topicSelectors(topics, this.catalog);
    if (typeof groupId !== 'string' || groupId === '') {
      throw invalidOption('a non-empty string', 'group', groupId);
    }
    const handlers = handlersOf(handler);
    const policies = resolvePolicies({ ...this.policies, ...options });
    const group = this.#groupOf(groupId, policies);
    const delays = this.#delaysOf(groupId, policies);
    for (const selector of selectors) {
      for (const [type, each] of handlers) {
        group.routes.add(selector, type, { ...policies.route, handler: each, delays });
      }
    }
    if (policies.route.breaker) group.breakers.add(policies.route.breaker);
    if (delays !== null) await this.#consumeDelays(group, groupId, delays, policies);
    const fromBeginning = this.#fromBeginning(groupId, policies);
    // Everything on a topic that was not there comes after this call, also what comes before its end is looked up.
    const missing = await this.makeMissing(selectors.filter((s) => typeof s === 'string'));
    const there = selectors.filter((selector) => !missing.includes(selector));
    await group.consumer.add([
      { topics: there, fromBeginning },
      { topics: missing, fromBeginning: true },
    ]);
  }

  /** Waits for what runs, commits and leaves, all groups at once. */
  async close() {
    this.#closed = true;
    const ends = await Promise.allSettled(this.consumers.map((consumer) => consumer.stop()));
    this.#groups.clear();
    const failed = ends.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
  }

  #groupOf(groupId, policies) {
    let group = this.#groups.get(groupId);
    if (group !== undefined) return group;
    const routes = new Routes();
    const pipeline = new Pipeline({
      catalog: this.catalog,
      group: groupId,
      routes,
      deadLetters: new DeadLetters({
        send: this.send,
        topicOf: (topic) => this.catalog.dlqOf(topic),
        group: groupId,
        clientId: this.clientId,
      }),
      recorder: this.recorder,
      onBuried: this.onBuried,
      logger: this.logger,
      clientId: this.clientId,
    });
    const consumer = this.#consumerOf(groupId, policies, (message, control) =>
      pipeline.process(message, control),
    );
    group = new Group(consumer, routes, pipeline);
    this.#groups.set(groupId, group);
    return group;
  }

  #consumerOf(groupId, { partitionsConsumedConcurrently = PARTITIONS_AT_ONCE }, process) {
    const consumer = new GroupConsumer({
      kafka: this.kafka,
      options: { metadataMaxAge: NEW_TOPICS_MS, ...this.consumerOptions, groupId },
      concurrency: partitionsConsumedConcurrently,
      process,
    });
    consumer.on(consumer.events.REBALANCING, () => this.recorder.rebalance(groupId));
    return consumer;
  }

  #delaysOf(groupId, { delaysMs }) {
    if (delaysMs === null) return null;
    return new DelayTopics({ group: groupId, delaysMs, send: this.send });
  }

  async #consumeDelays(group, groupId, delays, policies) {
    const topics = delays.topics.filter((topic) => !group.delayTopics.has(topic));
    if (topics.length === 0) return;
    await this.ensureTopics(topics);
    group.delayConsumer ??= this.#consumerOf(
      `${groupId}.retry`,
      policies,
      async (message, control) => {
        await delays.due(message, control.signal);
        return group.pipeline.process(message, control);
      },
    );
    await group.delayConsumer.add([{ topics, fromBeginning: true }]);
    for (const topic of topics) group.delayTopics.add(topic);
  }

  #fromBeginning(groupId, { fromBeginning }) {
    if (fromBeginning !== undefined) return fromBeginning;
    const group = this.catalog.groups.find(({ id }) => id === groupId);
    if (group !== undefined) return group.from === 'earliest';
    return this.consumerOptions.fromBeginning ?? false;
  }
}

/** @returns {[type: string | null, handler: Function][]} */
function handlersOf(handler) {
  if (typeof handler === 'function') return [[null, handler]];
  if (!isObject(handler)) {
    throw invalidOption('a function, or an object of functions by event type', 'handler', handler);
  }
  return Object.entries(handler).map(([type, each]) => {
    if (typeof each !== 'function') throw invalidOption('a function', `handler["${type}"]`, each);
    return [type, each];
  });
}

module.exports = { Subscriptions };
