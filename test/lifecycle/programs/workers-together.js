'use strict';

// Several workers at once, each with a producer and a consumer of its own; the main thread never loads the package.

const { workerIn } = require('../support/workers');

async function main([brokers, topic]) {
  const workers = await Promise.all(
    [1, 2, 3, 4].map(() => workerIn('complete', { brokers, topic })),
  );
  const codes = await Promise.all(workers.map(({ exited }) => exited));
  process.stdout.write(`${JSON.stringify(codes)}\n`);
}

main(process.argv.slice(2));
