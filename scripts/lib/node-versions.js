'use strict';

// Other Node.js releases than the one that runs us: npm packages of their own, pinned by the lock file in
// test/node-matrix, so that package-lock.json of this package does not carry them.

const fs = require('node:fs');
const path = require('node:path');
const paths = require('./paths');
const { withLock } = require('./lock');
const { runLogged } = require('./steps');

const pinned = path.join(paths.root, 'test', 'node-matrix');
const directory = path.join(paths.build, 'node-versions');
const names = ['package.json', 'package-lock.json'];

function isInstalled() {
  try {
    fs.accessSync(path.join(directory, 'node_modules', '.package-lock.json'));
    return names.every((name) =>
      fs.readFileSync(path.join(pinned, name)).equals(fs.readFileSync(path.join(directory, name))),
    );
  } catch {
    return false;
  }
}

async function install() {
  if (isInstalled()) return;
  fs.rmSync(path.join(directory, 'node_modules'), { recursive: true, force: true });
  for (const name of names) fs.copyFileSync(path.join(pinned, name), path.join(directory, name));
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', ...paths.toolCaches().npm];
  await runLogged('node-versions', 'npm', args, { cwd: directory });
}

/** @returns {Promise<{ major: number, node: string }[]>} the releases and their programs, installed when missing */
async function nodeVersions() {
  fs.mkdirSync(directory, { recursive: true });
  await withLock(path.join(directory, '.lock'), install);
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(pinned, 'package.json'), 'utf8'));
  return Object.keys(dependencies).map((name) => ({
    major: Number(name.replace('node', '')),
    node: path.join(directory, 'node_modules', name, 'bin', 'node'),
  }));
}

module.exports = { nodeVersions };
