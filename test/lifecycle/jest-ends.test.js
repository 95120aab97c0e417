'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startProcess, endPrograms } = require('./support/program');

const jestProgram = path.join(__dirname, '..', '..', 'node_modules', 'jest', 'bin', 'jest.js');
const project = path.join(__dirname, 'jest-project');

afterEach(endPrograms);

// In one process, as a small project runs; with workers, Jest itself would end those that do not end.
test('a Jest project with our clients ends by itself and finds no open handle', async () => {
  const reportFile = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'jest-ends-')), 'report.json');
  const args = ['--runInBand', '--detectOpenHandles', '--json', `--outputFile=${reportFile}`];
  const end = await startProcess([jestProgram, '--rootDir', project, ...args], {
    cwd: project,
    env: { JEST_WORKER_ID: undefined, NODE_OPTIONS: undefined },
  }).ended;
  const report = JSON.parse(fs.readFileSync(reportFile, 'utf8'));
  fs.rmSync(path.dirname(reportFile), { recursive: true });
  expect(end).toMatchObject({ code: 0, signal: null, hung: false });
  expect(report).toMatchObject({ numPassedTests: 2, numFailedTests: 0, openHandles: [] });
  expect(end.stderr).not.toMatch(/did not exit|open handle/);
});
