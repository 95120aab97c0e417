'use strict';

// Setting up where it cannot work: what is wrong is said, with the way out, before anything is done.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startProcess, endPrograms } = require('./support/program');

const root = path.join(__dirname, '..', '..');

let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bootstrap-'));
});
afterEach(() => {
  endPrograms();
  fs.rmSync(folder, { recursive: true });
});

/** What a clone needs for its first steps. */
function cloneAt(name) {
  const clone = path.join(folder, name);
  fs.mkdirSync(clone);
  for (const part of ['scripts', 'package.json', 'package-lock.json']) {
    fs.cpSync(path.join(root, part), path.join(clone, part), { recursive: true });
  }
  return clone;
}

function bootstrap(clone, { args = [], env } = {}) {
  return startProcess([path.join('scripts', 'bootstrap.js'), ...args], { cwd: clone, env }).ended;
}

test('a path that librdkafka cannot be built in is refused in one line', async () => {
  const clone = cloneAt('my clone');
  const { code, stderr } = await bootstrap(clone);
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(/it has ' ': .*my clone.*move the clone/);
  expect(fs.existsSync(path.join(clone, 'build'))).toBe(false);
});

describe('packages that are missing and may not be installed', () => {
  /** A machine of Debian with these packages, and with nothing else on PATH. */
  function machineWith(...packages) {
    const bin = path.join(folder, 'bin');
    fs.mkdirSync(bin);
    const lines = packages.map((name) => `echo '${name} installed'`).join('\n');
    fs.writeFileSync(path.join(bin, 'dpkg-query'), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
    return { PATH: bin, HOME: folder };
  }

  test('are named, with one command that installs them; exit code 1', async () => {
    const env = machineWith('libssl-dev', 'zlib1g-dev');
    const { code, stderr } = await bootstrap(cloneAt('clone'), { env });
    expect(code).toBe(1);
    const names = ['g++', 'cmake', 'make', 'pkg-config', 'libzstd-dev', 'libuv1-dev'];
    expect(stderr).toContain(`Missing on this machine: ${names.join(', ')}, nlohmann-json3-dev.\n`);
    expect(stderr).toContain(
      "    sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends " +
        `${names.join(' ')} nlohmann-json3-dev'\n`,
    );
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test('those of the tests come along only when tests shall run', async () => {
    const env = machineWith();
    const clone = cloneAt('clone');
    const some = await bootstrap(clone, { env });
    const all = await bootstrap(clone, { env, args: ['--with', 'tests'] });
    for (const name of ['libgtest-dev', 'openjdk-17-jdk-headless', 'maven', 'python3-venv']) {
      expect(some.stderr).not.toContain(name);
      expect(all.stderr).toContain(name);
    }
  });
});
