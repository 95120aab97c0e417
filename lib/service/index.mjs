// ESM names of the CommonJS module.

import service from './index.js';

export const {
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
} = service;

export default service;
