'use strict';

module.exports = require('./base').suite('interop', {
  testTimeout: 300_000,
  maxWorkers: 1,
  globalSetup: '<rootDir>/scripts/jest/start-kafka.js',
  globalTeardown: '<rootDir>/scripts/jest/stop-kafka.js',
});
