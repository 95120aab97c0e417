'use strict';

const { realBroker } = require('../shared/brokers');
const { producerSuite } = require('../shared/producer-suite');

describe('Producer on real Kafka', () => producerSuite(realBroker()));
