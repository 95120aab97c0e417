'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { serviceSuite } = require('../../shared/service-suite');

describe('KafkaService on EmbeddedKafka', () => serviceSuite(embeddedBroker()));
