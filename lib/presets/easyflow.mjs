// ESM names of the CommonJS module.

import preset from './easyflow.js';

export const { getKafkaService, KafkaService, TOPICS } = preset;

export default preset;
