'use strict';

// What every server under test shares: how its process is looked at while it works.

const fs = require('node:fs');
const { performance, monitorEventLoopDelay } = require('node:perf_hooks');
const { cpuSeconds, peakRssMb } = require('../lib/meter');
const { answerParent } = require('./calls');

/** As in lib/meter.js: the values contain it, an idle loop shows about 1.1 ms. */
const LOOP_RESOLUTION_MS = 1;
const MB = 2 ** 20;
const toMs = (nanoseconds) => Math.round(nanoseconds / 1e4) / 100;

/** CPU seconds of the main thread, which is JavaScript's. */
function jsSeconds() {
  if (process.platform !== 'linux') return undefined;
  const [nanoseconds] = fs
    .readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8')
    .split(' ');
  return Number(nanoseconds) / 1e9;
}

function looks() {
  let loop;
  return {
    usage: () => ({
      at: performance.now(),
      cpuSeconds: cpuSeconds(),
      jsSeconds: jsSeconds(),
      rssMb: process.memoryUsage().rss / MB,
      heapMb: process.memoryUsage().heapTotal / MB,
      peakRssMb: peakRssMb(),
    }),
    // Apart from the CPU: its timer alone takes two per cent of a core.
    beginLoop: () => {
      loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
      loop.enable();
    },
    endLoop: ({ seconds }) => {
      loop.disable();
      // A loop that never turned has no samples: its delay was the whole time.
      if (loop.max === 0) return { p50: seconds * 1e3, p99: seconds * 1e3, max: seconds * 1e3 };
      return {
        p50: toMs(loop.percentile(50)),
        p99: toMs(loop.percentile(99)),
        max: toMs(loop.max),
      };
    },
    collectGarbage: () => globalThis.gc?.(),
  };
}

/**
 * Runs a server in this process.
 *
 * @param {(args: object) => Promise<{ port: number, close: () => Promise<void>, metrics?: () => unknown }>} start
 */
async function runServer(start) {
  try {
    const { port, close, metrics } = await start(JSON.parse(process.argv[2]));
    answerParent({ ...looks(), port: () => port, metrics: () => metrics?.(), close });
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  }
}

/** Room for a storm: what waits to be accepted. */
const BACKLOG = 4_096;

const listen = (server) =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () =>
      resolve(server.address().port),
    );
  });

module.exports = { runServer, listen };
