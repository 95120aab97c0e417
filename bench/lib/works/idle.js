'use strict';

const fs = require('node:fs');
const dns = require('node:dns/promises');
const { performance } = require('node:perf_hooks');
const { setTimeout: delay } = require('node:timers/promises');
const { Stopwatch, percentiles, cpuSeconds } = require('../meter');

const ALONE_MS = 3_000;
const SETTLE_MS = 3_000;
const MEASURED_MS = 20_000;
const PROBE_EVERY_MS = 20;
/** A call that has not come back by then counts with this time. */
const PROBE_LIMIT_MS = 5_000;

const threads = () => Number(/^Threads:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/status'))[1]);

async function timed(call) {
  const startedAt = performance.now();
  await Promise.race([call(), delay(PROBE_LIMIT_MS, undefined, { ref: false })]);
  return performance.now() - startedAt;
}

/** How long a file call and a name look-up of this process take, one after another, for `ms`. */
async function probe(ms) {
  const samples = { file: [], dns: [] };
  const end = performance.now() + ms;
  while (performance.now() < end) {
    samples.file.push(await timed(() => fs.promises.stat(__filename)));
    samples.dns.push(await timed(() => dns.lookup('localhost')));
    await delay(PROBE_EVERY_MS);
  }
  return { file: percentiles(samples.file), dns: percentiles(samples.dns) };
}

/** What consumers cost that have nothing to do. */
async function idle(side, args) {
  const alone = await probe(ALONE_MS);
  const clients = [];
  for (let at = 0; at < args.consumers; at += 1) {
    const own = { ...args, groupId: `${args.groupId}-${at}`, eachBatch: false };
    clients.push(await side.openConsumer(own, () => {}));
  }
  await delay(SETTLE_MS);
  // The calls first: asking costs CPU, which is not the consumers'. Nor is the loop's delay looked at while CPU is measured:
  // its timer alone takes two per cent of a core.
  const stopwatch = new Stopwatch();
  stopwatch.begin();
  const beside = await probe(MEASURED_MS / 4);
  const { loopDelay, peakRssMb } = stopwatch.end();
  const [startedAt, cpuBefore] = [performance.now(), cpuSeconds()];
  await delay(MEASURED_MS);
  const seconds = (performance.now() - startedAt) / 1e3;
  const measured = { seconds, cpuSeconds: cpuSeconds() - cpuBefore, loopDelay, peakRssMb };
  const idleCost = {
    cpuPercent: (measured.cpuSeconds / seconds) * 100,
    threads: threads(),
    rssMb: process.memoryUsage().rss / 2 ** 20,
    alone,
    beside,
  };
  const result = { messages: 0, ...measured, idle: idleCost };
  return { result, close: () => Promise.all(clients.map((client) => client.close())) };
}

module.exports = { idle };
