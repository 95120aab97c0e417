'use strict';

// npm run test-kafka: whether the cluster of the Task Manager's variables answers, and which topics it has.

const { Kafka, logLevel } = require('../..');
const { getKafkaConfig } = require('../../lib/presets/task-manager');
const { run } = require('../lib/program');

const usage = `npm run test-kafka
  KAFKA_BROKERS and the other variables of the Task Manager say which cluster; else localhost:9092
  --help`;

function settings() {
  try {
    return getKafkaConfig({ clientId: 'test-client' }).kafka;
  } catch (error) {
    throw Object.assign(error, { exitCode: 2 });
  }
}

async function main({ signal, say }) {
  // Somebody waits in front of it: one more try is enough.
  const options = { logLevel: logLevel.NOTHING, ...settings(), retry: { retries: 1 } };
  const admin = new Kafka(options).admin();
  const disconnect = () => admin.disconnect();
  signal.addEventListener('abort', disconnect, { once: true });
  try {
    await admin.connect();
    process.stdout.write(`Available topics: ${(await admin.listTopics()).sort().join(', ')}\n`);
  } catch (error) {
    if (!signal.aborted) say('What is wrong step by step: npx easyflow-kafka doctor');
    throw error;
  } finally {
    signal.removeEventListener('abort', disconnect);
    await admin.disconnect();
  }
}

run({ usage, main });
