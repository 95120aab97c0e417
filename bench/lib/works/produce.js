'use strict';

const { Stopwatch } = require('../meter');
const { makeValues, DISTINCT_VALUES } = require('../payload');

function valuesOf({ size, batch, values }) {
  const texts = makeValues(size, Math.max(batch, DISTINCT_VALUES));
  return values === 'buffer' ? texts.map((text) => Buffer.from(text)) : texts;
}

/**
 * `inFlight` sends of `batch` messages wait for their acknowledgement at any time. With `maxSeconds` it ends earlier where
 * these are over before all messages are sent.
 */
async function produce(side, args) {
  const producer = await side.openProducer(args);
  const pool = producer.prepare(valuesOf(args));
  const perPool = Math.max(1, Math.floor(pool.length / args.batch));
  const batches = Array.from({ length: perPool }, (_, index) =>
    pool.slice(index * args.batch, (index + 1) * args.batch),
  );
  let sends = Math.ceil(args.messages / args.batch);
  await producer.send(batches[0]); // connects, asks for metadata and a producer id

  const stopwatch = new Stopwatch();
  let next = 0;
  const sender = async () => {
    while (next < sends) await producer.send(batches[next++ % perPool]);
  };
  stopwatch.begin();
  // A timer: looking at the clock before each send would be part of what is measured.
  const timer =
    args.maxSeconds &&
    setTimeout(() => {
      sends = next;
    }, args.maxSeconds * 1e3);
  await Promise.all(Array.from({ length: args.inFlight }, sender));
  clearTimeout(timer);
  const result = { messages: sends * args.batch, ...stopwatch.end() };
  return { result, close: () => producer.close() };
}

module.exports = { produce };
