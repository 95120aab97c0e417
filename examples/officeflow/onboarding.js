'use strict';

// node examples/officeflow/onboarding.js: an employee joins an organization, and OfficeFlow's services do the rest. Slack is
// away at first: its message ends on the dead-letter topic, and DLQHandler brings it back.

const { randomUUID } = require('node:crypto');
const {
  TopicManager,
  OfficeFlowProducer,
  OfficeFlowConsumer,
  DLQHandler,
  CorrelationTracker,
} = require('easyflow-kafka/presets/officeflow');
const { run, ended } = require('../lib/program');
const { COMMON_HELP } = require('../lib/flags');
const { openCluster } = require('../lib/cluster');
const { WorkflowEngine } = require('./workflow-engine');
const { integrations, handlerOf } = require('./integrations');

const usage = `node examples/officeflow/onboarding.js [options]
  --name NAME                of the employee, default John Doe
  DEMO_ORG_ID                the organization, default demo-org-123
${COMMON_HELP}`;

const ORGANIZATION = process.env.DEMO_ORG_ID || 'demo-org-123';
const RETRY = { attempts: 3, initialDelayMs: 50 };
/** So that nobody has to wait for the end of the demonstration; a service has the default, a minute. */
const DLQ_DELAY_MS = 500;

const tracker = CorrelationTracker.getInstance();

const print = ({ correlationId, topic }, service, text) =>
  process.stdout.write(`${correlationId} ${topic} ${service}: ${text}\n`);

async function setUpTopics({ kafka }) {
  const topicManager = new TopicManager(kafka, { parameters: { org: ORGANIZATION } });
  await topicManager.connect();
  try {
    await topicManager.createAllTopics();
  } finally {
    await topicManager.disconnect();
  }
}

function consumerOf({ serviceOptions, consumerOptions }, groupId) {
  return new OfficeFlowConsumer(
    { ...serviceOptions, clientId: groupId },
    { groupId, policies: { retry: RETRY }, ...consumerOptions },
  );
}

function dlqHandlerOf({ kafka, consumerOptions }) {
  const dlqHandler = new DLQHandler(kafka, { delayMs: DLQ_DELAY_MS, consumer: consumerOptions });
  dlqHandler.on('retried', ({ topic, group, reason, from }) =>
    process.stdout.write(
      `dead letter of ${from.topic} (${reason}) back on ${topic} for ${group}\n`,
    ),
  );
  dlqHandler.on('quarantined', ({ topic, why, to }) =>
    process.stdout.write(`dead letter of ${topic} (${why}) is in ${to}\n`),
  );
  return dlqHandler;
}

/** The operation that begins with the message of the HRMS adapter. */
const newOperation = () =>
  tracker.createContext({
    organizationId: ORGANIZATION,
    employeeId: `emp-${randomUUID()}`,
    workflowRunId: `run-${randomUUID()}`,
  });

async function onboard(producer, operation, name) {
  const { employeeId } = operation;
  await tracker.run(operation, () =>
    producer.sendToOrganizationTopic('employee.onboard', ORGANIZATION, {
      type: 'employee.onboard',
      payload: { employeeId, name, department: 'Engineering' },
      metadata: { source: 'hrms-adapter', employeeId },
    }),
  );
}

/** What was recorded of the run, and below it of each of its nodes. */
function printTrail({ correlationId, workflowRunId }) {
  const printAll = ({ events, children }, indent) => {
    for (const { service, operation, status, durationMs } of events) {
      const took = durationMs === undefined ? '' : ` after ${durationMs} ms`;
      process.stdout.write(`${indent}${service} ${operation} ${status}${took}\n`);
    }
    for (const child of children) printAll(child, `${indent}  `);
  };
  process.stdout.write(`\nTrail of ${workflowRunId}:\n`);
  printAll(tracker.getTrace(correlationId), '  ');
}

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'officeflow', say, stop });
  const producer = new OfficeFlowProducer(cluster.serviceOptions);
  const dlqHandler = dlqHandlerOf(cluster);
  const consumers = [];
  const consume = async (consumer, topics) => {
    consumers.push(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics }); // a new group begins where the catalog says: at the first message
    await consumer.run();
  };
  try {
    await setUpTopics(cluster);
    await producer.connect();
    for (const each of integrations({ refusals: RETRY.attempts })) {
      const consumer = consumerOf(cluster, each.service);
      const request = `${each.integration}.request`;
      consumer.registerHandler(request, handlerOf(each, { producer, print }));
      await consume(consumer, [request]);
    }
    const consumer = consumerOf(cluster, 'workflow-engine');
    const engine = new WorkflowEngine({ consumer, producer, print });
    await consume(consumer, engine.topics);
    await dlqHandler.start();
    if (signal.aborted) return;
    const operation = newOperation();
    const isOver = new Promise((resolve) => {
      engine.on('completed', (id) => id === operation.correlationId && resolve());
    });
    await onboard(producer, operation, flags.name);
    await Promise.race([isOver, ended(signal)]);
    printTrail(operation);
  } finally {
    await Promise.all(consumers.map((consumer) => consumer.disconnect())); // handlers finish, offsets are committed
    await dlqHandler.stop();
    await producer.disconnect();
    cluster.close();
  }
}

run({ usage, flags: { name: { type: 'string', default: 'John Doe' } }, main });
