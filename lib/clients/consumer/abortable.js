'use strict';

const { classes } = require('../../errors');

function abortable(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(abortedError(signal, 'The wait was aborted'));
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function abortedError(signal, message) {
  return new classes.KafkaJSAbortedError(message, { cause: signal.reason });
}

module.exports = { abortable, abortedError };
