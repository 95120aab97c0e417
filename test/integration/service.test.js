'use strict';

const { realBroker } = require('../shared/brokers');
const { serviceSuite } = require('../shared/service-suite');

describe('KafkaService on real Kafka', () => serviceSuite(realBroker()));
