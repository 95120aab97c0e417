'use strict';

const { realBroker } = require('../shared/brokers');
const { selfReportsSuite } = require('../shared/self-reports-suite');

describe('what a service tells of itself on real Kafka', () => selfReportsSuite(realBroker()));
