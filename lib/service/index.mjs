// ESM names of the CommonJS module.

import service from './index.js';

export const {
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
  resolveConfiguration,
  redact,
  redactText,
  CorrelationTracker,
  traceContext,
  CatalogError,
  ConfigurationError,
  EnvelopeError,
} = service;

export default service;
