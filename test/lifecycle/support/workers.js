'use strict';

const path = require('node:path');
const { Worker } = require('node:worker_threads');

const body = path.join(__dirname, 'worker-body.js');
let number = 0;

/** A worker that has reached its state: { worker, exited }; `exited` resolves to the exit code. */
async function workerIn(state, { brokers, topic }) {
  const worker = new Worker(body, {
    workerData: { brokers, topic, state, group: `w-${process.pid}-${number++}` },
  });
  let failure = null;
  worker.on('error', (error) => (failure = error));
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('exit', () => reject(failure ?? new Error(`The worker ended before ${state}`)));
  });
  return { worker, exited, failure: () => failure };
}

module.exports = { workerIn };
