'use strict';

// A rate that a server keeps up with: the wanted one, or the highest of these steps.

const STEPS = [10, 25, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000];

/** Whoever delivers less than this of what is due falls behind, second by second. */
const LEAST_SHARE = 0.97;
/** Nor is it live what comes later than this. */
const MOST_P99_MS = 1_000;

/**
 * @param {number} wanted updates a second
 * @param {(rate: number) => Promise<{ share: number, p99Ms: number }>} measure at this rate; each call begins with nothing left to
 *   deliver; `share`: of the deliveries due
 * @returns {Promise<number>}
 */
async function sustainedRate(wanted, measure) {
  const keepsUp = async (rate) => {
    const { share, p99Ms } = await measure(rate);
    return share >= LEAST_SHARE && p99Ms <= MOST_P99_MS;
  };
  if (await keepsUp(wanted)) return wanted;
  let best = STEPS[0];
  for (const step of STEPS.filter((rate) => rate < wanted)) {
    if (!(await keepsUp(step))) break;
    best = step;
  }
  return best;
}

module.exports = { sustainedRate, STEPS };
