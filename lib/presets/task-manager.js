'use strict';

// The Task Manager Service: its topics and messages, and its configuration from the variables of its document.

const { randomUUID } = require('node:crypto');
const { invalidOption } = require('../options/validate');
const { loadCatalog } = require('../service/catalog/load');
const { resolveConfiguration } = require('../service/config');
const shared = require('../service/shared-service');
const { CorrelationTracker } = require('../service/tracing');

const CATALOG = 'task-manager';
const WEB_CRAWL = 'web-crawl';
const catalog = loadCatalog(CATALOG);

/** The table of the document. */
const defaults = Object.freeze({
  brokers: ['localhost:9092'],
  clientId: 'task-manager',
  groupId: 'task-manager-group',
  connectionTimeout: 3_000,
  requestTimeout: 30_000,
  retry: { initialRetryTime: 100, retries: 3 },
  consumer: { sessionTimeout: 30_000, heartbeatInterval: 3_000 },
});

const nameOf = (id) => catalog.withEnvironment(process.env).nameOf(id);

/** Names of the topics, as TASK_STATUS_TOPIC and WEB_CRAWL_REQUEST_TOPIC have them now. */
const TOPICS = Object.freeze({
  get TASK_STATUS() {
    return nameOf('task-status');
  },
  get WEB_CRAWL_REQUEST() {
    return nameOf('requests-web-crawl');
  },
});

/**
 * The service of this process: the same options give the same one, until its shutdown().
 *
 * @param {object} [options] see KafkaService
 */
function getKafkaService(options) {
  return shared.getKafkaService({ catalog: CATALOG, defaults, ...options });
}

/**
 * The client configurations of the document, from its variables: `new Kafka(kafka)`, `kafka.producer(producer)`,
 * `kafka.consumer(consumer)`.
 *
 * @param {{ env?: Record<string, string | undefined>, file?: string | null, options?: object }} [from]
 * @throws {ConfigurationError} lists everything that is wrong
 */
function getKafkaConfig({ env = process.env, file, options } = {}) {
  const named = catalog.withEnvironment(env);
  const { kafka, producer, consumer, groupId, origins } = resolveConfiguration({
    options,
    env,
    file,
    defaults: {
      ...defaults,
      producer: catalog.producer,
      consumer: { ...catalog.consumer, ...defaults.consumer },
    },
    variables: catalog.variables,
  });
  const topics = {
    TASK_STATUS: named.nameOf('task-status'),
    WEB_CRAWL_REQUEST: named.nameOf('requests-web-crawl'),
  };
  return { kafka, producer, consumer, groupId, topics, origins };
}

// ── Messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

const now = () => new Date().toISOString();

/** Headers inside the message: who it is about, when, and the trace of what is being handled. */
function headersOf(identity, given = {}) {
  const { traceId, spanId } = CorrelationTracker.getInstance().getContext() ?? {};
  return { ...identity, timestamp: now(), ...(traceId && { traceId, spanId }), ...given };
}

function statusMessage(message, headers) {
  const { taskId } = message;
  if (typeof taskId !== 'string' || taskId === '') {
    throw invalidOption('a non-empty string', 'taskId', taskId);
  }
  return { headers: headersOf({ taskId, taskType: WEB_CRAWL }, headers), message };
}

/**
 * @param {{ taskId?: string, userEmail: string, userQuery: string, originalUrl: string, receivedAt?: string }} task
 * @param {object} [headers] taskType, timestamp, traceId, spanId of yours
 */
function newTaskMessage({ taskId = randomUUID(), ...task }, headers) {
  return statusMessage({ taskId, receivedAt: now(), ...task, status: 'new' }, headers);
}

/** @param {{ taskId: string, result: string, finishedAt?: string }} task */
function taskCompletedMessage(task, headers) {
  return statusMessage({ finishedAt: now(), ...task, status: 'completed' }, headers);
}

/** @param {{ taskId: string, error: string | Error, finishedAt?: string }} task */
function taskErrorMessage({ error, ...task }, headers) {
  const reason = error instanceof Error ? error.message : error;
  return statusMessage({ finishedAt: now(), ...task, error: reason, status: 'error' }, headers);
}

/** @param {{ userEmail: string, userQuery: string, originalUrl: string, requestedAt?: string }} request */
function webCrawlRequestMessage(request, headers) {
  const identity = { requestId: randomUUID(), requestType: WEB_CRAWL };
  return { headers: headersOf(identity, headers), message: { requestedAt: now(), ...request } };
}

module.exports = {
  getKafkaService,
  getKafkaConfig,
  TOPICS,
  newTaskMessage,
  taskCompletedMessage,
  taskErrorMessage,
  webCrawlRequestMessage,
};
