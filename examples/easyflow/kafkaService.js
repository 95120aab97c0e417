'use strict';

// backend/utils/kafkaService.js of EasyFlow: only the import is another one.

const { getKafkaService, TOPICS } = require('easyflow-kafka/presets/easyflow');

module.exports = { getKafkaService, TOPICS };
