'use strict';

// What every side in JavaScript shares: the work, and the one line of JSON that tells how it went.
//
// A side is { openProducer(args), openConsumer(args, onMessage, onJoin?), headerCount(headers), ready?, openPipe? }:
//   openProducer -> { send(messages) -> Promise, prepare(values) -> messages, close() }
//   openConsumer -> { close() }; calls onMessage(message) for each message, from batches when `args.eachBatch`, and awaits
//                   what it returns when `args.awaits`
//   openPipe     -> { close() }; consumes, and calls onCommitted(count) after each transaction
//   ready        -> a promise of what has to be loaded before a clock starts
// `args`: { work, brokers, topic, groupId, messages, lead, timeoutMs } and the parameters of the case.

const { consume, growth } = require('./works/consume');
const { produce } = require('./works/produce');
const { latency } = require('./works/latency');
const { transactions } = require('./works/transactions');
const { start } = require('./works/start');
const { stall } = require('./works/stall');
const { idle } = require('./works/idle');
const { printResult } = require('./result-line');

const CLOSE_TIMEOUT_MS = 10_000;

const RUN = {
  'consume-batch': consume,
  'consume-message': consume,
  'produce-batch': produce,
  'produce-single': produce,
  latency,
  transactions,
  start,
  stall,
  idle,
  growth,
};

function withTimeout(promise, ms, what) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

/** Runs the work that the command line names as JSON, prints its result and ends the process. */
async function runSide(side, argv = process.argv) {
  const args = JSON.parse(argv[2]);
  try {
    await side.ready;
    const { result, close } = await withTimeout(
      RUN[args.work](side, args),
      args.timeoutMs,
      args.work,
    );
    printResult({ ...result, node: process.versions.node });
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

module.exports = { runSide };
