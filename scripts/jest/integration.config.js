'use strict';

module.exports = require('./base').suite('integration', {
  testTimeout: 180_000,
  maxWorkers: 1, // the broker is shared, and a test may kill or fill it
  globalSetup: '<rootDir>/scripts/jest/start-kafka.js',
  globalTeardown: '<rootDir>/scripts/jest/stop-kafka.js',
});
