'use strict';

// The same work for easyflow-kafka, its peers and C, on one real broker, in turn. `npm run bench -- --help` says how.

const path = require('node:path');
const paths = require('./lib/paths');
const { setup } = require('./setup');
const { startCluster } = require('./lib/cluster');
const { SIDES } = require('./lib/sides');
const { WORKS } = require('./lib/works');
const { jobsOf, caseTitle } = require('./lib/cases');
const { caseTable } = require('./lib/table');
const { runRounds } = require('./lib/rounds');
const { runCheck } = require('./lib/run-check');
const { Clock } = require('./lib/estimate');
const { machine, makeReport, writeJson, printProperties } = require('./lib/report');
const { readStore } = require('./lib/docs/store');
const { updateDocs, writePages } = require('./lib/docs/write');
const { parseCommandLine, HELP } = require('./lib/command-line');
const { printFailure } = require('../scripts/lib/steps');

const TITLES = Object.fromEntries(Object.entries(SIDES).map(([name, { title }]) => [name, title]));

const log = (line) => process.stderr.write(`${line}\n`);
const print = (text) => process.stdout.write(`${text}\n`);

/** What setup.js has to build for these sides. C fills the topics, so it is always among them. */
const partsOf = (sides) => [
  ...new Set(['npm', 'c', ...sides.map((name) => SIDES[name].part).filter(Boolean)]),
];

async function withCluster(use) {
  const cluster = await startCluster({ log });
  process.once('SIGINT', () => cluster.stop().then(() => process.exit(130)));
  try {
    return await use(cluster);
  } finally {
    await cluster.stop();
  }
}

function printCases(cases) {
  for (const one of cases) {
    const sides = [...one.sides, ...Object.keys(one.lacks).map((side) => `(${side})`)].join(' ');
    print(`${one.id.padEnd(36)} ${String(one.messages).padStart(9)} × ${one.rounds}  ${sides}`);
  }
  print(`\n${cases.length} cases, about ${new Clock(cases).total}`);
}

function printTables(report, cases) {
  for (const one of cases) {
    const { measure } = WORKS[one.work];
    print(`\n${caseTitle(one)}\n\n${caseTable(measure, TITLES, report.cases[one.id])}`);
  }
}

const failedRuns = (samples) =>
  Object.values(samples).flatMap((bySide) =>
    Object.values(bySide).flatMap((runs) => runs.filter(({ failed }) => failed)),
  );

/** Measures job after job; `onJob` gets a report of each, so that a run that ends early leaves what it had. */
async function measure({ cases, command }, onJob) {
  const before = machine();
  const clock = new Clock(cases);
  log(`${cases.length} cases, about ${clock.total}`);
  return withCluster(async (cluster) => {
    const circumstances = { command, kafka: cluster.version, machine: before };
    const measured = [];
    for (const job of jobsOf(cases)) {
      const runs = await runRounds(cluster, job, log);
      for (const one of job) {
        measured.push([one, runs[one.id]]);
        clock.finished(one);
      }
      log(`  about ${clock.left} left`);
      onJob(makeReport({ ...circumstances, measured }));
    }
    return makeReport({ ...circumstances, measured });
  });
}

async function measureAndReport(plan) {
  await setup(partsOf(plan.cases.flatMap(({ sides }) => sides)));
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const file = plan.json ?? path.join(paths.results, `${stamp}.json`);
  const report = await measure(plan, (soFar) => writeJson(file, soFar));
  printProperties(log, report);
  printTables(report, plan.cases);
  log(`\nAll samples: ${path.relative(process.cwd(), file)}`);
  if (plan.writeDocs) {
    updateDocs(report);
    log('Updated docs/benchmarks.json, docs/benchmarks.md and README.md');
  }
  if (failedRuns(report.samples).length > 0) process.exitCode = 1;
}

async function check({ isShort, against, json }) {
  await setup(['c']);
  const { cases: committed } = readStore(against);
  const result = await withCluster((cluster) => runCheck(cluster, { isShort, committed, log }));
  if (json) writeJson(json, result);
  if (result.failed > 0) process.exitCode = 1;
}

const MODES = {
  measure: measureAndReport,
  check,
  pages: () => writePages(readStore()),
  list: ({ cases }) => printCases(cases),
  help: () => print(HELP),
};

async function main() {
  let plan;
  try {
    plan = parseCommandLine(process.argv.slice(2));
  } catch (error) {
    log(error.message);
    process.exitCode = 2;
    return;
  }
  try {
    await MODES[plan.mode](plan);
  } catch (error) {
    printFailure(error);
    process.exitCode = 1;
  }
}

main();
