'use strict';

// Makes, connects, uses and disconnects clients until the memory of the process stays; prints how it grew.

const { Kafka, logLevel } = require('../../../lib');
const { threadCount, descriptorCount } = require('../support/process-state');
const { growth } = require('../support/growth');

const ROUNDS = 80;
const QUIET_MB = 4; // 50 KiB a client

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
  const idleDescriptors = descriptorCount();
  const grown = await growth((number) => round(number, args), {
    rounds: ROUNDS,
    threads: idleThreads,
    quietMb: QUIET_MB,
  });
  process.stdout.write(
    `${JSON.stringify({ idleThreads, idleDescriptors, quietMb: QUIET_MB, ...grown })}\n`,
  );
}

main(process.argv.slice(2));
