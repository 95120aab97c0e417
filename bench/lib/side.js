'use strict';

// What every side in JavaScript shares: the work, and the one line of JSON that tells how it went.
//
// A side is { openProducer(args), openConsumer(args, onMessage) }:
//   openProducer -> { send(messages) -> Promise, close(), prepare?(values) -> messages }
//   openConsumer -> { close() }; calls onMessage(value) for each message, from batches when `args.eachBatch`
// `args`: { work, brokers, topic, groupId, messages, lead, size, batch, inFlight, rate, handler, timeoutMs }

const { performance } = require('node:perf_hooks');
const { Meter, Stopwatch, percentiles } = require('./meter');
const { makeValues } = require('./payload');

const CLOSE_TIMEOUT_MS = 10_000;
const RESULT_MARK = '{"bench":';

const asMessages = (values) => values.map((value) => ({ value }));

async function consume(side, args) {
  const meter = new Meter(args);
  const onMessage = (value) => meter.message(value);
  const eachBatch = args.work === 'consume-batch';
  const client = await side.openConsumer({ ...args, eachBatch }, onMessage);
  return { result: await meter.done, close: () => client.close() };
}

/** `inFlight` sends of `batch` messages wait for their acknowledgement at any time. */
async function produce(side, args) {
  const producer = await side.openProducer(args);
  const prepare = producer.prepare ?? asMessages;
  const pool = prepare(makeValues(args.size, Math.max(args.batch, 1_000)));
  const perPool = Math.max(1, Math.floor(pool.length / args.batch));
  const batches = Array.from({ length: perPool }, (_, index) =>
    pool.slice(index * args.batch, (index + 1) * args.batch),
  );
  const sends = Math.ceil(args.messages / args.batch);
  await producer.send(batches[0]); // connects, asks for metadata and a producer id

  const stopwatch = new Stopwatch();
  let next = 0;
  const sender = async () => {
    while (next < sends) await producer.send(batches[next++ % perPool]);
  };
  stopwatch.begin();
  await Promise.all(Array.from({ length: args.inFlight }, sender));
  const result = { messages: sends * args.batch, ...stopwatch.end() };
  return { result, close: () => producer.close() };
}

/** Sends `rate` messages a second and takes the time of each from the call of send() to the consumer's handler. */
async function latency(side, args) {
  const samples = [];
  const stopwatch = new Stopwatch();
  let finish;
  const done = new Promise((resolve) => {
    finish = resolve;
  });
  let ready;
  const warm = new Promise((resolve) => {
    ready = resolve;
  });
  const onMessage = (value) => {
    const sentAt = Number(value.toString('latin1', 0, 24));
    if (sentAt === 0) ready();
    else if (samples.push(performance.now() - sentAt) === args.messages) finish();
  };
  const consumer = await side.openConsumer({ ...args, eachBatch: false }, onMessage);
  const producer = await side.openProducer(args);
  const prepare = producer.prepare ?? asMessages;
  const pad = 'x'.repeat(args.size - 24);
  const send = (time) => producer.send(prepare([time.toFixed(6).padStart(24) + pad]));
  // The consumer may still be joining its group; it begins at the beginning.
  await send(0);
  await warm;

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
  await Promise.all([...sends, done]);
  const result = { messages: args.messages, ...stopwatch.end(), latency: percentiles(samples) };
  return { result, close: () => Promise.all([producer.close(), consumer.close()]) };
}

const WORK = {
  'consume-batch': consume,
  'consume-message': consume,
  'produce-batch': produce,
  'produce-single': produce,
  latency,
};

function withTimeout(promise, ms, what) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

function printResult(result) {
  process.stdout.write(`\n${RESULT_MARK}${JSON.stringify(result)}}\n`);
}

/** The result in the output of a side: clients may log to standard output, too. */
function readResult(output) {
  const line = output.split('\n').findLast((text) => text.startsWith(RESULT_MARK));
  return line ? JSON.parse(line).bench : null;
}

/** Runs the work that the command line names as JSON, prints its result and ends the process. */
async function runSide(side, argv = process.argv) {
  const args = JSON.parse(argv[2]);
  try {
    const { result, close } = await withTimeout(
      WORK[args.work](side, args),
      args.timeoutMs,
      args.work,
    );
    printResult({ ...result, node: process.versions.node, ...side.versions?.() });
    await withTimeout(close(), CLOSE_TIMEOUT_MS, 'close').catch((error) => {
      process.stderr.write(`${error.message}\n`);
    });
    // Some clients leave handles behind.
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  }
}

module.exports = { runSide, printResult, readResult, WORK };
