'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { binaries } = require('./postgres-binaries');
const { StepError, runLogged } = require('./steps');

/**
 * What each stage needs from the machine. A `command` on PATH is enough, wherever it came from;
 * a library has to be there as its Debian package.
 */
const STAGES = {
  build: [
    { name: 'g++', command: 'g++' },
    { name: 'cmake', command: 'cmake' },
    { name: 'make', command: 'make' },
    { name: 'pkg-config', command: 'pkg-config' },
    { name: 'libssl-dev' },
    { name: 'zlib1g-dev' },
    { name: 'libzstd-dev' },
    { name: 'libuv1-dev' },
    { name: 'nlohmann-json3-dev' },
  ],
  tests: [
    { name: 'libgtest-dev' },
    { name: 'chromium', command: 'chromium' },
    { name: 'kcat', command: 'kcat' },
    { name: 'openjdk-17-jdk-headless', isThere: () => javaMajor() >= 17 },
    { name: 'maven', command: 'mvn' },
    { name: 'openssl', command: 'openssl' },
    { name: 'postgresql', isThere: () => binaries() !== null },
    { name: 'prometheus', command: 'promtool' },
    { name: 'python3', command: 'python3' },
    { name: 'python3-venv' },
  ],
  check: [
    { name: 'clang-format', command: 'clang-format' },
    { name: 'clang-tidy', command: 'clang-tidy' },
  ],
};

/** @returns {string | undefined} where it is */
function commandOnPath(command) {
  const places = (process.env.PATH || '').split(path.delimiter);
  return places
    .map((directory) => path.join(directory, command))
    .find((file) => {
      try {
        fs.accessSync(file, fs.constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const isOnPath = (command) => commandOnPath(command) !== undefined;

function javaMajor() {
  const { stderr, error } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (error) return 0;
  const match = /version "(?:1\.)?(\d+)/.exec(stderr);
  return match ? Number(match[1]) : 0;
}

function installedPackages(names) {
  const format = '${Package} ${db:Status-Status}\n';
  const { stdout, error } = spawnSync('dpkg-query', ['-W', '-f', format, ...names], {
    encoding: 'utf8',
  });
  if (error) return null; // no Debian
  const lines = stdout.split('\n').filter((line) => line.endsWith(' installed'));
  return new Set(lines.map((line) => line.split(' ')[0]));
}

/** The Debian packages that the stages need and the machine lacks. */
function missingPackages(stages) {
  const wanted = stages.flatMap((stage) => STAGES[stage]);
  const notSeen = wanted.filter((item) => {
    if (item.isThere) return !item.isThere();
    return !(item.command && isOnPath(item.command));
  });
  if (notSeen.length === 0) return [];
  const installed = installedPackages(notSeen.map((item) => item.name));
  // Elsewhere than on Debian only commands can be looked for; CMake names a missing library.
  if (!installed) return notSeen.filter((item) => item.command).map((item) => item.name);
  return notSeen
    .filter((item) => item.command || item.isThere || !installed.has(item.name))
    .map((item) => item.name);
}

function installCommand(names) {
  return `apt-get update && apt-get install -y --no-install-recommends ${names.join(' ')}`;
}

async function installPackages(names, report) {
  const isRoot = process.getuid && process.getuid() === 0;
  if (!isRoot || !isOnPath('apt-get')) {
    throw new StepError(
      `Missing on this machine: ${names.join(', ')}.\n` +
        `Install them, for Debian and Ubuntu with\n\n    sudo sh -c '${installCommand(names)}'\n\n` +
        'and run this again.',
    );
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runLogged('apt-update', 'apt-get', ['update'], { report, env });
  const args = ['install', '-y', '--no-install-recommends', ...names];
  await runLogged('apt-install', 'apt-get', args, { report, env });
}

module.exports = { STAGES, missingPackages, installPackages, commandOnPath, isOnPath, javaMajor };
