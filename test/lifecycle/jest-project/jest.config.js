'use strict';

// A user's project: no --forceExit. Its file is no *.test.js, or the suite around it would run it too.
module.exports = {
  testMatch: ['<rootDir>/*.spec.js'],
  testEnvironment: 'node',
  transform: {},
  testTimeout: 100_000,
};
