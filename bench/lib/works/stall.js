'use strict';

const { setTimeout: delay } = require('node:timers/promises');
const { Stopwatch, peakRssMb } = require('../meter');
const { deferred } = require('../deferred');

/** Messages that have to come after the sleep: the client has survived it. */
const AFTERWARDS = 100_000;

/** The first handler sleeps, and the topic holds more than any client should fetch. */
async function stall(side, args) {
  const stopwatch = new Stopwatch();
  const done = deferred();
  let asleep = null;
  let count = 0;
  let atEnd = 0;
  const sleep = async () => {
    stopwatch.begin();
    const before = peakRssMb();
    await delay(args.seconds * 1e3);
    atEnd = process.memoryUsage().rss / 2 ** 20;
    done.resolve({ ...stopwatch.end(), beforeRssMb: before });
  };
  const goOn = deferred();
  const onMessage = async () => {
    asleep ??= sleep();
    await asleep;
    count += 1;
    if (count === AFTERWARDS) goOn.resolve();
  };
  // A batch whose handler sleeps once: an await for each message afterwards would only be slow.
  const client = await side.openConsumer({ ...args, eachBatch: true, awaits: true }, onMessage);
  const measured = await done.promise;
  await goOn.promise;
  const result = { messages: count, ...measured, rssMb: Math.round(atEnd * 10) / 10 };
  return { result, close: () => client.close() };
}

module.exports = { stall };
