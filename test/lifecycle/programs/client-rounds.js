'use strict';

// Makes, connects, uses and disconnects clients; prints threads, descriptors and memory after some rounds.

const { Kafka, logLevel } = require('../../../lib');
const { until } = require('../support/until');
const { threadCount, descriptorCount, rssMb, collect } = require('../support/process-state');

const ROUNDS = 200;
const WARM_UP = 80;

async function state(threads) {
  await until(() => threadCount() <= threads, `${threads} threads, there are ${threadCount()}`);
  await collect();
  return { threads: threadCount(), descriptors: descriptorCount(), rssMb: rssMb() };
}

async function round(number, [brokers, topic]) {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  if (number % 4 === 0) {
    const consumer = kafka.consumer({ groupId: `rounds-${process.pid}` });
    await consumer.connect();
    await consumer.disconnect();
  } else if (number % 4 === 1) {
    const admin = kafka.admin();
    await admin.connect();
    await admin.disconnect();
  } else {
    // Most without a producer id: the first one takes half a second to get.
    const producer = kafka.producer({ idempotent: number % 20 === 2 });
    await producer.connect();
    await producer.send({ topic, messages: [{ key: 'k', value: Buffer.alloc(10_000) }] });
    await producer.disconnect();
  }
}

async function main(args) {
  const kafka = new Kafka({ brokers: [args[0]], logLevel: logLevel.NOTHING });
  const first = kafka.producer(); // brings the poller's thread, which stays
  await first.connect();
  await first.disconnect();
  const idleThreads = threadCount();
  let before;
  for (let number = 0; number < ROUNDS; number++) {
    await round(number, args);
    if (number === WARM_UP - 1) before = await state(idleThreads);
  }
  const after = await state(idleThreads);
  process.stdout.write(`${JSON.stringify({ idleThreads, before, after })}\n`);
}

main(process.argv.slice(2));
