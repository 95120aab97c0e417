'use strict';

// Terminates workers in every state while clients of the main thread go on. Prints a report and ends by itself.

const { Kafka, logLevel } = require('../../../lib');
const { workerIn } = require('../support/workers');
const { until } = require('../support/until');

const STATES = [
  'connecting',
  'joining',
  'sending',
  'consuming',
  'handling',
  'spinning',
  'disconnecting',
];
const ROUNDS = 3;
const AT_ONCE = 3;
const LONGEST_DELAY_MS = 40;

async function main([brokers, topic]) {
  const kafka = new Kafka({
    brokers: [brokers],
    logLevel: logLevel.NOTHING,
    librdkafka: { 'fetch.wait.max.ms': 10 },
  });
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: `main-${process.pid}` });
  const own = `${topic}-main`;
  await producer.connect();
  await producer.send({ topic: own, messages: [{ value: '0' }] });
  await consumer.connect();
  await consumer.subscribe({ topic: own, fromBeginning: true });
  let received = 0;
  await consumer.run({ eachMessage: async () => received++ });

  let sent = 1;
  let terminated = 0;
  const todo = Array.from({ length: ROUNDS }, () => STATES).flat();
  const oneAfterTheOther = async () => {
    for (let state = todo.pop(); state; state = todo.pop()) {
      const { worker } = await workerIn(state, { brokers, topic });
      // Any moment after the state was reached: the delay is what is varied, nothing waits for it.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_DELAY_MS));
      await worker.terminate();
      terminated += 1;
      await producer.send({ topic: own, messages: [{ value: `${sent}` }] });
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, oneAfterTheOther));
  await until(() => received === sent, 'what the main thread has sent');
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  process.stdout.write(`${JSON.stringify({ terminated, sent, received })}\n`);
}

main(process.argv.slice(2));
