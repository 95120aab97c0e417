'use strict';

// A user's project: no --forceExit, no options. Its file is no *.test.js, or the suite around it would run it too.
module.exports = {
  testMatch: ['<rootDir>/*.spec.js'],
  testEnvironment: 'node',
  transform: {},
};
