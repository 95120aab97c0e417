// ESM names of the CommonJS module.

import preset from './officeflow.js';

export const {
  TopicManager,
  OfficeFlowProducer,
  OfficeFlowConsumer,
  DLQHandler,
  CorrelationTracker,
  defaultKafkaConfig,
} = preset;

export default preset;
