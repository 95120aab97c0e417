'use strict';

// Messages that clients publish: right, schema, Kafka, answer.

const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;
const { conflict } = require('../options/validate');
const { mayPublish } = require('./grant');

/** What is wrong with data is told up to here. */
const MAX_PROBLEMS = 5;

class PublishError extends Error {
  constructor(code, message, retriable = false) {
    super(message);
    this.code = code;
    this.retriable = retriable;
  }
}

function compile(ajv, name, schema) {
  if (schema === undefined) return () => true;
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw conflict(`publish['${name}'].schema cannot be used: ${error.message}`, 'publish');
  }
}

function problemsOf(errors) {
  return errors
    .slice(0, MAX_PROBLEMS)
    .map(({ instancePath, message }) => `data${instancePath} ${message}`)
    .join('; ');
}

/** @param {object} data @param {string} field 'task.id' */
function fieldOf(data, field) {
  let value = data;
  for (const name of field.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = value[name];
  }
  return value;
}

function keyOf({ key }, message) {
  if (typeof key === 'function') return key(message);
  const value = key === undefined ? message.key : fieldOf(message.data, key);
  return value === undefined || value === null ? null : String(value);
}

class Publisher {
  #routes;
  #kafka;
  #producer = null;
  #connecting = null;
  #onFailure;
  #running = new Set();

  /**
   * @param {import('../clients/kafka').Kafka} kafka
   * @param {Record<string, { topic: string, schema?: object, key?: string | Function, headers?: object | Function }>} routes
   * @param {(error: Error) => void} onFailure Kafka, or a function of the application, failed
   */
  constructor(kafka, routes, onFailure) {
    this.#kafka = kafka;
    this.#onFailure = onFailure;
    const ajv = new Ajv({ allErrors: false, strict: false, ownProperties: true });
    addFormats(ajv);
    this.#routes = new Map(
      Object.entries(routes).map(([name, route]) => [
        name,
        { ...route, isValid: compile(ajv, name, route.schema) },
      ]),
    );
  }

  /** The producer is there before the first client wants it. */
  async connect() {
    this.#connecting ??= this.#connect().catch((error) => {
      this.#connecting = null;
      throw error;
    });
    await this.#connecting;
  }

  async #connect() {
    const producer = this.#kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    this.#producer = producer;
  }

  /** What is on its way may end. */
  async disconnect() {
    await Promise.allSettled([...this.#running]);
    await this.#producer?.disconnect();
    this.#producer = null;
    this.#connecting = null;
  }

  /**
   * @param {import('./grant').Grant | null} grant
   * @param {{ id: number, route: string, key?: string, data: unknown, subject: string }} message
   * @returns {Promise<object>} the message that answers it; never rejects
   */
  publish(grant, message) {
    const running = this.#answer(grant, message).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  async #answer(grant, message) {
    const { id } = message;
    try {
      const at = await this.#send(this.#routeOf(grant, message), message);
      return { type: 'published', id, at };
    } catch (error) {
      const {
        code,
        message: text,
        retriable,
      } = error instanceof PublishError ? error : this.#failed(error);
      return { type: 'error', id, code, message: text, retriable };
    }
  }

  /** A route that is not there and one that is not granted answer alike. */
  #routeOf(grant, { route: name, data }) {
    const route = this.#routes.get(name);
    if (route === undefined || grant === null || !mayPublish(grant, name)) {
      throw new PublishError('ERR_HUB_FORBIDDEN', `No right to publish to "${name}"`);
    }
    if (!route.isValid(data)) {
      throw new PublishError('ERR_HUB_INVALID_DATA', problemsOf(route.isValid.errors));
    }
    return route;
  }

  async #send(route, message) {
    const { subject, data, key } = message;
    const about = { subject, data, key };
    const headers = typeof route.headers === 'function' ? route.headers(about) : route.headers;
    await this.connect();
    const [{ partition, baseOffset }] = await this.#producer.send({
      topic: route.topic,
      messages: [{ key: keyOf(route, about), value: JSON.stringify(data), headers }],
    });
    return `${route.topic}:${partition}:${baseOffset}`;
  }

  /** What was wrong with Kafka is for the log. */
  #failed(error) {
    this.#onFailure(error);
    return new PublishError(
      'ERR_HUB_PUBLISH_FAILED',
      'The message was not acknowledged',
      error.retriable === true,
    );
  }
}

module.exports = { Publisher };
