'use strict';

// npm run chaos: three real brokers behind proxies, traffic, and one thing after the other broken: docs/reliability.md.

const { startCluster } = require('./cluster');
const { USAGE, parseArguments } = require('./arguments');
const { scenarios } = require('./scenarios');
const { seededRandom } = require('./random');
const { formatTable, summarize } = require('./table');
const { runTrial } = require('./trial');

/** A scenario that has begun takes less. */
const LAST_TRIAL_MS = 600_000;

const names = scenarios.map(({ name }) => name);
const log = (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

/** A shuffled copy. */
function shuffled(items, random) {
  const rest = [...items];
  const result = [];
  while (rest.length > 0) result.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return result;
}

/** Each scenario once, in turns, while there is time. */
async function runTrials(cluster, { minutes, seed, chosen, recoveryLimitMs }, trials) {
  const random = seededRandom(seed);
  const endAt = Date.now() + minutes * 60_000;
  for (let turn = 1; ; turn += 1) {
    for (const scenario of shuffled(chosen, random)) {
      // Its numbers are its own: the same ones however many others were chosen.
      const own = seededRandom(seed * 1_000 + turn * 100 + names.indexOf(scenario));
      if (Date.now() >= endAt) return;
      const name = `chaos-${scenario}-${turn}`;
      log(`${name} begins`);
      const trial = await runTrial({
        cluster,
        scenario: scenarios.find((candidate) => candidate.name === scenario),
        name,
        random: own,
        recoveryLimitMs,
        log: (line) => log(`  ${line}`),
      });
      trials.push({ scenario, ...trial });
      const { messages, lost, doubled, repeated, disordered, recoveryMs, violations } = trial;
      log(
        `${name}: ${messages} messages, ${lost} lost, ${doubled} doubled, ${repeated} repeated, ` +
          `${disordered} out of order, recovery ${recoveryMs} ms`,
      );
      for (const violation of violations) log(`  VIOLATION ${violation}`);
    }
  }
}

/** It ends, whatever hangs: the brokers end with this process. */
function endAtLast(options, trials) {
  const end = () => {
    log('It does not end by itself');
    report(options, trials);
    process.exit(1);
  };
  setTimeout(end, options.minutes * 60_000 + LAST_TRIAL_MS).unref();
}

function report({ seed, chosen }, trials) {
  const rows = summarize(chosen, trials);
  process.stdout.write(`seed ${seed}\n\n${formatTable(rows)}`);
  if (trials.length === 0 || rows.some(({ violations }) => violations > 0)) process.exitCode = 1;
}

async function run(options) {
  const trials = [];
  endAtLast(options, trials);
  const cluster = await startCluster({ log });
  try {
    await runTrials(cluster, options, trials);
  } finally {
    await cluster.stop();
    report(options, trials);
  }
}

async function main(args) {
  let options;
  try {
    options = parseArguments(args, names);
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  if (options.list) {
    process.stdout.write(`${names.join('\n')}\n`);
    return;
  }
  try {
    await run(options);
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  }
}

main(process.argv.slice(2));
