'use strict';

// Which errors of a handler are tried again, and which crashes restart: KafkaJS's rules.

/** A bug in the handler: another attempt runs into it again. */
const PROGRAMMER_ERRORS = new Set(['RangeError', 'ReferenceError', 'SyntaxError', 'TypeError']);

/** Everything is retried that does not say `retriable: false` and is no programmer's mistake. */
function isRetriable(error) {
  return error?.retriable !== false && !PROGRAMMER_ERRORS.has(error?.name);
}

function originalCause(error) {
  let current = error;
  const seen = new Set();
  while (current?.cause && !seen.has(current)) {
    seen.add(current);
    current = current.cause;
  }
  return current;
}

/** Attempts that ran out may succeed later; what says of itself that it is not retriable will not. */
function isRestartable(error) {
  return (
    error?.name === 'KafkaJSNumberOfRetriesExceeded' || originalCause(error)?.retriable === true
  );
}

module.exports = { isRetriable, isRestartable };
