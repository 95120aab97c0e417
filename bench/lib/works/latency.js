'use strict';

const { performance } = require('node:perf_hooks');
const { Stopwatch, percentiles } = require('../meter');
const { deferred } = require('../deferred');

/** As many digits as the time in a message has. */
const STAMP = 24;

/** Sends `rate` messages a second and takes the time of each from the call of send() to the consumer's handler. */
async function latency(side, args) {
  const samples = [];
  const stopwatch = new Stopwatch();
  const warm = deferred();
  const done = deferred();
  const onMessage = ({ value }) => {
    const sentAt = Number(value.toString('latin1', 0, STAMP));
    if (sentAt === 0) warm.resolve();
    else if (samples.push(performance.now() - sentAt) === args.messages) done.resolve();
  };
  const consumer = await side.openConsumer({ ...args, eachBatch: false }, onMessage);
  const producer = await side.openProducer(args);
  const pad = 'x'.repeat(args.size - STAMP);
  const send = (time) => producer.send(producer.prepare([time.toFixed(6).padStart(STAMP) + pad]));
  // The consumer may still be joining its group; it begins at the beginning.
  await send(0);
  await warm.promise;

  stopwatch.begin();
  const sends = [];
  const startedAt = performance.now();
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(args.messages, ((performance.now() - startedAt) * args.rate) / 1e3);
      while (sends.length < due) sends.push(send(performance.now()));
      if (sends.length === args.messages) resolve(clearInterval(timer));
    }, 1);
  });
  await Promise.all([...sends, done.promise]);
  const result = { messages: args.messages, ...stopwatch.end(), latency: percentiles(samples) };
  return { result, close: () => Promise.all([producer.close(), consumer.close()]) };
}

module.exports = { latency };
