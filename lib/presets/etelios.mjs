// ESM names of the CommonJS module.

import preset from './etelios.js';

export const { getKafkaService, KAFKA_TOPICS, createEvent, getConsumerGroup } = preset;

export default preset;
