'use strict';

// npm run test-task-updates: the life of two tasks on the topic of status messages, one completed, one failed. Every message is
// sent twice, as a sender does that did not hear of its success: the Task Manager's rows change once for each.

const { randomUUID } = require('node:crypto');
const { run } = require('../lib/program');
const { integer, COMMON_HELP } = require('../lib/flags');
const { openCluster } = require('../lib/cluster');
const {
  getKafkaService,
  TOPICS,
  newTaskMessage,
  taskCompletedMessage,
  taskErrorMessage,
} = require('../../lib/presets/task-manager');

const usage = `npm run test-task-updates -- [options]
  --pairs N                  of tasks, default 1
${COMMON_HELP}`;

/** No worker takes these. */
const HEADERS = { taskType: 'test' };

function startedMessage(taskId) {
  const timestamp = new Date().toISOString();
  return { headers: { ...HEADERS, taskId, timestamp }, message: { taskId, status: 'started' } };
}

function lifeOf(taskId, end) {
  const task = {
    taskId,
    userEmail: 'test@example.com',
    userQuery: 'Test query',
    originalUrl: 'https://example.com',
  };
  return [newTaskMessage(task, HEADERS), startedMessage(taskId), end];
}

async function main({ flags, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'test-publisher', say, stop });
  const service = getKafkaService(cluster.serviceOptions);
  async function publish(messages) {
    for (const message of messages) {
      for (let time = 0; time < 2; time += 1) {
        await service.publishEvent(TOPICS.TASK_STATUS, message);
      }
      process.stdout.write(`${message.message.taskId} ${message.message.status}\n`);
    }
  }
  try {
    await cluster.ensureTopics([TOPICS.TASK_STATUS]);
    for (let pair = 0; pair < flags.pairs; pair += 1) {
      const [good, bad] = [randomUUID(), randomUUID()];
      const result = 'Found 5 products matching criteria';
      await publish(lifeOf(good, taskCompletedMessage({ taskId: good, result }, HEADERS)));
      const error = new Error('Network timeout occurred');
      await publish(lifeOf(bad, taskErrorMessage({ taskId: bad, error }, HEADERS)));
    }
  } finally {
    await service.shutdown();
    cluster.close();
  }
}

run({ usage, flags: { pairs: { ...integer(1), default: 1 } }, main });
