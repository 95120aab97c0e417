'use strict';

const fs = require('node:fs');

/** Threads of this process. */
function threadCount() {
  return fs.readdirSync('/proc/self/task').length;
}

/** Open descriptors of this process. */
function descriptorCount() {
  return fs.readdirSync('/proc/self/fd').length;
}

const rssMb = () => process.memoryUsage.rss() / 2 ** 20;

/** Collects, and lets finalizers run, which takes turns of the event loop. */
async function collect() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

module.exports = { threadCount, descriptorCount, rssMb, collect };
