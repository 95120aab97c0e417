'use strict';

/** Resolves when the condition holds; the deadline is for a failure only. */
async function until(condition, what = 'the condition', timeoutMs = 60_000) {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

module.exports = { until };
