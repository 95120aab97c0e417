'use strict';

const paths = require('../lib/paths');

/** The configuration of the suite in test/<name>. */
function suite(name, settings = {}) {
  return {
    rootDir: paths.root,
    roots: [`<rootDir>/test/${name}`],
    testMatch: [`<rootDir>/test/${name}/**/*.test.js`],
    testEnvironment: 'node',
    transform: {}, // plain CommonJS: nothing to compile
    restoreMocks: true,
    ...settings,
  };
}

module.exports = { suite };
