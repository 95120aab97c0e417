'use strict';

const fs = require('node:fs');
const path = require('node:path');
const paths = require('./paths');
const { runSuiteProcess } = require('./suite-process');

const reports = path.join(paths.build, 'reports');
const MINUTE_MS = 60_000;

function readReport(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * { passed, failed, skipped, problems, failures } of a suite; a suite without a test has a problem.
 * `failures` are the failed tests again, { name, message }, for the end of a long output.
 */
function summarize(counts, problem) {
  const problems = problem ? [problem] : [];
  if (problems.length === 0 && counts.passed + counts.failed === 0) problems.push('ran no test');
  return { skipped: 0, failures: [], ...counts, problems };
}

function failuresOfJest(report) {
  return report.testResults.flatMap(({ name, message, assertionResults }) => {
    const file = path.relative(paths.root, name);
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    // A file that could not be loaded has a message and no test.
    if (failed.length === 0) return message ? [{ name: file, message }] : [];
    return failed.map(({ fullName, failureMessages }) => ({
      name: `${file}: ${fullName}`,
      message: failureMessages.join('\n'),
    }));
  });
}

async function runJest(name, jestArgs, timeoutMs) {
  const reportFile = path.join(reports, `${name}.json`);
  const { code, problem } = await runSuiteProcess(
    process.execPath,
    [
      path.join(paths.nodeModules, 'jest', 'bin', 'jest.js'),
      '--config',
      path.join(paths.root, 'scripts', 'jest', `${name}.config.js`),
      '--json',
      `--outputFile=${reportFile}`,
      ...(process.env.CI ? ['--ci'] : []),
      ...jestArgs,
    ],
    // With --json Jest also writes the report to its standard output: nobody reads it there.
    { reportFile, timeoutMs, cwd: paths.root, onOutput: () => {} },
  );
  const report = readReport(reportFile);
  if (!report) return summarize({ passed: 0, failed: 0 }, problem || 'ended without a report');
  const brokenFiles = report.numRuntimeErrorTestSuites;
  const failed = report.numFailedTests + brokenFiles;
  const unexplained = code !== 0 && failed === 0 ? `Jest ended with exit code ${code}` : '';
  return summarize(
    {
      passed: report.numPassedTests,
      failed,
      skipped: report.numPendingTests + report.numTodoTests,
      failures: failuresOfJest(report),
    },
    problem || unexplained,
  );
}

async function runNative(extraArgs) {
  const reportFile = path.join(reports, 'native.json');
  let output = '';
  const { code, problem } = await runSuiteProcess(
    paths.nativeTests,
    [`--gtest_output=json:${reportFile}`, '--gtest_color=no', ...extraArgs],
    {
      reportFile,
      timeoutMs: 20 * MINUTE_MS,
      cwd: paths.root,
      onOutput: (text) => {
        output += text;
        process.stdout.write(text);
      },
    },
  );
  const report = readReport(reportFile);
  if (!report) {
    // A crash takes the report with it; what ran before is in the output.
    const count = (label) => output.split('\n').filter((line) => line.startsWith(label)).length;
    return summarize(
      { passed: count('[       OK ]'), failed: 0 },
      problem || `ended without a report, exit code ${code}`,
    );
  }
  const cases = report.testsuites.flatMap(({ testsuite }) => testsuite);
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const { classname, name, failures, result, status } of cases) {
    if (failures?.length > 0) {
      counts.failed += 1;
      const message = failures.map(({ failure }) => failure).join('\n');
      counts.failures.push({ name: `${classname}.${name}`, message });
    } else if (result === 'SKIPPED' || status === 'NOTRUN') counts.skipped += 1;
    else counts.passed += 1;
  }
  const unexplained = code !== 0 && counts.failed === 0 ? `ended with exit code ${code}` : '';
  return summarize(counts, problem || unexplained);
}

async function runTypes() {
  const { typeTests } = require('./type-tests');
  const { files, failedFiles, output, ok } = await typeTests();
  if (output) process.stdout.write(`${output}\n`);
  const failed = files.filter((file) => failedFiles.has(file)).length;
  const elsewhere = !ok && failed === 0 ? 'tsc found errors outside test/types' : '';
  return summarize({ passed: files.length - failed, failed }, elsewhere);
}

async function runChecks() {
  const { runGates } = require('./gates');
  const results = await runGates();
  const passed = results.filter(({ ok }) => ok).length;
  return summarize({ passed, failed: results.length - passed });
}

/** Needs the machine for itself: it is the last one, and nothing runs beside it. */
async function runBench(extraArgs) {
  const reportFile = path.join(reports, 'bench.json');
  const { code, problem } = await runSuiteProcess(
    process.execPath,
    [
      path.join(paths.root, 'bench', 'run.js'),
      ...['--check', '--short', '--json', reportFile],
      ...extraArgs,
    ],
    { reportFile, timeoutMs: 20 * MINUTE_MS, cwd: paths.root },
  );
  const report = readReport(reportFile);
  if (!report) {
    return summarize({ passed: 0, failed: 0 }, problem || `ended with exit code ${code}`);
  }
  return summarize({ passed: report.passed, failed: report.failed }, problem);
}

/** In the order in which `npm test` runs them; `needs` is what bootstrap has to bring first. */
const SUITES = {
  native: { needs: ['tests'], run: runNative },
  unit: { needs: [], run: (args) => runJest('unit', args, 30 * MINUTE_MS) },
  lifecycle: { needs: [], run: (args) => runJest('lifecycle', args, 30 * MINUTE_MS) },
  'node-matrix': { needs: [], run: (args) => runJest('node-matrix', args, 15 * MINUTE_MS) },
  integration: { needs: ['tests'], run: (args) => runJest('integration', args, 60 * MINUTE_MS) },
  browser: { needs: ['tests'], run: (args) => runJest('browser', args, 20 * MINUTE_MS) },
  interop: { needs: ['tests'], run: (args) => runJest('interop', args, 30 * MINUTE_MS) },
  types: { needs: [], run: runTypes },
  check: { needs: ['check'], run: runChecks },
  bench: { needs: ['tests'], run: runBench },
};

module.exports = { SUITES, reports };
