'use strict';

// The Task Manager: a web crawl request becomes a task, and a task's row in PostgreSQL follows the topic of status messages,
// each message exactly once, however often it is delivered. Then: worker.js, npm run publish-new-task.

const { createHash } = require('node:crypto');
const { run, ended } = require('../lib/program');
const { COMMON_HELP } = require('../lib/flags');
const { openCluster } = require('../lib/cluster');
const { openDatabase, inTransaction } = require('../lib/database');
const { PostgresIdempotencyStore } = require('../../lib/service');
const { getKafkaService, TOPICS, newTaskMessage } = require('../../lib/presets/task-manager');
const tasks = require('./tasks');

const usage = `node examples/task-manager/service.js [options]
  DATABASE_URL               a PostgreSQL; without one the program starts its own, which ends with it
${COMMON_HELP}`;

/** How long a task of a service that was killed waits for the next one. */
const LEASE_MS = 5_000;

/** The same message is the same task, also when it comes again. */
function taskIdOf({ topic, partition, offset }) {
  const hex = createHash('sha256').update(`${topic}/${partition}/${offset}`).digest('hex');
  return [
    ...[hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`],
    hex.slice(20, 32),
  ].join('-');
}

async function subscribe(service, pool) {
  const { groupId } = service.configuration; // KAFKA_GROUP_ID, else task-manager-group
  const store = new PostgresIdempotencyStore({ pool, scope: groupId });
  const print = ({ taskId, status, result, error }) =>
    process.stdout.write(`${taskId} ${[status, result ?? error].filter(Boolean).join(': ')}\n`);

  /** The row and the word that the message was handled: both, or neither. */
  const setStatus =
    (change) =>
    async ({ message }, { complete }) => {
      const changed = await inTransaction(pool, async (client) => {
        const result = await change(client, message);
        await complete({ client });
        return result;
      });
      if (changed) print(message);
    };

  await service.subscribe(
    [TOPICS.WEB_CRAWL_REQUEST, TOPICS.TASK_STATUS],
    groupId,
    {
      'web-crawl.request': async (event, metadata) => {
        const { userEmail, userQuery, originalUrl } = event.message ?? event; // or a bare body
        const timestamp = new Date(Number(metadata.timestamp)).toISOString();
        const taskId = taskIdOf(metadata);
        const task = { taskId, userEmail, userQuery, originalUrl, receivedAt: timestamp };
        // Killed before its offset is committed, it publishes this again: the same message with the same id.
        await service.publishEvent(TOPICS.TASK_STATUS, newTaskMessage(task, { timestamp }));
      },
      'task.new': setStatus(tasks.insert),
      'task.completed': setStatus(tasks.update),
      'task.error': setStatus(tasks.update),
      'task.status': setStatus(tasks.update),
    },
    { fromBeginning: true, idempotency: { store, leaseMs: LEASE_MS } },
  );
}

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'task-manager', say, stop });
  let database;
  let service;
  try {
    database = await openDatabase(say);
    await inTransaction(database.pool, tasks.createTable);
    await cluster.ensureTopics(Object.values(TOPICS));
    service = getKafkaService(cluster.serviceOptions);
    await subscribe(service, database.pool);
    say(`The Task Manager follows ${Object.values(TOPICS).join(' and ')}; Ctrl-C to end.`);
    await ended(signal);
  } finally {
    await service?.shutdown(); // handlers finish, what was handled is committed
    await database?.close();
    cluster.close();
  }
}

run({ usage, main });
