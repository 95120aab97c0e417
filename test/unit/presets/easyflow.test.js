'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { easyflowSuite } = require('../../shared/preset-easyflow');

describe('EasyFlow on EmbeddedKafka', () => easyflowSuite(embeddedBroker()));
