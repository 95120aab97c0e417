'use strict';

// The short comparison that has to hold on every machine, because it is made of ratios within one run:
//
//   consume (eachBatch)                       at least 5 × kafkajs
//   produce (batches of 1,000, acks all)      at least 2 × the best of kafkajs and @confluentinc/kafka-javascript
//
//   node bench/compare.js [--rounds 3]
//
// confluent's addon takes minutes to build; where it is not there (node bench/setup.js builds it), the comparison is
// with kafkajs alone and says so. Ends with exit code 1 below a goal, after a second try.

const { parseArgs } = require('node:util');
const { setup } = require('./setup');
const { startCluster } = require('./lib/cluster');
const { SIDES, isReady } = require('./lib/sides');
const { WORKS } = require('./lib/works');
const { makeCase, caseTitle } = require('./lib/cases');
const { summarize } = require('./lib/summary');
const { caseTable } = require('./lib/table');
const { summarizeCase } = require('./lib/report');
const { runRounds } = require('./lib/rounds');
const { printFailure } = require('../scripts/lib/steps');

const GOALS = [
  { work: 'consume-batch', messages: 1_000_000, times: 5, than: ['kafkajs'] },
  { work: 'produce-batch', messages: 300_000, times: 2, than: ['kafkajs', 'confluent'] },
];
const ATTEMPTS = 2;

const log = (line) => process.stderr.write(`${line}\n`);
const print = (text) => process.stdout.write(`${text}\n`);

function judge({ times, than }, runs) {
  const ours = summarize(runs.easyflow);
  if (ours === null) return { met: false, text: 'easyflow-kafka failed' };
  const peers = than
    .filter((name) => runs[name])
    .map((name) => ({ name, summary: summarize(runs[name]) }))
    .filter(({ summary }) => summary !== null)
    .sort((a, b) => b.summary.rate.median - a.summary.rate.median);
  if (peers.length === 0) return { met: false, text: 'every peer failed' };
  const [best] = peers;
  const factor = ours.rate.median / best.summary.rate.median;
  const met = factor >= times;
  const text = `${factor.toFixed(1)} × ${SIDES[best.name].title}, at least ${times} wanted: ${met ? 'met' : 'NOT met'}`;
  return { met, text };
}

async function attempt(cluster, goal, rounds) {
  const sides = ['easyflow', ...goal.than.filter(isReady)];
  const one = makeCase(goal.work, {}, { sides, rounds, messages: goal.messages });
  const { [one.id]: runs } = await runRounds(cluster, [one], log);
  const titles = Object.fromEntries(sides.map((name) => [name, SIDES[name].title]));
  const verdict = judge(goal, runs);
  const table = caseTable(WORKS[goal.work].measure, titles, summarizeCase(one, runs));
  print(`\n${caseTitle(one)}\n\n${table}\n\n${verdict.text}`);
  return verdict.met;
}

async function holds(cluster, goal, rounds) {
  for (let left = ATTEMPTS; left > 0; left -= 1) {
    if (await attempt(cluster, goal, rounds)) return true;
    if (left > 1) log('\nBelow the goal: once more.');
  }
  return false;
}

async function main() {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    log(`Expected a positive integer for --rounds but received ${values.rounds}`);
    process.exitCode = 2;
    return;
  }
  if (!isReady('confluent')) {
    log(
      '@confluentinc/kafka-javascript is not built (node bench/setup.js): comparing with kafkajs only.',
    );
  }
  await setup(['c']);
  const cluster = await startCluster({ log });
  try {
    let met = true;
    for (const goal of GOALS) met = (await holds(cluster, goal, rounds)) && met;
    process.exitCode = met ? 0 : 1;
  } finally {
    await cluster.stop();
  }
}

main().catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
