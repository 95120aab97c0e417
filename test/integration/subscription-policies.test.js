'use strict';

const { realBroker } = require('../shared/brokers');
const { policiesSuite } = require('../shared/policies-suite');

describe('options of a subscription on real Kafka', () => policiesSuite(realBroker()));
