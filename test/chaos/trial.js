'use strict';

// One scenario, once: traffic begins, something is broken, healed, and what was sent is checked.

const { Traffic } = require('./traffic');

const START_TIMEOUT_MS = 60_000;
/** It is given up; the limit for a pass is much lower. */
const RECOVERY_TIMEOUT_MS = 60_000;
const STALL_MS = 60_000;
const STEADY_MS = 2_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function breakAndHeal(stage, { scenario, random, log }) {
  const { cluster, traffic } = stage;
  const recoveries = [];
  try {
    await scenario.inject(stage, random);
    log(`${scenario.name}: injected`);
    if (scenario.survivable) recoveries.push(await traffic.untilFlowing(RECOVERY_TIMEOUT_MS));
    else await pause(scenario.holdMs);
  } finally {
    await scenario.heal(stage);
  }
  log(`${scenario.name}: healed`);
  recoveries.push(await traffic.untilFlowing(RECOVERY_TIMEOUT_MS));
  await cluster.untilInSync(traffic.topics);
  return recoveries.includes(null) ? null : Math.max(...recoveries);
}

/** @returns {string[]} what is not as promised */
function violations({ log, group, transactions, recoveryMs, recoveryLimitMs, crashes }) {
  const found = [];
  const add = (ids, what) => {
    if (ids.length > 0) found.push(`${ids.length} ${what}: ${ids.slice(0, 5).join(' ')} …`);
  };
  add(log.lost, 'acknowledged and not stored');
  add(log.doubled, 'stored twice');
  add(log.unknown, 'stored and never sent');
  add(log.disordered, 'stored out of order');
  add(group.lost, 'stored and never handled');
  add(group.repeatedEarly, 'handled twice before anything was broken');
  add(group.disordered, 'handled out of order');
  add(transactions.lost, 'not in the output');
  add(transactions.doubled, 'twice in the output');
  add(transactions.unknown, 'in the output and never sent');
  add(transactions.disordered, 'out of order in the output');
  if (recoveryMs === null) found.push(`no recovery within ${RECOVERY_TIMEOUT_MS / 1_000} s`);
  else if (recoveryMs > recoveryLimitMs) {
    found.push(`recovered after ${recoveryMs} ms, more than ${recoveryLimitMs}`);
  }
  return [...found, ...crashes];
}

/**
 * @param {object} options
 * @param {object} options.cluster @param {object} options.scenario @param {string} options.name of topics and groups
 * @param {() => number} options.random @param {number} options.recoveryLimitMs @param {(line: string) => void} options.log
 */
async function runTrial({ cluster, scenario, name, random, recoveryLimitMs, log }) {
  const traffic = new Traffic({ cluster, name, settings: scenario.settings, log });
  try {
    await traffic.start();
    if ((await traffic.untilFlowing(START_TIMEOUT_MS)) === null) {
      throw new Error('Nothing flows, and nothing is broken yet');
    }
    await pause(STEADY_MS);
    const faultAt = Date.now();
    const recoveryMs = await breakAndHeal({ cluster, traffic, log }, { scenario, random, log });
    const { input, output } = await traffic.settle(STALL_MS);
    const { ledger } = traffic;
    const found = {
      log: ledger.checkLog(input, traffic.since),
      group: ledger.checkGroup('group', input, faultAt),
      transactions: ledger.checkExactlyOnce(input, output),
    };
    const sum = (key) =>
      Object.values(found).reduce((total, check) => total + (check[key]?.length ?? 0), 0);
    const failures = traffic.failures();
    if (Object.keys(failures).length > 0) log(`${scenario.name}: ${JSON.stringify(failures)}`);
    return {
      messages: input.length,
      acknowledged: ledger.acknowledgedCount(),
      lost: sum('lost'),
      doubled: sum('doubled'),
      repeated: found.group.repeated,
      disordered: sum('disordered'),
      recoveryMs,
      violations: violations({ ...found, recoveryMs, recoveryLimitMs, crashes: traffic.crashes }),
    };
  } finally {
    await traffic.stop();
  }
}

module.exports = { runTrial };
