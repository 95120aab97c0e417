'use strict';

// A worker of the Task Manager: takes new tasks, says on the topic of status messages how they ended. It only looks at the
// address: what a crawl finds is made up. Start as many as you like.

const { run, ended } = require('../lib/program');
const { COMMON_HELP } = require('../lib/flags');
const { openCluster } = require('../lib/cluster');
const {
  getKafkaService,
  TOPICS,
  taskCompletedMessage,
  taskErrorMessage,
} = require('../../lib/presets/task-manager');

const usage = `node examples/task-manager/worker.js [options]
${COMMON_HELP}`;

const GROUP = 'task-manager-workers';
const TASK_TYPE = 'web-crawl';

/** Addresses in the domain `invalid` are those that cannot be reached: RFC 6761. */
function crawl({ taskId, originalUrl }) {
  if (new URL(originalUrl).hostname.endsWith('.invalid')) {
    return taskErrorMessage({ taskId, error: new Error('Network timeout occurred') });
  }
  return taskCompletedMessage({ taskId, result: 'Found 5 products matching criteria' });
}

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'task-manager-worker', say, stop });
  const service = getKafkaService(cluster.serviceOptions);
  try {
    await cluster.ensureTopics([TOPICS.TASK_STATUS]);
    await service.subscribe(
      TOPICS.TASK_STATUS,
      GROUP,
      {
        'task.new': async ({ headers, message }) => {
          if (headers.taskType !== TASK_TYPE) return;
          await service.publishEvent(TOPICS.TASK_STATUS, crawl(message));
          process.stdout.write(`${message.taskId} crawled ${message.originalUrl}\n`);
        },
      },
      { fromBeginning: true },
    );
    say(`Waiting for tasks of ${TOPICS.TASK_STATUS}; Ctrl-C to end.`);
    await ended(signal);
  } finally {
    await service.shutdown();
    cluster.close();
  }
}

run({ usage, main });
