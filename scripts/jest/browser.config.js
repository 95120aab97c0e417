'use strict';

// One Chromium for the suite. Pages are shared inside a file, files come one after another.
module.exports = require('./base').suite('browser', {
  testTimeout: 300_000,
  maxWorkers: 1,
  globalSetup: '<rootDir>/scripts/jest/start-chromium.js',
  globalTeardown: '<rootDir>/scripts/jest/stop-chromium.js',
});
