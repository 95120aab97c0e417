'use strict';

// The event loop's p99 delay stays under 20 ms while a consumer runs flat out with a handler that does nothing but
// touch its value. Ends with exit code 1 when it does not, after a second try.
//
//   node bench/loop-delay.js [--messages 2000000]

const { parseArgs } = require('node:util');
const { setup } = require('./setup');
const { startCluster } = require('./lib/cluster');
const { makeCase, caseTitle } = require('./lib/cases');
const { runRounds } = require('./lib/rounds');
const { printFailure } = require('../scripts/lib/steps');

const LIMIT_MS = 20;
const ATTEMPTS = 2;
const CASES = [
  ['consume-batch', {}],
  ['consume-message', {}],
  ['consume-message', { handler: 'sync' }],
];

const log = (line) => process.stderr.write(`${line}\n`);

async function stays(cluster, [work, params], messages) {
  const one = makeCase(work, params, { messages, rounds: 1, sides: ['easyflow'] });
  for (let left = ATTEMPTS; left > 0; left -= 1) {
    const runs = await runRounds(cluster, [one], log);
    const [run] = runs[one.id].easyflow;
    if (run.failed) throw new Error(run.failed);
    const { p50, p99, max } = run.loopDelay;
    const met = p99 < LIMIT_MS;
    process.stdout.write(
      `${caseTitle(one)}: event loop p50 ${p50} ms, p99 ${p99} ms, max ${max} ms ` +
        `(p99 under ${LIMIT_MS} ms wanted: ${met ? 'met' : 'NOT met'})\n`,
    );
    if (met) return true;
  }
  return false;
}

async function main() {
  const { values } = parseArgs({ options: { messages: { type: 'string', default: '2000000' } } });
  await setup(['c']);
  const cluster = await startCluster({ log });
  try {
    let met = true;
    for (const one of CASES) met = (await stays(cluster, one, Number(values.messages))) && met;
    process.exitCode = met ? 0 : 1;
  } finally {
    await cluster.stop();
  }
}

main().catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
