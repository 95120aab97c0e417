'use strict';

// Consumes, transforms and produces in transactions until it is killed or has seen the whole input. What it is told:
// { bootstrap, input, output, groupId, transactionalId, total } as JSON in the first argument; `hang`: { transaction, behind }
// to hang in the transaction of that number behind its step "send" or "sendOffsets". Writes "committed" for each
// transaction, and "hangs".

const { Kafka, logLevel } = require('../../../lib');

const { bootstrap, input, output, groupId, transactionalId, total, hang } = JSON.parse(
  process.argv[2],
);

async function main() {
  const kafka = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.ERROR });
  const producer = kafka.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true });
  const consumer = kafka.consumer({
    groupId,
    readUncommitted: false,
    sessionTimeout: 6_000,
    maxBatchMessages: 500,
    maxWaitTimeInMs: 50,
  });
  await producer.connect();
  // Takes the transactional id over: what a killed run left open holds back the group's offsets until its timeout.
  await (await producer.transaction()).abort();
  await consumer.connect();
  await consumer.subscribe({ topics: [input], fromBeginning: true });
  let begun = 0;
  const hangBehind = (step) => {
    if (hang?.transaction !== begun || hang.behind !== step) return undefined;
    process.stdout.write('hangs\n');
    return new Promise(() => {});
  };
  const next = new Map();
  let finished;
  const done = new Promise((resolve) => {
    finished = resolve;
  });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const transaction = await producer.transaction();
      begun += 1;
      await transaction.send({
        topic: output,
        messages: batch.messages.map(({ key, value }) => ({
          key,
          value: String(Number(value.toString()) * 2),
        })),
      });
      await hangBehind('send');
      const offset = String(Number(batch.lastOffset()) + 1);
      await transaction.sendOffsets({
        consumer,
        topics: [{ topic: input, partitions: [{ partition: batch.partition, offset }] }],
      });
      await hangBehind('sendOffsets');
      await transaction.commit();
      process.stdout.write('committed\n');
      next.set(batch.partition, Number(offset));
      const lag = [...next.values()].reduce((sum, at) => sum + at, 0);
      if (lag === total) finished();
    },
  });
  // A program that was started again knows only its own partitions' progress: the group's tells the rest.
  const committed = await consumer.committed(undefined, 30_000);
  for (const { partition, offset } of committed) {
    if (!next.has(partition) && offset !== null) next.set(partition, Number(offset));
  }
  if ([...next.values()].reduce((sum, at) => sum + at, 0) === total) finished();
  await done;
  await consumer.disconnect();
  await producer.disconnect();
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
