const MAX_TIMER_MS = 2 ** 31 - 1;

/** Full jitter: anything between nothing and the ceiling, so that thousands of clients do not come back together. */
export function jitter(ceilingMs) {
  return Math.random() * Math.min(ceilingMs, MAX_TIMER_MS);
}

export function backoff({ baseMs, maxMs }, failures) {
  return jitter(Math.min(maxMs, baseMs * 2 ** failures));
}
