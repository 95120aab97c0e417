'use strict';

const { realBroker } = require('../shared/brokers');
const { cliDlqSuite } = require('../shared/cli-dlq-suite');

describe('dlq commands on real Kafka', () => cliDlqSuite(realBroker()));
