'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { StepError } = require('../../scripts/lib/steps');

function npmConfig(name) {
  try {
    const value = execFileSync('npm', ['config', 'get', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return value && value !== 'undefined' && value !== 'null' ? value : '';
  } catch {
    return '';
  }
}

function headersVersion(prefix) {
  try {
    const file = path.join(prefix, 'include', 'node', 'node_version.h');
    const text = fs.readFileSync(file, 'utf8');
    const part = (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)[1];
    return `${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}`;
  } catch {
    return '';
  }
}

/** The prefix whose include/node belongs to the running Node.js: a build against other headers may not load. */
function headersPrefix() {
  const beside = path.resolve(path.dirname(fs.realpathSync(process.execPath)), '..');
  const candidates = [beside, process.env.npm_config_nodedir, npmConfig('nodedir')];
  const found = candidates.find(
    (prefix) => prefix && headersVersion(prefix) === process.versions.node,
  );
  if (found) return found;
  throw new StepError(
    `The headers of Node.js ${process.versions.node} are missing (include/node/node_version.h).\n` +
      'Name their prefix with `npm config set nodedir <prefix>` and run this again.',
  );
}

/** npm brings its own node-gyp; it is not on PATH. */
function nodeGyp() {
  const root = npmConfig('prefix');
  const onPath = process.env.PATH.split(path.delimiter).map((directory) => {
    try {
      return path.dirname(fs.realpathSync(path.join(directory, 'npm')));
    } catch {
      return '';
    }
  });
  const npmRoots = [
    ...onPath.filter(Boolean).map((bin) => path.resolve(bin, '..')),
    path.join(root, 'lib', 'node_modules', 'npm'),
  ];
  for (const npm of npmRoots) {
    const script = path.join(npm, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
    if (fs.existsSync(script)) return script;
  }
  throw new StepError("npm's own node-gyp was not found beside npm.");
}

module.exports = { headersPrefix, nodeGyp };
