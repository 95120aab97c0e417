'use strict';

// The one loader of the native addon. Everything else in lib/ gets it from here.

const fs = require('node:fs');
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');
const { KafkaJSBindingError } = require('./errors/classes');

const ADDON = 'easyflow_kafka.node';
const ROOT = path.join(__dirname, '..');

/** Musl and glibc need different files; report.header names the glibc version only where there is one. */
function libc() {
  if (process.platform !== 'linux') return '';
  const { glibcVersionRuntime } = process.report?.getReport?.().header ?? {};
  return glibcVersionRuntime === undefined ? '-musl' : '';
}

function candidates() {
  return [
    path.join(ROOT, 'build', 'Release', ADDON),
    path.join(ROOT, 'prebuilds', `${process.platform}-${process.arch}${libc()}`, ADDON),
  ];
}

function load() {
  const tried = [];
  for (const file of candidates()) {
    tried.push(path.relative(ROOT, file));
    if (!fs.existsSync(file)) continue;
    try {
      return require(file);
    } catch (cause) {
      throw new KafkaJSBindingError(
        `The native addon ${path.relative(ROOT, file)} was found but could not be loaded on ` +
          `${process.platform}-${process.arch} with Node.js ${process.version}: ${cause.message}`,
        { cause },
      );
    }
  }
  throw new KafkaJSBindingError(
    `No native addon for ${process.platform}-${process.arch} (Node.js ${process.version}). Build it in the package's ` +
      `folder: "npm run build" (or "node scripts/bootstrap.js"). Looked for ${tried.join(', ')}`,
  );
}

const native = load();

// Cleanup hooks do not run on process.exit(); a worker is torn down by its cleanup hook instead. Jest gives every test
// file a module registry of its own around one addon, so the listener is registered once for each process.
const REGISTERED = Symbol.for('easyflow-kafka.exit-listener');
if (isMainThread && !process[REGISTERED]) {
  Object.defineProperty(process, REGISTERED, { value: true });
  process.on('exit', () => native.shutdown());
}

module.exports = native;
