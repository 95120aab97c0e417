'use strict';

const { until } = require('./until');
const { threadCount, descriptorCount, rssMb, collect } = require('./process-state');

// A leak grows in every window; the allocator's pools and the collector's spaces grow in some.
const WINDOWS = 6;

/** Threads, descriptors and resident memory (MiB), once the process has no more than `threads` threads. */
async function settledState(threads) {
  // The kernel takes a joined thread out of /proc a moment later.
  await until(() => threadCount() <= threads, `${threads} threads, there are ${threadCount()}`);
  await collect();
  return { threads: threadCount(), descriptors: descriptorCount(), rssMb: rssMb() };
}

/**
 * Runs windows of rounds until memory grew by at most `quietMb` MiB in one, or there were enough of them.
 *
 * @param {(round: number) => Promise<void>} round
 * @param {{ rounds: number, threads: number, quietMb: number }} options rounds of a window, threads that stay
 * @returns {Promise<{ rounds: number, grownMb: number[], state: object }>} growth of each window, the state after the last
 */
async function growth(round, { rounds, threads, quietMb }) {
  const grownMb = [];
  let number = 0;
  let state = await settledState(threads);
  do {
    for (const end = number + rounds; number < end; number++) await round(number);
    const next = await settledState(threads);
    grownMb.push(next.rssMb - state.rssMb);
    state = next;
  } while (grownMb.at(-1) > quietMb && grownMb.length < WINDOWS);
  return { rounds: number, grownMb, state };
}

module.exports = { growth, settledState };
