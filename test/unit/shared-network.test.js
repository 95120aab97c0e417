'use strict';

const { embeddedBroker } = require('../shared/brokers');
const { networkSuite } = require('../shared/network-suite');

describe('Network events on EmbeddedKafka', () => networkSuite(embeddedBroker()));
