'use strict';

// The services that do what the workflow engine asks for. The systems behind them are made up.

const { CorrelationTracker } = require('easyflow-kafka/presets/officeflow');

const tracker = CorrelationTracker.getInstance();

/** @param {number} refusals how many calls Slack refuses before it is there again */
function integrations({ refusals }) {
  let refused = 0;
  return [
    {
      service: 'identity-service',
      integration: 'identity.provision',
      perform: ({ name }) => ({
        name,
        email: `${name.toLowerCase().replaceAll(' ', '.')}@example.com`,
      }),
    },
    {
      service: 'slack-service',
      integration: 'slack.message.send',
      perform: ({ channel }) => {
        if (refused < refusals) {
          refused += 1;
          throw new Error('Slack is away');
        }
        return { channel };
      },
    },
    { service: 'email-service', integration: 'email.send', perform: ({ to }) => ({ to }) },
  ];
}

/**
 * A handler of requests. What it sends while it runs belongs to the operation, employee, run and node of its message; what
 * it throws leaves the message to the consumer's retries.
 */
function handlerOf({ service, integration, perform }, { producer, print }) {
  return async ({ payload }, context) => {
    const { nodeRunId, attempt } = context;
    let result;
    try {
      result = perform(payload);
    } catch (error) {
      tracker.recordEvent(nodeRunId, service, integration, 'failed', { attempt });
      print(context, service, `attempt ${attempt} failed: ${error.message}`);
      throw error;
    }
    tracker.recordEvent(nodeRunId, service, integration, 'done');
    print(context, service, 'done');
    await producer.sendMessage(`${integration}.result`, {
      type: `${integration}.result`,
      payload: { status: 'completed', success: true, ...result },
      metadata: { source: service },
    });
  };
}

module.exports = { integrations, handlerOf };
