'use strict';

// Makes and terminates workers with connected clients; prints threads, descriptors and memory after some rounds.

const { workerIn } = require('../support/workers');
const { until } = require('../support/until');
const { threadCount, descriptorCount, rssMb, collect } = require('../support/process-state');

const ROUNDS = 50;
const WARM_UP = 20;
const STATES = ['consuming', 'sending', 'complete', 'handling'];

async function state(threads) {
  // The kernel takes a joined thread out of /proc a moment later.
  await until(() => threadCount() <= threads, `${threads} threads, there are ${threadCount()}`);
  await collect();
  return { threads: threadCount(), descriptors: descriptorCount(), rssMb: rssMb() };
}

async function main([brokers, topic]) {
  const before = await state(threadCount());
  let warm;
  for (let round = 0; round < ROUNDS; round++) {
    const { worker } = await workerIn(STATES[round % STATES.length], { brokers, topic });
    await worker.terminate();
    if (round === WARM_UP - 1) warm = await state(before.threads);
  }
  const after = await state(before.threads);
  process.stdout.write(`${JSON.stringify({ before, warm, after })}\n`);
}

main(process.argv.slice(2));
