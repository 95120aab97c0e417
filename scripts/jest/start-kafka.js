'use strict';

const path = require('node:path');
const paths = require('../lib/paths');
const { startKafka } = require('../real-kafka');

/** One real broker for a whole suite; its address and the Python for interop are in the environment. */
module.exports = async function startSharedKafka() {
  const log = (line) => process.stderr.write(`${line}\n`);
  const kafka = await startKafka({ brokers: 1, log });
  globalThis.easyflowSharedKafka = kafka;
  process.env.EASYFLOW_TEST_BOOTSTRAP = kafka.bootstrapServers;
  process.env.EASYFLOW_TEST_PYTHON = path.join(paths.venv, 'bin', 'python');
};
