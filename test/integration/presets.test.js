'use strict';

const { Kafka } = require('../../lib');
const { realBroker } = require('../shared/brokers');
const { easyflowSuite } = require('../shared/preset-easyflow');
const { eteliosSuite } = require('../shared/preset-etelios');
const { officeflowSuite } = require('../shared/preset-officeflow');
const { spmSuite } = require('../shared/preset-spm');
const { taskManagerSuite } = require('../shared/preset-task-manager');

// The first fetchOffsets() of a new cluster waits in vain for the coordinator; a consumer that joins does not.
beforeAll(async () => {
  const brokers = process.env.EASYFLOW_TEST_BOOTSTRAP.split(',');
  const consumer = new Kafka({ brokers }).consumer({ groupId: 'first' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'first' });
  await consumer.run({ eachMessage: async () => {} });
  await consumer.disconnect();
});

describe.each([
  ['Etelios', eteliosSuite],
  ['OfficeFlow', officeflowSuite],
  ['Task Manager', taskManagerSuite],
  ['SPM', spmSuite],
  ['EasyFlow', easyflowSuite],
])('%s on real Kafka', (_, suite) => suite(realBroker()));
