'use strict';

// What `require('easyflow-kafka/service')` gives.

const { loadCatalog, catalogs, catalogFile } = require('./catalog/load');
const { Catalog } = require('./catalog/catalog');
const { writeTypes } = require('./catalog/types');
const { asyncapi } = require('./catalog/asyncapi');
const { diff } = require('./catalog/diff');
const { acls } = require('./catalog/acls');
const { envelopes, envelope, decodeMessage } = require('./envelopes');
const { TopicManager } = require('./topic-manager');
const { DLQHandler } = require('./dlq-handler');
const { KafkaService } = require('./kafka-service');
const { getKafkaService } = require('./shared-service');
const { createHttpHandler } = require('./monitoring/http');
const { resolveConfiguration, redact, redactText } = require('./config');
const { CorrelationTracker, traceContext } = require('./tracing');
const { RetryPolicy, isRetriable } = require('./policies/retry');
const { CircuitBreaker } = require('./policies/breaker');
const { ConcurrencyLimit, RateLimit } = require('./policies/limits');
const { MemoryIdempotencyStore, PostgresIdempotencyStore } = require('./policies/idempotency');
const {
  CatalogError,
  CircuitOpenError,
  ConfigurationError,
  EnvelopeError,
  InvalidEventError,
  LimitExceededError,
  NonRetriableError,
} = require('../errors').classes;

module.exports = {
  KafkaService,
  getKafkaService,
  createHttpHandler,
  Catalog,
  loadCatalog,
  catalogs,
  catalogFile,
  writeTypes,
  asyncapi,
  diff,
  acls,
  envelopes,
  envelope,
  decodeMessage,
  TopicManager,
  DLQHandler,
  resolveConfiguration,
  redact,
  redactText,
  CorrelationTracker,
  traceContext,
  RetryPolicy,
  isRetriable,
  CircuitBreaker,
  ConcurrencyLimit,
  RateLimit,
  MemoryIdempotencyStore,
  PostgresIdempotencyStore,
  CatalogError,
  CircuitOpenError,
  ConfigurationError,
  EnvelopeError,
  InvalidEventError,
  LimitExceededError,
  NonRetriableError,
};
