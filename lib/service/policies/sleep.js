'use strict';

const { classes } = require('../../errors');

function abortedError(signal) {
  const cause = signal.reason instanceof Error ? signal.reason : undefined;
  return new classes.KafkaJSAbortedError('The wait was aborted', { cause });
}

/** Resolves after a time; rejects when the signal is aborted, and leaves no timer behind. */
function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortedError(signal));
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(abortedError(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

module.exports = { sleep, abortedError };
