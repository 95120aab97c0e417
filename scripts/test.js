'use strict';

// Runs every test suite, from a fresh clone on, and ends with one line: `N passed, N failed`.
//
//   npm test                         all
//   npm test -- unit native          some
//   npm test -- unit -- -t commit    what follows the second -- goes to Jest or GoogleTest

const fs = require('node:fs');
const { stripVTControlCharacters } = require('node:util');
const { bootstrap } = require('./lib/build');
const { printFailure } = require('./lib/steps');
const { SUITES, reports } = require('./lib/suites');

const FAILURE_LINES = 25;

function parse(argv) {
  const at = argv.indexOf('--');
  const names = at < 0 ? argv : argv.slice(0, at);
  const unknown = names.find((name) => !Object.hasOwn(SUITES, name));
  if (unknown) {
    const all = Object.keys(SUITES).join(', ');
    throw new TypeError(`Expected some of ${all} for suites but received ${unknown}`);
  }
  return {
    names: names.length > 0 ? names : Object.keys(SUITES),
    extraArgs: at < 0 ? [] : argv.slice(at + 1),
  };
}

async function runSuite(name, extraArgs) {
  const started = Date.now();
  process.stdout.write(`\n=== ${name}\n`);
  let result;
  try {
    result = await SUITES[name].run(extraArgs);
  } catch (error) {
    result = { passed: 0, failed: 0, skipped: 0, failures: [], problems: [error.stack] };
  }
  return { name, seconds: Math.round((Date.now() - started) / 1000), ...result };
}

/** On a developer's machine a skipped test is a note; in CI nothing may be skipped silently. */
function failuresOf({ failed, skipped, problems }) {
  return failed + problems.length + (process.env.CI ? skipped : 0);
}

/** The failed tests once more: thousands of lines may stand between them and the end. */
function repeatFailures(results) {
  const failures = results.flatMap(({ name, failures: failed }) =>
    failed.map((failure) => ({ suite: name, ...failure })),
  );
  if (failures.length === 0) return;
  process.stdout.write('\n=== failures\n');
  for (const { suite, name, message } of failures) {
    const lines = stripVTControlCharacters(message)
      .split('\n')
      .filter((line) => !line.includes('node_modules'))
      .slice(0, FAILURE_LINES);
    process.stdout.write(`\n${suite}: ${name}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  }
}

function report(results) {
  repeatFailures(results);
  process.stdout.write('\n=== summary\n');
  for (const result of results) {
    const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : '';
    const counts = `${result.passed} passed, ${result.failed} failed${skipped}`;
    process.stdout.write(`${result.name.padEnd(12)} ${counts} (${result.seconds} s)\n`);
    for (const problem of result.problems) {
      process.stdout.write(`${' '.repeat(13)}${result.name} ${problem}\n`);
    }
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + failuresOf(result), 0);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0;
}

async function main() {
  let plan;
  try {
    plan = parse(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
    return;
  }
  try {
    const needs = new Set(['build', ...plan.names.flatMap((name) => SUITES[name].needs)]);
    await bootstrap([...needs]);
  } catch (error) {
    printFailure(error);
    process.stdout.write('\n0 passed, 1 failed\n');
    process.exitCode = 1;
    return;
  }
  fs.mkdirSync(reports, { recursive: true });
  const results = [];
  for (const name of plan.names) results.push(await runSuite(name, plan.extraArgs));
  if (!report(results)) process.exitCode = 1;
}

main();
