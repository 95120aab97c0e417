// ESM names of the CommonJS module.

import preset from './officeflow.js';

export const {
  TopicManager,
  OfficeFlowProducer,
  OfficeFlowConsumer,
  CorrelationTracker,
  defaultKafkaConfig,
} = preset;

export default preset;
