'use strict';

// Clients that nobody holds any more and nobody disconnected, left to the garbage collector. Ends by itself.

const { Kafka, logLevel } = require('../../../lib');
const { collect } = require('../support/process-state');

async function forget([brokers, topic]) {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: 'v' }] });
  const consumer = kafka.consumer({ groupId: `forgotten-${process.pid}` });
  await consumer.connect();
  await consumer.subscribe({ topic });
  const admin = kafka.admin();
  await admin.connect();
  kafka.producer(); // never connected
}

async function main(args) {
  for (let number = 0; number < 10; number++) {
    await forget(args);
    await collect();
  }
  // A client made afterwards works.
  const producer = new Kafka({ brokers: [args[0]], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic: args[1], messages: [{ value: 'v' }] });
  await producer.disconnect();
  process.stdout.write('done\n');
}

main(process.argv.slice(2));
