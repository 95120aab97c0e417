'use strict';

// The limit: bench/native on the librdkafka that our addon is linked with, with the properties that our client sets.

const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { cProgram } = require('../lib/paths');
const { ourProperties } = require('../lib/our-properties');
const { printResult } = require('../lib/result-line');

const PROGRAM_WORK = {
  'consume-batch': 'consume',
  'consume-message': 'consume',
  'produce-batch': 'produce',
  'produce-single': 'produce',
  latency: 'latency',
  start: 'start',
  transactions: 'transactions',
  idle: 'idle',
};

/** Our arguments by the names of the program's options. */
const OPTIONS = {
  topic: 'topic',
  outTopic: 'out-topic',
  messages: 'messages',
  lead: 'lead',
  size: 'size',
  batch: 'batch',
  inFlight: 'in-flight',
  rate: 'rate',
  headers: 'headers',
  handlerUs: 'handler-us',
  perTransaction: 'per-transaction',
  consumers: 'consumers',
  timeoutMs: 'timeout-ms',
};

function programArguments(args) {
  const { producer, consumer } = ourProperties(args);
  const given = Object.keys(OPTIONS).filter((name) => args[name] !== undefined);
  return [
    PROGRAM_WORK[args.work],
    ...given.flatMap((name) => [`--${OPTIONS[name]}`, String(args[name])]),
    ...producer.flatMap(([name, value]) => ['--producer', `${name}=${value}`]),
    ...consumer.flatMap(([name, value]) => ['--consumer', `${name}=${value}`]),
  ];
}

async function main() {
  const args = JSON.parse(process.argv[2]);
  const { stdout } = await promisify(execFile)(cProgram, programArguments(args), {
    timeout: args.timeoutMs + 10_000,
  });
  printResult(JSON.parse(stdout));
}

module.exports = { programArguments };

if (require.main === module) {
  main().catch((error) => {
    process.stderr.write(`${error.stderr || error.stack}\n`);
    process.exit(1);
  });
}
