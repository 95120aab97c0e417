'use strict';

// Calls between the benchmark and the processes that it starts: { id, name, args } one way, { id, value | error } back.

const { fork } = require('node:child_process');

const CALL_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 10_000;
const ERRORS_KEPT = 4_000;

/** In the child. `functions`: by name, each with one argument object; `close` ends the process after it. */
function answerParent(functions) {
  process.on('message', async ({ id, name, args }) => {
    let answer;
    try {
      answer = { id, value: await functions[name](args ?? {}) };
    } catch (error) {
      answer = { id, error: error.message };
    }
    process.send(answer, () => {
      if (name === 'close') process.exit(0);
    });
  });
  process.on('disconnect', () => process.exit(1));
  process.send({ id: 0 });
}

/** In the parent: the child's functions as `call(name, args)`; resolves when the child is ready to answer. */
async function startChild(script, args, execArgv = []) {
  const child = fork(script, [JSON.stringify(args)], {
    execArgv,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const waiting = new Map();
  let errors = '';
  let calls = 0;
  let over = null;
  child.stderr
    .setEncoding('utf8')
    .on('data', (text) => (errors = (errors + text).slice(-ERRORS_KEPT)));
  child.on('message', ({ id, value, error }) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error) call?.reject(new Error(error));
    else call?.resolve(value);
  });
  const ended = new Promise((resolve) => {
    child.on('close', (code, signal) => {
      over = new Error(
        `The process ended with ${signal ?? code}: ${errors
          .trim()
          .replace(/\s*\n\s*/g, ' | ')
          .slice(0, 500)}`,
      );
      for (const { reject } of waiting.values()) reject(over);
      resolve();
    });
  });
  const answer = (id, what, timeoutMs) =>
    new Promise((resolve, reject) => {
      if (over) return reject(over);
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new Error(`${what} took longer than ${timeoutMs} ms`));
      }, timeoutMs);
      const settle = (how) => (outcome) => {
        clearTimeout(timer);
        how(outcome);
      };
      return waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
    });
  const call = (name, callArgs, timeoutMs = CALL_TIMEOUT_MS) => {
    const id = (calls += 1);
    const answered = answer(id, name, timeoutMs);
    if (!over) child.send({ id, name, args: callArgs });
    return answered;
  };
  const kill = () => child.kill('SIGKILL');
  /** Ends it, gently if it can. */
  const stop = async () => {
    if (over) return;
    await call('close', {}, END_TIMEOUT_MS).catch(kill);
    const timer = setTimeout(kill, END_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  };
  try {
    await answer(0, 'The start', CALL_TIMEOUT_MS);
  } catch (error) {
    kill();
    throw error;
  }
  return { call, stop, errors: () => errors };
}

module.exports = { answerParent, startChild };
