'use strict';

// A stack should begin where the user's code called us. Errors of async calls are made inside an async function after
// an await (or in a microtask of the promise that the caller awaits), so V8 knows the caller's frames; here ours go.

const path = require('node:path');

const LIB = path.join(__dirname, '..') + path.sep;
const FRAME = /^\s+at /;

const ENGINE =
  /\(node:internal|at (?:async )?node:internal|at new Promise \(<anonymous>\)|at async Promise\.\w+ \(index/;

function isOurs(line) {
  return line.includes(LIB) || ENGINE.test(line);
}

/**
 * Removes the frames of lib/ (and of Node's internals between them) from the top of a stack. A stack without a frame
 * of the user stays as it is: then ours are the only clue.
 *
 * @template {Error} E
 * @param {E} error
 * @returns {E}
 */
function trimStack(error) {
  const { stack } = error;
  if (typeof stack !== 'string') return error; // Error.prepareStackTrace of the application
  const lines = stack.split('\n');
  const first = lines.findIndex((line) => FRAME.test(line));
  if (first === -1) return error;
  let keep = first;
  while (keep < lines.length && FRAME.test(lines[keep]) && isOurs(lines[keep])) keep += 1;
  if (keep === first || keep === lines.length || !FRAME.test(lines[keep])) return error;
  lines.splice(first, keep - first);
  define(error, lines.join('\n'));
  return error;
}

/**
 * For an error that several callers share (one connect(), one look at a topic): the stack of the caller that asks, in an
 * async function after its await.
 *
 * @template {Error} E
 * @param {E} error
 * @returns {E}
 */
function recapture(error) {
  if (typeof error?.stack !== 'string' || Object.isFrozen(error)) return error;
  Error.captureStackTrace(error, recapture);
  return trimStack(error);
}

function define(error, stack) {
  Object.defineProperty(error, 'stack', {
    value: stack,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

module.exports = { trimStack, recapture };
