'use strict';

// Makes and terminates workers with connected clients until the memory of the process stays;
// prints how it grew.

const { workerIn } = require('../support/workers');
const { threadCount, descriptorCount } = require('../support/process-state');
const { growth } = require('../support/growth');

const ROUNDS = 20;
const QUIET_MB = 10; // half a MiB a worker
const STATES = ['consuming', 'sending', 'complete', 'handling'];

async function main([brokers, topic]) {
  const idleThreads = threadCount();
  let idleDescriptors; // after the first worker: Node itself opens some for it that stay
  const grown = await growth(
    async (round) => {
      const { worker } = await workerIn(STATES[round % STATES.length], { brokers, topic });
      await worker.terminate();
      idleDescriptors ??= descriptorCount();
    },
    { rounds: ROUNDS, threads: idleThreads, quietMb: QUIET_MB },
  );
  process.stdout.write(
    `${JSON.stringify({ idleThreads, idleDescriptors, quietMb: QUIET_MB, ...grown })}\n`,
  );
}

main(process.argv.slice(2));
