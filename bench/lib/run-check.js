'use strict';

const { runRounds } = require('./rounds');
const { watchOthers } = require('./others-cpu');
const { summarizeCase } = require('./report');
const { expandCases } = require('./cases');
const { SHORT, FULL, CHECK_SIDES, compare, describeVerdict } = require('./check');

const ATTEMPTS = 2;

/** What each attempt saw, as a list; the last one counts. */
async function attempts(cluster, one, form, committed, log) {
  const seen = [];
  for (let left = ATTEMPTS; left > 0; left -= 1) {
    const othersShare = watchOthers();
    const runs = await runRounds(cluster, [one], log);
    const share = othersShare();
    log(`Other processes had ${Math.round(share * 100)} % of the machine`);
    const now = { [one.id]: summarizeCase(one, runs[one.id]) };
    const verdicts = compare({ now, committed, form, othersShare: share });
    for (const verdict of verdicts) process.stdout.write(`${describeVerdict(verdict)}\n`);
    seen.push(verdicts);
    if (verdicts.every(({ ok }) => ok)) break;
    if (left > 1) log('Worse than committed: once more.');
  }
  return seen;
}

/**
 * Resolves to { passed, failed, works }: a work passes when one of two attempts is as good as the committed figures.
 */
async function runCheck(cluster, { isShort, committed, log }) {
  const form = isShort ? SHORT : FULL;
  const { works, rounds } = form;
  const cases = expandCases(works, { rounds, sides: CHECK_SIDES });
  const result = { passed: 0, failed: 0, works: {} };
  for (const one of cases) {
    const seen = await attempts(cluster, one, form, committed, log);
    const ok = seen.at(-1).every((verdict) => verdict.ok);
    result.works[one.work] = seen;
    result[ok ? 'passed' : 'failed'] += 1;
  }
  return result;
}

module.exports = { runCheck };
