'use strict';

// The workflow engine: a new employee gets an identity, then a message in Slack and an e-mail. It keeps nothing of a run
// that its messages do not say, so a message that comes twice asks for the same nodes again, by the same ids.

const { EventEmitter } = require('node:events');
const { CorrelationTracker } = require('easyflow-kafka/presets/officeflow');

const SERVICE = 'workflow-engine';

/** Nodes of the workflow: the request that each sends, and what follows its result. */
const NODES = {
  identity: {
    integration: 'identity.provision',
    payload: ({ employeeId, name, department }) => ({ employeeId, name, roles: [department] }),
    next: ['slack', 'email'],
  },
  slack: {
    integration: 'slack.message.send',
    payload: ({ name }) => ({ channel: '#general', text: `Welcome, ${name}!` }),
    next: [],
  },
  email: {
    integration: 'email.send',
    payload: ({ name, email }) => ({ to: email, subject: `Welcome, ${name}!`, body: '…' }),
    next: [],
  },
};

const tracker = CorrelationTracker.getInstance();
const isCompleted = ({ events }) => events.some(({ status }) => status === 'completed');

/** Emits 'completed' with the correlation id of a run when all its nodes have their results. */
class WorkflowEngine extends EventEmitter {
  #producer;
  #print;

  constructor({ consumer, producer, print }) {
    super();
    this.#producer = producer;
    this.#print = print;
    consumer.registerHandler('employee.onboard', (message, context) =>
      this.#onboard(message, context),
    );
    for (const [node, { integration }] of Object.entries(NODES)) {
      consumer.registerHandler(`${integration}.result`, (message, context) =>
        this.#result(node, message, context),
      );
    }
  }

  get topics() {
    const results = Object.values(NODES).map(({ integration }) => `${integration}.result`);
    return ['employee.onboard.*', ...results];
  }

  async #onboard({ payload }, context) {
    this.#print(context, SERVICE, `starts the workflow for ${payload.name}`);
    tracker.recordEvent(context.correlationId, SERVICE, 'start-workflow', 'started');
    await this.#execute('identity', payload, context);
  }

  /** A node is a child of the run's context; the id of both is the same, so a result finds it again. */
  async #execute(node, input, { correlationId, workflowRunId }) {
    const { integration, payload } = NODES[node];
    const nodeRunId = `${workflowRunId}.${node}`;
    tracker.createChildContext(correlationId, { correlationId: nodeRunId, nodeRunId });
    tracker.recordEvent(nodeRunId, SERVICE, node, 'started');
    await this.#producer.sendMessage(`${integration}.request`, {
      type: `${integration}.request`,
      payload: payload(input),
      metadata: { source: SERVICE, nodeRunId },
    });
  }

  async #result(node, { payload }, context) {
    const { correlationId, nodeRunId } = context;
    this.#print(context, SERVICE, `${node} is ${payload.status}`);
    tracker.recordEvent(nodeRunId, SERVICE, node, 'completed');
    for (const next of NODES[node].next) await this.#execute(next, payload, context);
    if (tracker.getTrace(correlationId).children.every(isCompleted)) {
      tracker.recordEvent(correlationId, SERVICE, 'start-workflow', 'completed');
      this.emit('completed', correlationId);
    }
  }
}

module.exports = { WorkflowEngine };
