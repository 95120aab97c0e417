'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { dlqSuite } = require('../../shared/dlq-suite');

describe('DLQHandler on EmbeddedKafka', () => dlqSuite(embeddedBroker()));
