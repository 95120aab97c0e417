'use strict';

const { performance } = require('node:perf_hooks');
const { cpuSeconds, peakRssMb } = require('../meter');
const { deferred } = require('../deferred');

async function untilFirst(side, args) {
  const first = deferred();
  const startedAt = performance.now();
  const cpu = cpuSeconds();
  const onMessage = () => first.resolve({ ms: performance.now() - startedAt, cpu: cpuSeconds() });
  const client = await side.openConsumer({ ...args, eachBatch: false }, onMessage);
  const { ms, cpu: after } = await first.promise;
  return { client, startMs: ms, cpuSeconds: after - cpu };
}

/** From opening a consumer to its first message. An existing group has read the topic before, and one message came since. */
async function start(side, args) {
  if (args.group === 'existing') {
    const before = await untilFirst(side, args);
    await before.client.close();
    const producer = await side.openProducer(args);
    await producer.send(producer.prepare(['one more message than the group has read']));
    await producer.close();
  }
  const { client, startMs, cpuSeconds: cpu } = await untilFirst(side, args);
  const result = {
    messages: 1,
    seconds: startMs / 1e3,
    cpuSeconds: cpu,
    startMs,
    peakRssMb: peakRssMb(),
  };
  return { result, close: () => client.close() };
}

module.exports = { start };
