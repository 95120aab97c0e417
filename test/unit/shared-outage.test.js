'use strict';

const { embeddedBroker } = require('../shared/brokers');
const { outageSuite } = require('../shared/outage-suite');

describe('Producer without its broker, EmbeddedKafka', () => outageSuite(embeddedBroker()));
