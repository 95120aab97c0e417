'use strict';

// A worker whose tasks take their time. Ctrl-C or SIGTERM lets the task in hand finish, commits exactly what was done,
// and leaves the rest to the next worker: eachBatch with resolveOffset, heartbeat and isRunning.

const { setTimeout: delay } = require('node:timers/promises');
const { run, ended } = require('./lib/program');
const { integer, COMMON_HELP } = require('./lib/flags');
const { openCluster } = require('./lib/cluster');
const { TOPICS, result, toMessage } = require('./lib/messages');

const usage = `node examples/graceful-worker.js [options]
  --duration MS              of a task, default 200
${COMMON_HELP}`;

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'easyflow-worker', say, stop });
  const { kafka, consumerOptions } = cluster;
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: 'easyflow-worker', ...consumerOptions });
  signal.addEventListener('abort', () => consumer.stop().catch(stop));
  try {
    await Promise.all([producer.connect(), consumer.connect()]);
    await cluster.ensureTopics([TOPICS.tasks, TOPICS.results]);
    await consumer.subscribe({ topic: TOPICS.tasks, fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false, // else the whole batch counted as done when we leave early
      eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
        for (const { key, offset } of batch.messages) {
          if (!isRunning() || isStale()) break;
          const taskId = String(key);
          process.stdout.write(`${taskId} started\n`);
          await delay(flags.duration);
          const message = toMessage(taskId, result(taskId, { worker: process.pid }));
          await producer.send({ topic: TOPICS.results, messages: [message] });
          resolveOffset(offset); // only now: a worker that dies before leaves the task to the next one
          await heartbeat();
          process.stdout.write(`${taskId} done\n`);
        }
      },
    });
    say('Waiting for tasks; Ctrl-C to end.');
    await ended(signal);
  } finally {
    await consumer.disconnect();
    await producer.disconnect();
    cluster.close();
  }
  say('Ended; what was done is committed.');
}

run({ usage, flags: { duration: { ...integer(0), default: 200 } }, main });
