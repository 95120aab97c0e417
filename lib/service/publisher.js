'use strict';

const { TopicPartitions } = require('../clients/producer/topic-partitions');
const { classes, trimStack } = require('../errors');
const { invalidOption, isObject } = require('../options/validate');
const { decodeMessage, envelope } = require('./envelopes');
const { CorrelationTracker, tracedPublish } = require('./tracing');

/** How long brokers may take to make a topic. Some never do: then it is consumed once somebody else has made it. */
const TOUCH_MS = 3_000;

/**
 * Publishes events of a catalog: in the envelope of their topic, checked against their schema, under the key of the
 * topic's rule, within the correlation and the trace of what is being handled.
 */
class Publisher {
  #producer;
  #partitions;
  #connecting = null;
  #connected = false;

  /**
   * @param {object} parts
   * @param {import('../clients/kafka').Kafka} parts.kafka
   * @param {object} parts.options of `kafka.producer()`
   * @param {import('./catalog/catalog').Catalog} parts.catalog
   * @param {import('./monitoring/recorder').Recorder} parts.recorder
   * @param {string} [parts.clientId]
   */
  constructor({ kafka, options, catalog, recorder, clientId }) {
    Object.assign(this, { catalog, recorder, clientId });
    this.#producer = kafka.producer(options);
    this.#partitions = new TopicPartitions(this.#producer);
  }

  get isConnected() {
    return this.#connected;
  }

  /** Several callers share one attempt; after one that failed the next call tries again. */
  connect() {
    this.#connecting ??= this.#producer.connect().then(
      () => {
        this.#connected = true;
      },
      (error) => {
        this.#connecting = null;
        throw error;
      },
    );
    return this.#connecting;
  }

  async disconnect() {
    this.#connected = false;
    this.#connecting = null;
    await this.#producer.disconnect();
  }

  /** What is not acknowledged yet: `{ bytes, messages, waitingSends }`. */
  get queued() {
    return this.#producer.queued;
  }

  /**
   * One event in the shape of its topic's envelope: `{ type, data, metadata }` for etelios, `{ type, payload, metadata }`
   * for officeflow, …
   *
   * @param {string} topic a name, or the id of a topic without placeholders
   * @param {object} event
   * @param {string | Buffer | null} [key] else what the topic's rule makes of the event
   * @param {{ headers?: object, timestamp?: string, partition?: number, validate?: boolean }} [options]
   * @returns {Promise<object>} KafkaJS's record metadata, once the brokers have it
   * @throws {InvalidEventError} nothing was sent
   */
  async publishEvent(topic, event, key, options = {}) {
    const name = this.#nameOf(topic);
    const message = this.#messageOf(name, event, key, options);
    const [result] = await this.#send(name, [message]);
    return result;
  }

  /**
   * Events without an envelope, `{ type, data, metadata, key, headers }`: the topic's is put around them. All are
   * checked before any is sent.
   *
   * @param {string} topic
   * @param {object | object[]} events
   */
  async publish(topic, events, options = {}) {
    const name = this.#nameOf(topic);
    const list = Array.isArray(events) ? events : [events];
    const messages = list.map((event, index) => this.#wrapped(name, event, options, index));
    if (messages.length === 0) return [];
    return this.#send(name, messages);
  }

  /**
   * Has the brokers make those of these topics that are not there, if they do so when a client asks (KafkaJS's
   * allowAutoTopicCreation). Who then consumes them misses no first message.
   *
   * @param {string[]} topics
   */
  async touch(topics) {
    if (topics.length === 0) return;
    await this.connect();
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, TOUCH_MS);
    });
    const asked = Promise.allSettled(topics.map((topic) => this.#partitions.get(topic)));
    await Promise.race([asked, late]);
    clearTimeout(timer);
  }

  /** A message as it is, for dead letters and delay topics: nothing is wrapped, checked or traced. */
  async sendAsIs(topic, message) {
    await this.connect();
    const [result] = await this.#timed(topic, [message]);
    return result;
  }

  #nameOf(topic) {
    if (typeof topic !== 'string' || topic === '') {
      throw invalidOption('a non-empty string', 'topic', topic);
    }
    return this.catalog.has(topic) ? this.catalog.nameOf(topic) : topic;
  }

  #messageOf(topic, event, key, { headers, timestamp, partition, validate = true }) {
    if (!isObject(event)) throw invalidOption('an object', 'event', event);
    const value = JSON.stringify(event);
    const names = this.catalog.envelopesOf(topic);
    if (names.length > 0 && validate) {
      let read;
      try {
        read = decodeMessage(names, value, headers);
      } catch (error) {
        throw trimStack(invalidEvent(topic, null, [{ message: error.reason }], error));
      }
      this.#check(topic, read.type, read.payload);
    }
    return {
      key: keyFor(key ?? this.catalog.keyOf(topic, event)),
      value,
      headers: { ...this.#correlation(), ...headers },
      ...(timestamp !== undefined && { timestamp }),
      ...(partition !== undefined && { partition }),
    };
  }

  #wrapped(topic, event, { validate = true }, index) {
    if (!isObject(event)) throw invalidOption('an object', `events[${index}]`, event);
    const { type, data, metadata, key, headers, timestamp, partition } = event;
    const [name] = this.catalog.envelopesOf(topic);
    if (name === undefined) {
      throw invalidOption(`a topic of the catalog ${this.catalog.name}`, 'topic', topic);
    }
    if (validate) this.#check(topic, type, data);
    const context = CorrelationTracker.getInstance().getContext() ?? {};
    const encoded = envelope(name).encode({ type, data, metadata, context });
    const hasRule = this.catalog.topicOf(topic)?.key != null;
    const chosen = key ?? (hasRule ? this.catalog.keyOf(topic, JSON.parse(encoded.value)) : null);
    return {
      key: keyFor(chosen),
      value: encoded.value,
      headers: { ...encoded.headers, ...headers },
      ...(timestamp !== undefined && { timestamp }),
      ...(partition !== undefined && { partition }),
    };
  }

  #check(topic, type, payload) {
    const problems = this.catalog.validate(this.catalog.typeOf(topic, type) ?? type, payload);
    if (problems.length > 0) throw trimStack(invalidEvent(topic, type, problems));
  }

  /** Of the message that is being handled, if any. */
  #correlation() {
    const context = CorrelationTracker.getInstance().getContext();
    const headers = {};
    if (context?.correlationId) headers['correlation-id'] = context.correlationId;
    return headers;
  }

  async #send(topic, messages) {
    await this.connect();
    return tracedPublish({ topic, messages, clientId: this.clientId }, (traced) =>
      this.#timed(topic, traced),
    );
  }

  async #timed(topic, messages) {
    const startedAt = performance.now();
    let succeeded = false;
    try {
      const results = await this.#producer.send({ topic, messages });
      succeeded = true;
      return results;
    } finally {
      this.recorder.send(
        topic,
        messages.length,
        (performance.now() - startedAt) / 1_000,
        succeeded,
      );
    }
  }
}

/** Documents give ids as they are: numbers and ObjectIds have a text. */
function keyFor(key) {
  if (key === null || key === undefined) return null;
  return typeof key === 'string' || Buffer.isBuffer(key) ? key : String(key);
}

function invalidEvent(topic, type, problems, cause) {
  const what = type === null ? 'The event' : `The event ${type}`;
  const lines = problems.map(({ message }) => message).join('; ');
  return new classes.InvalidEventError(`${what} does not fit ${topic}: ${lines}`, {
    topic,
    problems,
    cause,
  });
}

module.exports = { Publisher };
