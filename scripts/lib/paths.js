'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..', '..');
const build = path.join(root, 'build');

/** The home folder, when there is one in which we may write: a container's user may have none. */
function writableHome() {
  try {
    const home = os.homedir(); // throws without HOME for a user that the system does not know
    fs.accessSync(home, fs.constants.W_OK);
    return home;
  } catch {
    return null;
  }
}

/** Where things live that are worth keeping longer than a build directory. */
function userCache() {
  const home = writableHome();
  const own = home === null ? path.join(build, 'cache') : path.join(home, '.cache');
  return path.join(process.env.XDG_CACHE_HOME || own, 'easyflow-kafka');
}

/** npm and Maven keep what they fetch in the home folder, and fail without one. */
function toolCaches() {
  if (writableHome() !== null) return { npm: [], maven: [] };
  return {
    npm: ['--cache', path.join(userCache(), 'npm')],
    maven: [`-Dmaven.repo.local=${path.join(userCache(), 'maven')}`],
  };
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
  toolCaches,
};
