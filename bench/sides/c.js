'use strict';

// The limit: bench/native on the librdkafka that our addon is linked with, with the properties that our client sets.

const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { cProgram } = require('../lib/paths');
const { ourProperties } = require('../lib/our-properties');
const { printResult } = require('../lib/side');

const WORK = {
  'consume-batch': 'consume',
  'consume-message': 'consume',
  'produce-batch': 'produce',
  'produce-single': 'produce',
  latency: 'latency',
};

function programArguments(args) {
  const { producer, consumer } = ourProperties(args);
  const numbers = {
    messages: args.messages,
    lead: args.lead,
    size: args.size,
    batch: args.batch,
    'in-flight': args.inFlight,
    rate: args.rate,
    'timeout-ms': args.timeoutMs,
  };
  const given = Object.entries(numbers).filter(([, value]) => value !== undefined);
  return [
    WORK[args.work],
    ...['--topic', args.topic],
    ...given.flatMap(([name, value]) => [`--${name}`, String(value)]),
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
