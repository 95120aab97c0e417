'use strict';

// node examples/easyflow/server.js: the API of EasyFlow. Tasks go out over Kafka, results and status updates come back.
//
//   curl -d '{"script":"data_processing.py","parameters":{"rows":[1,2,3]}}' -H 'content-type: application/json' localhost:3000/api/tasks
//   curl localhost:3000/api/tasks/task-…
//   curl localhost:3000/api/health/kafka

const { randomUUID } = require('node:crypto');
const { once } = require('node:events');
const express = require('express');
const { createHttpHandler } = require('easyflow-kafka/service');
const { run, ended } = require('../lib/program');
const { integer, COMMON_HELP } = require('../lib/flags');
const { openCluster } = require('../lib/cluster');
const { getKafkaService, TOPICS } = require('./kafkaService');
const { Tasks } = require('./tasks');

const usage = `node examples/easyflow/server.js [options]
  --port N                   default 3000; 0: any that is free
${COMMON_HELP}`;

/** The status of an answer: the caller's mistake, or Kafka's. */
const statusOf = (error) =>
  error.status ?? (error.errorCode === 'ERR_KAFKA_INVALID_EVENT' ? 400 : 503);

function api(service, tasks) {
  const app = express();
  app.use(createHttpHandler(service));
  app.use(express.json());

  app.post('/api/tasks', async (req, res) => {
    const { type = 'automation_run', script, parameters = {} } = req.body ?? {};
    const task = { taskId: `task-${randomUUID()}`, type, payload: { script, parameters } };
    await service.publishTask(task);
    tasks.created(task);
    res.status(202).location(`/api/tasks/${task.taskId}`).json(tasks.view(task.taskId));
  });

  app.get('/api/tasks/:taskId', (req, res) => {
    const task = tasks.view(req.params.taskId);
    if (task === null) res.status(404).json({ error: 'There is no such task' });
    else res.json(task);
  });

  // Express knows a handler of errors by its four parameters.
  app.use((error, req, res, _next) => {
    const { message, problems } = error;
    res.status(statusOf(error)).json({ error: message, ...(problems && { problems }) });
  });
  return app;
}

async function listen(app, port) {
  const server = app.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'easyflow-api', say, stop });
  const service = getKafkaService(cluster.serviceOptions);
  const tasks = new Tasks();
  let server;
  try {
    await cluster.ensureTopics(Object.values(TOPICS));
    // Each process that answers has to know every task: were there several, each would need groups of its own.
    const options = { fromBeginning: true }; // At its very first start too: no update may be missed.
    await service.subscribeToStatusUpdates((update) => tasks.updated(update), options);
    await service.subscribeToResults((result) => tasks.ended(result));
    server = await listen(api(service, tasks), flags.port);
    say(`Listening on http://127.0.0.1:${server.address().port}; Ctrl-C to end.`);
    await ended(signal);
  } finally {
    server?.close();
    server?.closeIdleConnections();
    await service.shutdown();
    cluster.close();
    server?.closeAllConnections();
  }
}

run({ usage, flags: { port: { ...integer(0, 65_535), default: 3_000 } }, main });
