'use strict';

// Exactly once from topic to topic: results and the offsets of their tasks are committed in one transaction, so a task
// that is done twice has one result. Sends five tasks, does them, and ends.

const { randomUUID } = require('node:crypto');
const { run, ended } = require('./lib/program');
const { COMMON_HELP } = require('./lib/flags');
const { openCluster } = require('./lib/cluster');
const { TOPICS, task, result, toMessage } = require('./lib/messages');

const usage = `node examples/transactions.js [options]
${COMMON_HELP}`;
const GROUP = 'easyflow-transactions';
const TASKS = 5;

/** All results of a batch and its offset, or none of them. */
async function work(producer, { topic, partition, messages }) {
  const transaction = await producer.transaction();
  try {
    const results = messages.map(({ key }) => toMessage(key, result(String(key), 'done')));
    await transaction.send({ topic: TOPICS.results, messages: results });
    const offset = String(BigInt(messages.at(-1).offset) + 1n);
    await transaction.sendOffsets({
      consumerGroupId: GROUP,
      topics: [{ topic, partitions: [{ partition, offset }] }],
    });
    await transaction.commit();
  } catch (error) {
    await transaction.abort();
    throw error;
  }
}

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'easyflow-transactions', say, stop });
  const { kafka, consumerOptions } = cluster;
  const runId = randomUUID().slice(0, 8);
  const open = new Set(Array.from({ length: TASKS }, (_, at) => `task-${runId}-${at + 1}`));
  const source = kafka.producer();
  const producer = kafka.producer({
    transactionalId: `easyflow-transactions-${runId}`,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  const consumer = kafka.consumer({ groupId: GROUP, ...consumerOptions });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart) stop(error);
  });
  try {
    await Promise.all([source, producer, consumer].map((client) => client.connect()));
    await cluster.ensureTopics([TOPICS.tasks, TOPICS.results]);
    const messages = [...open].map((taskId) => toMessage(taskId, task(taskId)));
    await source.send({ topic: TOPICS.tasks, messages });
    await consumer.subscribe({ topic: TOPICS.tasks, fromBeginning: true });
    await consumer.run({
      autoCommit: false, // the transactions do it
      eachBatch: async ({ batch }) => {
        await work(producer, batch);
        for (const { key } of batch.messages) open.delete(String(key));
        process.stdout.write(
          `committed ${batch.messages.length} of partition ${batch.partition}\n`,
        );
        if (open.size === 0) stop();
      },
    });
    await ended(signal);
  } finally {
    await consumer.disconnect();
    await producer.disconnect();
    await source.disconnect();
    cluster.close();
  }
  process.stdout.write(`${TASKS - open.size} of ${TASKS} tasks have their result\n`);
}

run({ usage, main });
