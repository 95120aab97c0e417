'use strict';

// A consumer whose handler sleeps under full input stays small, keeps its partitions and loses nothing when it goes
// on. Ends with exit code 1 otherwise.
//
//   node bench/stall.js [--seconds 60] [--rate 50000]

const path = require('node:path');
const { fork } = require('node:child_process');
const { parseArgs } = require('node:util');
const { setTimeout: delay } = require('node:timers/promises');
const { Kafka, logLevel } = require('..');
const { startCluster } = require('./lib/cluster');
const { printFailure } = require('../scripts/lib/steps');

const LIMIT_MB = 300;
const PARTITIONS = 4;
const BATCH = 1_000;
const SIZE = 200;
/** There before the consumer begins: more than it may hold. */
const BACKLOG = 1_000_000;
const CATCH_UP_MS = 120_000;

const log = (line) => process.stderr.write(`${line}\n`);

/** Sends numbered messages: 0, 1, 2 … in each partition, so that a number is its offset. */
async function startFeed(brokers, topic) {
  const producer = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR }).producer();
  await producer.connect();
  const pad = 'x'.repeat(SIZE - 16);
  const next = new Array(PARTITIONS).fill(0);
  let turn = 0;
  let sent = 0;
  const sendBatch = async () => {
    const partition = turn++ % PARTITIONS;
    const messages = Array.from({ length: BATCH }, () => ({
      partition,
      value: String(next[partition]++).padStart(16, '0') + pad,
    }));
    sent += BATCH;
    await producer.send({ topic, messages });
  };
  return {
    sendBatch,
    count: () => sent,
    close: () => producer.disconnect(),
  };
}

async function feedAtRate(feed, rate, isOver) {
  const startedAt = Date.now();
  const before = feed.count();
  const pending = new Set();
  while (!isOver()) {
    const due = ((Date.now() - startedAt) * rate) / 1e3;
    while (feed.count() - before < due && !isOver()) {
      const send = feed.sendBatch().finally(() => pending.delete(send));
      pending.add(send);
      if (pending.size >= 8) await Promise.race(pending);
    }
    await delay(5);
  }
  await Promise.all(pending);
}

/** The messages of the child by type, as promises; all of them reject when it ends too early. */
function startConsumer(args) {
  const child = fork(path.join(__dirname, 'lib', 'stalled-consumer.js'), [JSON.stringify(args)]);
  const seen = new Map();
  const waiting = new Map();
  let ended = null;
  child.on('message', (message) => {
    seen.set(message.type, message);
    waiting.get(message.type)?.resolve(message);
  });
  child.on('exit', (code, signal) => {
    ended = new Error(`The consumer ended with ${signal ?? code}`);
    for (const { reject } of waiting.values()) reject(ended);
  });
  return {
    kill: () => child.kill('SIGKILL'),
    tell: (message) => child.send(message),
    isAwake: () => seen.has('awake') || ended !== null,
    said: (type) =>
      new Promise((resolve, reject) => {
        if (seen.has(type)) resolve(seen.get(type));
        else if (ended) reject(ended);
        else waiting.set(type, { resolve, reject });
      }),
  };
}

function withDeadline(promise, ms, what) {
  return Promise.race([
    promise,
    delay(ms, undefined, { ref: false }).then(() => {
      throw new Error(`${what} took longer than ${ms / 1_000} s`);
    }),
  ]);
}

function verdict({ awake, done, group, total }) {
  const checks = [
    [
      `RSS ${Math.round(awake.rssMb)} MB after the sleep, peak ${Math.round(done.peakMb)} MB`,
      done.peakMb < LIMIT_MB,
    ],
    [
      `group ${group.state} with ${group.members.length} member(s) during the sleep`,
      group.state === 'Stable' && group.members.length === 1,
    ],
    [`joined its group ${done.joins} time(s)`, done.joins === 1],
    [
      `${done.received} of ${total} messages, ${done.problemCount} out of order`,
      done.received === total && done.problemCount === 0,
    ],
  ];
  for (const [text, met] of checks) process.stdout.write(`${met ? 'ok    ' : 'NOT ok'}  ${text}\n`);
  for (const problem of done.problems) process.stdout.write(`        partition ${problem}\n`);
  return checks.every(([, met]) => met);
}

async function measure(cluster, { seconds, rate }) {
  const topic = await cluster.topic(PARTITIONS);
  const feed = await startFeed(cluster.brokers, topic);
  log(`Filling ${BACKLOG.toLocaleString('en-US')} messages of ${SIZE} B …`);
  await feedAtRate(feed, 1e9, () => feed.count() >= BACKLOG);
  const groupId = 'stalled';
  const consumer = startConsumer({ brokers: cluster.brokers, topic, groupId, seconds });
  try {
    await withDeadline(consumer.said('asleep'), 30_000, 'The first batch');
    log(
      `The handler sleeps for ${seconds} s; ${rate.toLocaleString('en-US')} messages/s come meanwhile …`,
    );
    // Late in the sleep: a member that is about to be thrown out is out by then.
    const seen = delay(seconds * 900).then(() => cluster.group(groupId));
    await feedAtRate(feed, rate, () => consumer.isAwake());
    const awake = await consumer.said('awake');
    const total = feed.count();
    consumer.tell({ total });
    const done = await withDeadline(consumer.said('done'), CATCH_UP_MS, 'Catching up');
    return verdict({ awake, done, group: await seen, total });
  } finally {
    consumer.kill();
    await feed.close();
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      rate: { type: 'string', default: '50000' },
    },
  });
  const cluster = await startCluster({ log });
  try {
    const options = { seconds: Number(values.seconds), rate: Number(values.rate) };
    process.exitCode = (await measure(cluster, options)) ? 0 : 1;
  } finally {
    await cluster.stop();
  }
}

main().catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
