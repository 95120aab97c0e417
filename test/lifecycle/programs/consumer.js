'use strict';

// Consumes one message, says so, then does what the mode says. Never disconnects.

const { Kafka } = require('../../../lib');

const MODES = {
  stay() {},
  exit() {
    process.exit(7);
  },
  'exit-later'() {
    setImmediate(() => process.exit(8));
  },
  uncaught() {
    setImmediate(() => {
      throw new Error('not caught');
    });
  },
  rejection() {
    Promise.reject(new Error('not handled'));
  },
  abort() {
    process.abort();
  },
};

async function main([brokers, topic, mode]) {
  const kafka = new Kafka({ brokers: [brokers], librdkafka: { 'fetch.wait.max.ms': 10 } });
  const consumer = kafka.consumer({ groupId: `g-${process.pid}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let said = false;
  await consumer.run({
    eachMessage: async () => {
      if (!said) process.stdout.write('consuming\n');
      said = true;
      MODES[mode]();
    },
  });
}

main(process.argv.slice(2));
