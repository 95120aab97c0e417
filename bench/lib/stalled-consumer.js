'use strict';

// The consumer of bench/stall.js, in a process of its own so that its memory is its own. Its first handler sleeps;
// then it checks that every partition's offsets and numbers follow each other without a gap or a repeat.

const { setTimeout: delay } = require('node:timers/promises');
const { Kafka, logLevel } = require('../..');

// Both far below the time the handler sleeps: it must not be taken for dead.
const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 15_000;
const SAMPLE_MS = 200;

const { brokers, topic, groupId, seconds } = JSON.parse(process.argv[2]);

const next = new Map();
const problems = [];
let received = 0;
let joins = 0;
let total = Infinity;
let stalled = null;
let finish;
const finished = new Promise((resolve) => {
  finish = resolve;
});

function check(partition, message) {
  const expected = next.get(partition) ?? 0;
  const number = Number(message.value.toString('latin1', 0, 16));
  if (Number(message.offset) !== expected || number !== expected) {
    problems.push(`${partition}: ${expected} expected, offset ${message.offset} number ${number}`);
  }
  next.set(partition, Number(message.offset) + 1);
  received += 1;
}

async function sleep() {
  process.send({ type: 'asleep' });
  await delay(seconds * 1_000);
  process.send({ type: 'awake', rssMb: process.memoryUsage().rss / 2 ** 20, peakMb, joins });
}

let peakMb = 0;
setInterval(() => {
  peakMb = Math.max(peakMb, process.memoryUsage().rss / 2 ** 20);
}, SAMPLE_MS).unref();

async function eachBatch({ batch }) {
  stalled ??= sleep();
  await stalled;
  for (const message of batch.messages) check(batch.partition, message);
  if (received >= total) finish();
}

async function main() {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR });
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
  });
  consumer.on(consumer.events.GROUP_JOIN, () => {
    joins += 1;
  });
  process.on('message', (message) => {
    total = message.total;
    if (received >= total) finish();
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachBatch });
  await finished;
  await consumer.disconnect();
  process.send({
    type: 'done',
    received,
    joins,
    problems: problems.slice(0, 5),
    problemCount: problems.length,
    peakMb: Math.max(peakMb, process.resourceUsage().maxRSS / 1_024),
  });
  process.disconnect();
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
