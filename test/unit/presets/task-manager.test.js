'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { taskManagerSuite } = require('../../shared/preset-task-manager');

describe('Task Manager on EmbeddedKafka', () => taskManagerSuite(embeddedBroker()));
