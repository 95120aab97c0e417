// ESM names of the CommonJS module.

import preset from './task-manager.js';

export const {
  getKafkaService,
  getKafkaConfig,
  TOPICS,
  newTaskMessage,
  taskCompletedMessage,
  taskErrorMessage,
  webCrawlRequestMessage,
} = preset;

export default preset;
