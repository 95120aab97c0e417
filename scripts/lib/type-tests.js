'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { execFile } = require('node:child_process');
const paths = require('./paths');

const directory = path.join(paths.root, 'test', 'types');
const project = path.join(paths.root, 'scripts', 'tsconfig.types.json');

function typeTestFiles() {
  if (!fs.existsSync(directory)) return [];
  return fs
    .readdirSync(directory, { recursive: true })
    .filter((name) => /\.m?ts$/.test(name))
    .map((name) => path.join('test', 'types', name));
}

/** Compiles test/types and lib/*.d.ts. Resolves to { files, failedFiles, output, ok }. */
function typeTests() {
  const tsc = path.join(paths.nodeModules, 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', project, '--pretty', 'false'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: paths.root, maxBuffer: 1 << 26 }, (error, stdout) => {
      const failedFiles = new Set();
      for (const [, file] of stdout.matchAll(/^(\S[^(\n]*)\(\d+,\d+\): error/gm)) {
        failedFiles.add(path.normalize(file));
      }
      resolve({ files: typeTestFiles(), failedFiles, output: stdout.trim(), ok: !error });
    });
  });
}

module.exports = { typeTests };
