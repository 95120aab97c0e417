'use strict';

// npm run chaos:workers: a real Kafka and a real PostgreSQL of its own, tasks, and workers that are killed.

const { parseArgs } = require('node:util');
const { startPostgres } = require('../../scripts/postgres');
const { startKafka } = require('../../scripts/real-kafka');
const { killWorkers } = require('./worker-kills');

const USAGE = `npm run chaos:workers -- [options]
  --tasks N         10,000
  --kills N         by SIGKILL, at random moments: 20
  --seed N          of the random numbers: 1
  --workers N       processes at a time: 3
  --no-idempotency  to see what it absorbs; exit code 1 then
`;

function parse(args) {
  const { values } = parseArgs({
    args,
    options: {
      tasks: { type: 'string', default: '10000' },
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '3' },
      'no-idempotency': { type: 'boolean', default: false },
    },
  });
  const number = (name, min) => {
    const value = /^\d{1,9}$/.test(values[name]) ? Number(values[name]) : NaN;
    if (value >= min) return value;
    throw new TypeError(
      `Expected a whole number from ${min} for --${name} but received '${values[name]}'`,
    );
  };
  return {
    tasks: number('tasks', 1),
    kills: number('kills', 0),
    seed: number('seed', 0),
    workers: number('workers', 1),
    idempotency: !values['no-idempotency'],
  };
}

function summary({ tasks, seed, workers }, result) {
  const { once, lost, moreThanOnce, kills, killsAmidTask, begunAgain, duplicates } = result;
  const seconds = Math.round(result.elapsedMs / 1_000);
  return (
    `${tasks} tasks, ${workers} workers, ${kills} SIGKILLs (${killsAmidTask} amid a task), seed ${seed}, ${seconds} s: ` +
    `${once} done once, ${lost} lost, ${moreThanOnce} done more than once; ` +
    `${duplicates} duplicates passed over, ${begunAgain} tasks begun again\n`
  );
}

async function run(options) {
  const log = (line) => process.stderr.write(`${line}\n`);
  const postgres = await startPostgres();
  let kafka;
  try {
    kafka = await startKafka({ brokers: 1, log });
    const result = await killWorkers({
      ...options,
      bootstrap: kafka.bootstrapServers,
      connectionString: postgres.connectionString,
      log,
    });
    process.stdout.write(summary(options, result));
    process.exitCode = result.once === options.tasks ? 0 : 1;
  } finally {
    await kafka?.stop();
    await postgres.stop();
  }
}

let options;
try {
  options = parse(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
if (options !== undefined) {
  run(options).catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  });
}
