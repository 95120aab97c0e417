'use strict';

// node examples/etelios/services.js: a user registers and logs in; the notification and the analytics service hear of it. Three
// services of Etelios in one process, which have one connection as the document's shared library has.

const { CorrelationTracker } = require('easyflow-kafka/service');
const { getKafkaService } = require('easyflow-kafka/presets/etelios');
const { run, ended } = require('../lib/program');
const { COMMON_HELP } = require('../lib/flags');
const { openCluster } = require('../lib/cluster');
const { setUpTopics } = require('../lib/topics');
const { register, login } = require('./auth-service');
const { startUserEventConsumers } = require('./notification-service');
const { startAnalyticsConsumers } = require('./analytics-service');

const usage = `node examples/etelios/services.js [options]
${COMMON_HELP}`;

const USER = { email: 'jane.doe@example.com', role: 'admin', name: 'Jane Doe' };

/** What the services do about a user who registers and logs in. */
const EXPECTED = [
  `notification-service: sent the welcome to ${USER.email}`,
  'notification-service: saw USER_LOGIN',
  'analytics-service: recorded USER_CREATED',
  'analytics-service: recorded EMAIL_SENT',
  'analytics-service: recorded USER_LOGIN',
  'analytics-service: passed over USER_LOGIN, which came again',
];

/** Prints what the services do, and knows when all of it was done in one operation. */
class Journal {
  #missing = new Set(EXPECTED);

  constructor({ correlationId }) {
    this.isComplete = new Promise((resolve) => {
      this.note = (service, metadata, deed) => {
        const line = `${service}: ${deed}`;
        process.stdout.write(`${metadata.correlationId} ${metadata.topic} ${line}\n`);
        // On a cluster there may be events of other users.
        if (metadata.correlationId === correlationId) this.#missing.delete(line);
        if (this.#missing.size === 0) resolve();
      };
    });
  }
}

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'etelios', say, stop });
  const options = cluster.serviceOptions;
  const kafka = getKafkaService(options);
  const tracker = CorrelationTracker.getInstance();
  const operation = tracker.createContext();
  const journal = new Journal(operation);
  try {
    await setUpTopics(cluster.kafka, 'etelios', ['notification-service', 'analytics-service']);
    await startUserEventConsumers(journal, options);
    await startAnalyticsConsumers(journal, options);
    if (signal.aborted) return;
    await tracker.run(operation, async () => {
      const user = await register(USER, options);
      await login(user, options);
    });
    await Promise.race([journal.isComplete, ended(signal)]);
    const { connected, producer, consumers, brokers } = await kafka.healthCheck();
    process.stdout.write(`${JSON.stringify({ connected, producer, consumers, brokers })}\n`);
  } finally {
    await kafka.shutdown(); // handlers finish, what was handled is committed
    cluster.close();
  }
}

run({ usage, main });
