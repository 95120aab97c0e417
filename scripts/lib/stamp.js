'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const paths = require('./paths');

/** What a stage is made of. When none of it changed and the outputs are there, nothing is to do. */
const INPUTS = {
  build: ['CMakeLists.txt', 'cmake', 'native', 'package-lock.json', 'scripts/lib'],
  tests: ['test/native', 'scripts/interop-requirements.txt', 'examples/python/requirements.txt'],
  check: ['package-lock.json', 'scripts/lib'],
};

const OUTPUTS = {
  build: [paths.addon, path.join(paths.nodeModules, '.package-lock.json')],
  tests: [paths.nativeTests, path.join(paths.venv, 'bin', 'python')],
  check: [path.join(paths.nodeModules, '.package-lock.json')],
};

function addToHash(hash, file) {
  let stat;
  try {
    stat = fs.statSync(file);
  } catch {
    return;
  }
  if (stat.isDirectory()) {
    for (const name of fs.readdirSync(file).sort()) addToHash(hash, path.join(file, name));
    return;
  }
  hash.update(path.relative(paths.root, file));
  hash.update('\0');
  hash.update(fs.readFileSync(file));
}

function inputsHash(stages) {
  const hash = crypto.createHash('sha256');
  hash.update(`${paths.root} ${process.platform} ${process.arch}\0`);
  for (const stage of stages) {
    for (const input of INPUTS[stage]) addToHash(hash, path.join(paths.root, input));
  }
  return hash.digest('hex');
}

const stampFile = (stages) => path.join(paths.build, `.stamp-${stages.join('-')}`);

function isFresh(stages) {
  for (const stage of stages) {
    if (!OUTPUTS[stage].every((file) => fs.existsSync(file))) return false;
  }
  try {
    return fs.readFileSync(stampFile(stages), 'utf8') === inputsHash(stages);
  } catch {
    return false;
  }
}

/** `hash` is from before the build: what was edited meanwhile must be built again. */
function writeStamp(stages, hash) {
  fs.writeFileSync(stampFile(stages), hash);
}

module.exports = { inputsHash, isFresh, writeStamp };
