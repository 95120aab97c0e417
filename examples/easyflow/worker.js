'use strict';

// node examples/easyflow/worker.js: takes tasks, publishes their results and status updates. It shares them with
// examples/python/easyflow/worker.py: both are members of the group easyflow-workers.

const { run, ended } = require('../lib/program');
const { COMMON_HELP } = require('../lib/flags');
const { openCluster } = require('../lib/cluster');
const { getKafkaService, TOPICS } = require('./kafkaService');

const WORKER = 'javascript';

const SCRIPTS = {
  'data_processing.py': ({ rows = [] }) => ({ rows: rows.length }),
};

/** When this resolves the brokers have all of it, and only then the task is done. */
async function work(service, { taskId, payload: { script, parameters = {} } }) {
  const update = (status, message) =>
    service.publishStatusUpdate({ entityId: taskId, entityType: 'task', status, message });

  await update('running', `${script} started by ${WORKER}`);
  if (Object.hasOwn(SCRIPTS, script)) {
    const result = { worker: WORKER, ...SCRIPTS[script](parameters) };
    await service.publishResult({ taskId, status: 'completed', result });
    await update('completed', 'Task completed successfully');
  } else {
    const error = `There is no script ${script}`;
    await service.publishResult({ taskId, status: 'failed', result: { worker: WORKER }, error });
    await update('failed', error);
  }
  process.stdout.write(`${taskId} done\n`);
}

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'easyflow-worker', say, stop });
  const service = getKafkaService(cluster.serviceOptions);
  try {
    await cluster.ensureTopics(Object.values(TOPICS));
    await service.subscribeToTasks((task) => work(service, task));
    say('Waiting for tasks; Ctrl-C to end.');
    await ended(signal);
  } finally {
    await service.shutdown(); // waits for the task in hand, commits, leaves the group
    cluster.close();
  }
  say('Ended; what was done is committed.');
}

run({ usage: `node examples/easyflow/worker.js [options]\n${COMMON_HELP}`, main });
