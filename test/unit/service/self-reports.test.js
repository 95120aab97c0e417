'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { selfReportsSuite } = require('../../shared/self-reports-suite');

describe('what a service tells of itself on EmbeddedKafka', () =>
  selfReportsSuite(embeddedBroker()));
