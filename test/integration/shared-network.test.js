'use strict';

const { realBroker } = require('../shared/brokers');
const { networkSuite } = require('../shared/network-suite');

describe('Network events on real Kafka', () => networkSuite(realBroker()));
