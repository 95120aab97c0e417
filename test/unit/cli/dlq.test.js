'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { cliDlqSuite } = require('../../shared/cli-dlq-suite');

describe('dlq commands on EmbeddedKafka', () => cliDlqSuite(embeddedBroker()));
