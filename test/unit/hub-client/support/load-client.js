'use strict';

const path = require('node:path');
const { buildSync } = require('esbuild');

const entry = path.join(__dirname, '..', '..', '..', '..', 'lib', 'hub', 'client', 'index.mjs');

/** The ES module as an application's bundler takes it. */
function bundle(options) {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    target: 'es2022',
    ...options,
  });
  return outputFiles[0].text;
}

/** Jest's require() takes no ES module; evaluated here the client sees the test's globals and clock. */
function loadClient() {
  const module = { exports: {} };
  new Function('module', bundle({ format: 'cjs' }))(module);
  return module.exports;
}

module.exports = { bundle, entry, loadClient };
