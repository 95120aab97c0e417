'use strict';

const { performance } = require('node:perf_hooks');
const { Meter, cpuSeconds, peakRssMb } = require('../meter');
const { deferred } = require('../deferred');
const { makeHandler } = require('../handler');

async function consume(side, args) {
  const meter = new Meter(args);
  const consumerArgs = {
    ...args,
    eachBatch: args.work === 'consume-batch',
    awaits: args.waitMs > 0,
    concurrently: args.waitMs > 0 ? args.partitions : 1,
  };
  const client = await side.openConsumer(consumerArgs, makeHandler(side, args, meter));
  return { result: await meter.done, close: () => client.close() };
}

/** Short runs are repeated: a clock over milliseconds says little. */
const GROWTH_MESSAGES = 1_000_000;
const GROWTH_MOST_RUNS = 40;
const FIXED_RUNS = 20;

/** One consumer reads the whole topic: CPU from joining its group, time from the first message, both to the last. */
async function readAll(side, args, groupId) {
  const joined = deferred();
  const finished = deferred();
  let count = 0;
  let firstAt = 0;
  const onMessage = () => {
    if (count === 0) firstAt = performance.now();
    count += 1;
    if (count === args.messages) finished.resolve({ at: performance.now(), cpu: cpuSeconds() });
  };
  const onJoin = () => joined.resolve(cpuSeconds());
  const client = await side.openConsumer({ ...args, groupId, eachBatch: true }, onMessage, onJoin);
  const [cpuAtJoin, end] = await Promise.all([joined.promise, finished.promise]);
  await client.close();
  return { seconds: (end.at - firstAt) / 1e3, cpuSeconds: end.cpu - cpuAtJoin };
}

/** The sums over `runs` new consumers that each read the same topic. */
async function readOften(side, args, name, runs) {
  const sum = { seconds: 0, cpuSeconds: 0 };
  for (let run = 0; run < runs; run += 1) {
    const one = await readAll(side, args, `${args.groupId}-${name}-${run}`);
    sum.seconds += one.seconds;
    sum.cpuSeconds += one.cpuSeconds;
  }
  return sum;
}

/**
 * What a message costs when a topic is read from its first message to its last by a process that is warm. Finding the
 * offsets and asking for the first message costs the same however many follow: a topic of one message shows how much
 * CPU, and that is taken off.
 */
async function growth(side, args) {
  const topicOf = (topic, messages) => ({ ...args, topic, messages });
  await readOften(side, topicOf(args.warmTopic, args.warmMessages), 'warm', 2);
  const one = await readOften(side, topicOf(args.oneTopic, 1), 'one', FIXED_RUNS);
  const runs = Math.min(GROWTH_MOST_RUNS, Math.ceil(GROWTH_MESSAGES / args.messages));
  const all = await readOften(side, args, 'all', runs);
  const fixedCpu = one.cpuSeconds / FIXED_RUNS;
  const result = {
    messages: runs * args.messages,
    seconds: all.seconds,
    cpuSeconds: all.cpuSeconds - fixedCpu * runs,
    fixedCpuMs: fixedCpu * 1e3,
    peakRssMb: peakRssMb(),
  };
  return { result, close: async () => {} };
}

module.exports = { consume, growth };
