'use strict';

// The same work for easyflow-kafka, its peers and C, on one real broker, in turn.
//
//   npm run bench                                                everything
//   npm run bench -- consume --client easyflow,kafkajs           a part
//   npm run bench -- produce-batch --messages 1000000 --size 1000 --rounds 3

const path = require('node:path');
const { parseArgs } = require('node:util');
const paths = require('./lib/paths');
const { setup } = require('./setup');
const { startCluster } = require('./lib/cluster');
const { SIDES } = require('./lib/sides');
const { WORK, namesOf } = require('./lib/work');
const { workTable } = require('./lib/table');
const { runRounds } = require('./lib/rounds');
const { machine, makeReport, writeReport, printProperties } = require('./lib/report');
const { printFailure } = require('../scripts/lib/steps');

const log = (line) => process.stderr.write(`${line}\n`);

function count(values, name) {
  if (values[name] === undefined) return undefined;
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  throw new TypeError(`Expected a positive integer for --${name} but received ${values[name]}`);
}

function parse(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      client: { type: 'string', default: Object.keys(SIDES).join(',') },
      messages: { type: 'string' },
      size: { type: 'string', default: '200' },
      rounds: { type: 'string', default: '5' },
      partitions: { type: 'string', default: '4' },
      handler: { type: 'string', default: 'async' },
      json: { type: 'string' },
    },
  });
  const sides = values.client.split(',');
  const unknown = sides.find((name) => !Object.hasOwn(SIDES, name));
  if (unknown !== undefined) {
    const known = Object.keys(SIDES).join(', ');
    throw new TypeError(`Expected some of ${known} for --client but received ${unknown}`);
  }
  if (!['async', 'sync'].includes(values.handler)) {
    throw new TypeError(`Expected async or sync for --handler but received ${values.handler}`);
  }
  return {
    works: namesOf(positionals),
    sides,
    json: values.json,
    options: {
      messages: count(values, 'messages'),
      size: count(values, 'size'),
      rounds: count(values, 'rounds'),
      partitions: count(values, 'partitions'),
      handler: values.handler,
    },
  };
}

/** What setup.js has to build for these sides. C fills the topics, so it is always among them. */
function partsOf(sides) {
  return [...new Set(['npm', 'c', ...sides.map((name) => SIDES[name].part).filter(Boolean)])];
}

async function measure({ works, sides, options }) {
  const before = machine();
  const cluster = await startCluster({ log });
  const stop = () => cluster.stop();
  process.once('SIGINT', () => stop().then(() => process.exit(130)));
  try {
    const runs = {};
    for (const work of works) runs[work] = await runRounds(cluster, work, sides, options, log);
    return makeReport({ cluster, options, sides, runs, before });
  } finally {
    await stop();
  }
}

function print(report, sides) {
  const titles = Object.fromEntries(sides.map((name) => [name, SIDES[name].title]));
  for (const [work, bySide] of Object.entries(report.works)) {
    const runs = Object.fromEntries(
      Object.entries(bySide).map(([side, entry]) => [side, entry.runs]),
    );
    process.stdout.write(`\n${WORK[work].title}\n\n${workTable(titles, runs)}\n`);
  }
}

async function main() {
  let plan;
  try {
    plan = parse(process.argv.slice(2));
  } catch (error) {
    log(error.message);
    process.exitCode = 2;
    return;
  }
  try {
    await setup(partsOf(plan.sides));
    const report = await measure(plan);
    printProperties(log, report);
    print(report, plan.sides);
    const stamp = report.date.replace(/[:.]/g, '-');
    const file = plan.json ?? path.join(paths.results, `${stamp}.json`);
    writeReport(file, report);
    log(`\nAll samples: ${path.relative(process.cwd(), file)}`);
    const entries = Object.values(report.works).flatMap((bySide) => Object.values(bySide));
    if (entries.some(({ runs }) => runs.some((run) => run.failed))) process.exitCode = 1;
  } catch (error) {
    printFailure(error);
    process.exitCode = 1;
  }
}

main();
