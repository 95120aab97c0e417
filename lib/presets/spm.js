'use strict';

// SPM's kafka_events and kafka_client for JavaScript. Every method has the document's name and the one in camel case.

const { invalidOption } = require('../options/validate');
const { classes } = require('../errors');
const { loadCatalog } = require('../service/catalog/load');
const { KafkaService } = require('../service/kafka-service');

const CATALOG = 'spm';
const defaults = Object.freeze({
  clientId: 'spm',
  brokers: ['localhost:9092'],
  groupId: 'spm-consumer-group',
});

const catalog = loadCatalog(CATALOG);

/** `{ TASK_EVENTS: 'task-events', … }` */
const Topics = catalog.constants();

const serviceOf = (options) => new KafkaService({ catalog: CATALOG, defaults, ...options });
const camelCase = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** Publishes the events of one topic. It connects with the first event; one publisher serves a process. */
class EventPublisher {
  #service;
  #topic;
  /** Nobody has to wait for an event before close(). */
  #sending = new Set();

  constructor(topic, options) {
    this.#topic = topic;
    this.#service = serviceOf(options);
  }

  /**
   * @param {string} type
   * @param {object} data
   * @param {object} [options] key, metadata, headers
   */
  publish(type, data, { key, metadata, headers } = {}) {
    const sending = this.#service.publish(this.#topic, { type, data, key, metadata, headers });
    const settled = sending.then(
      () => this.#sending.delete(settled),
      () => this.#sending.delete(settled),
    );
    this.#sending.add(settled);
    return sending.then(([result]) => result);
  }

  /** Resolves when the brokers have everything that was published, and the connection is closed. */
  async close() {
    await Promise.all(this.#sending);
    await this.#service.shutdown();
  }
}

/** A publisher with a method for each event type of a topic: `publish_task_created(data)`, `publishTaskCreated(data)`. */
function publisherOf(topic) {
  const Publisher = class extends EventPublisher {
    constructor(options) {
      super(topic, options);
    }
  };
  for (const type of catalog.topic(topic).events) {
    const name = `publish_${type}`;
    for (const each of [name, camelCase(name)]) {
      Object.defineProperty(Publisher.prototype, each, {
        value(data, options) {
          return this.publish(type, data, options);
        },
        configurable: true,
        writable: true,
      });
    }
  }
  return Publisher;
}

class TaskEventPublisher extends publisherOf(Topics.TASK_EVENTS) {}
class ProjectEventPublisher extends publisherOf(Topics.PROJECT_EVENTS) {}
class ScheduleEventPublisher extends publisherOf(Topics.SCHEDULE_EVENTS) {}
class UserEventPublisher extends publisherOf(Topics.USER_EVENTS) {}
class NotificationEventPublisher extends publisherOf(Topics.NOTIFICATION_EVENTS) {}

/** Consumes topics in the group of the configuration (KAFKA_GROUP_ID), which is one group for all services of SPM. */
class KafkaEventConsumer {
  #service;
  #topics = [];

  constructor(options) {
    this.#service = serviceOf(options);
  }

  /** Adds topics; takes effect with consumeEvents(). */
  subscribeToTopics(topics) {
    if (!Array.isArray(topics) || topics.length === 0) {
      throw invalidOption('an array of topics', 'topics', topics);
    }
    this.#topics.push(...topics);
  }

  /**
   * Has `handler(event, metadata)` called for every event. Resolves when the group was joined; unlike the Python
   * module's it does not wait until close().
   *
   * @param {Function | Record<string, Function>} handler one for all, or one for each event type
   * @param {object} [policies] docs/service.md
   */
  async consumeEvents(handler, policies) {
    if (this.#topics.length === 0) {
      throw new classes.KafkaJSNonRetriableError(
        'Nothing to consume: call subscribe_to_topics() before consume_events()',
      );
    }
    await this.#service.subscribe(this.#topics, undefined, handler, policies);
  }

  healthCheck() {
    return this.#service.healthCheck();
  }

  /** Handlers that run finish, their offsets are committed, the group is left. */
  async close() {
    await this.#service.shutdown();
  }

  subscribe_to_topics(topics) {
    this.subscribeToTopics(topics);
  }

  consume_events(handler, policies) {
    return this.consumeEvents(handler, policies);
  }
}

module.exports = {
  TaskEventPublisher,
  ProjectEventPublisher,
  ScheduleEventPublisher,
  UserEventPublisher,
  NotificationEventPublisher,
  KafkaEventConsumer,
  Topics,
};
