'use strict';

const { abortedError } = require('../policies/sleep');

const CHANGES = ['open', 'halfOpen', 'close'];
/** A breaker of which only the refusal is known: it may change sooner than it said. */
const LONGEST_WAIT_MS = 1_000;
const SHORTEST_WAIT_MS = 20;

/**
 * Resolves when it is worth while to try again: the breaker changed its state, or the time it named is over.
 *
 * @param {import('../policies/breaker').CircuitBreaker | undefined} breaker undefined: one inside the handler
 * @param {number} retryAfterMs what its error said @param {AbortSignal} signal
 */
function whenBreakerChanges(breaker, retryAfterMs, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortedError(signal));
      return;
    }
    const end = (settle) => () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      for (const event of CHANGES) breaker?.off(event, onChange);
      settle();
    };
    const onAbort = end(() => reject(abortedError(signal)));
    const onChange = end(resolve);
    const waitMs = Math.min(Math.max(retryAfterMs, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
    const timer = setTimeout(onChange, waitMs);
    signal.addEventListener('abort', onAbort, { once: true });
    for (const event of CHANGES) breaker?.on(event, onChange);
  });
}

module.exports = { whenBreakerChanges };
