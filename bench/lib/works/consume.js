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

/** One consumer reads the whole topic: time and CPU from joining its group to the last message. */
async function readAll(side, args, groupId) {
  const joined = deferred();
  const finished = deferred();
  let count = 0;
  const onMessage = () => {
    count += 1;
    if (count === args.messages) finished.resolve({ at: performance.now(), cpu: cpuSeconds() });
  };
  const onJoin = () => joined.resolve({ at: performance.now(), cpu: cpuSeconds() });
  const client = await side.openConsumer({ ...args, groupId, eachBatch: true }, onMessage, onJoin);
  const [begin, end] = await Promise.all([joined.promise, finished.promise]);
  await client.close();
  return { seconds: (end.at - begin.at) / 1e3, cpuSeconds: end.cpu - begin.cpu };
}

/** The cost of reading a topic from its first message to its last, by a process that is warm. */
async function growth(side, args) {
  const runs = Math.min(GROWTH_MOST_RUNS, Math.ceil(GROWTH_MESSAGES / args.messages));
  const warm = { ...args, topic: args.warmTopic, messages: args.warmMessages };
  await readAll(side, warm, `${args.groupId}-warm`);
  const sum = { seconds: 0, cpuSeconds: 0 };
  for (let run = 0; run < runs; run += 1) {
    const one = await readAll(side, args, `${args.groupId}-${run}`);
    sum.seconds += one.seconds;
    sum.cpuSeconds += one.cpuSeconds;
  }
  const result = { messages: runs * args.messages, ...sum, peakRssMb: peakRssMb() };
  return { result, close: async () => {} };
}

module.exports = { consume, growth };
