'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { eteliosSuite } = require('../../shared/preset-etelios');

describe('Etelios on EmbeddedKafka', () => eteliosSuite(embeddedBroker()));
