'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { officeflowSuite } = require('../../shared/preset-officeflow');

describe('OfficeFlow on EmbeddedKafka', () => officeflowSuite(embeddedBroker()));
