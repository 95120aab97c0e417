'use strict';

const { realBroker } = require('../shared/brokers');
const { dlqSuite } = require('../shared/dlq-suite');

describe('DLQHandler on real Kafka', () => dlqSuite(realBroker()));
