'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { policiesSuite } = require('../../shared/policies-suite');

describe('options of a subscription on EmbeddedKafka', () => policiesSuite(embeddedBroker()));
