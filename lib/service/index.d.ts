export * from '../types/service-catalog';
export * from '../types/service-catalog-envelopes';
export * from '../types/service-config';
export * from '../types/service-tracing';
export {
  CatalogError,
  CatalogProblem,
  ConfigurationError,
  ConfigurationProblem,
  EnvelopeError,
} from '../types/errors';
