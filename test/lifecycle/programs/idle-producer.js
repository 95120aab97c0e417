'use strict';

// Connects, sends, and is done without disconnect().

const { Kafka } = require('../../../lib');

async function main([brokers, topic]) {
  const producer = new Kafka({ brokers: [brokers] }).producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: 'v' }] });
  process.stdout.write('sent\n');
}

main(process.argv.slice(2));
