'use strict';

module.exports = require('./base').suite('node-matrix', {
  testTimeout: 300_000,
  maxWorkers: 1,
  globalSetup: '<rootDir>/scripts/jest/install-node-versions.js',
});
