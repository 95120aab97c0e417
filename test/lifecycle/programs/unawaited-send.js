'use strict';

// The process may end by itself only after what was sent is acknowledged.

const { Kafka } = require('../../../lib');

async function main([brokers, topic]) {
  const producer = new Kafka({ brokers: [brokers] }).producer();
  await producer.connect();
  producer
    .send({ topic, messages: Array.from({ length: 1_000 }, (_, i) => ({ value: `${i}` })) })
    .then((results) => process.stdout.write(`acknowledged in ${results.length} partition(s)\n`));
}

main(process.argv.slice(2));
