'use strict';

const { embeddedBroker } = require('../shared/brokers');
const { producerSuite } = require('../shared/producer-suite');

describe('Producer on EmbeddedKafka', () => producerSuite(embeddedBroker()));
