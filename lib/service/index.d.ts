export * from '../types/service';
export * from '../types/service-catalog';
export * from '../types/service-catalog-envelopes';
export * from '../types/service-config';
export * from '../types/service-dead-letters';
export * from '../types/service-monitoring';
export * from '../types/service-policies';
export * from '../types/service-tracing';
export {
  CatalogError,
  CatalogProblem,
  CircuitOpenError,
  ConfigurationError,
  ConfigurationProblem,
  EnvelopeError,
  InvalidEventError,
  LimitExceededError,
  NonRetriableError,
} from '../types/errors';
