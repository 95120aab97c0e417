'use strict';

const path = require('node:path');
const os = require('node:os');

const root = path.resolve(__dirname, '..', '..');
const build = path.join(root, 'build');

/** Where things live that are worth keeping longer than a build directory. */
function userCache() {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir() || os.tmpdir(), '.cache');
  return path.join(base, 'easyflow-kafka');
}

module.exports = {
  root,
  build,
  logs: path.join(build, 'logs'),
  addon: path.join(build, 'Release', 'easyflow_kafka.node'),
  nativeTests: path.join(build, 'native_tests'),
  nodeModules: path.join(root, 'node_modules'),
  venv: path.join(build, 'venv'),
  userCache,
};
