'use strict';

// Workers that end by themselves in one way or another; the main thread has a client and then ends by itself too.

const { Kafka, logLevel } = require('../../../lib');
const { workerIn } = require('../support/workers');

async function main([brokers, topic]) {
  const producer = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  const report = {};
  for (const state of ['complete', 'exiting', 'throwing']) {
    const { exited, failure } = await workerIn(state, { brokers, topic });
    report[state] = { code: await exited, error: failure()?.message };
  }
  await producer.send({ topic, messages: [{ value: 'the main thread works' }] });
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

main(process.argv.slice(2));
