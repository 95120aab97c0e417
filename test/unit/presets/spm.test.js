'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { spmSuite } = require('../../shared/preset-spm');

describe('SPM on EmbeddedKafka', () => spmSuite(embeddedBroker()));
