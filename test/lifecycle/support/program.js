'use strict';

// Child processes: what ends a process cannot be seen from inside it.

const path = require('node:path');
const { spawn } = require('node:child_process');

const DEADLINE_MS = 240_000; // for a failure only

const running = new Set();

/**
 * Starts test/lifecycle/programs/<name>.js.
 *
 * - `line(text)` resolves when the program has printed this line
 * - `ended` resolves to { code, signal, stdout, stderr, hung }
 */
function startProgram(name, args = [], { nodeArgs = [], env } = {}) {
  const file = path.join(__dirname, '..', 'programs', `${name}.js`);
  return startProcess([...nodeArgs, file, ...args], { env });
}

function startProcess(args, { cwd, env, node = process.execPath, deadlineMs = DEADLINE_MS } = {}) {
  const child = spawn(node, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  let hung = false;
  let isOver = false;
  const waiters = new Set();
  const look = () => {
    for (const waiter of waiters) if (waiter()) waiters.delete(waiter);
  };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const ended = new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, deadlineMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(deadline);
      running.delete(child);
      isOver = true;
      look();
      resolve({ code, signal, stdout, stderr, hung });
    });
  });
  const line = (text) =>
    new Promise((resolve, reject) => {
      const waiter = () => {
        if (stdout.split('\n').includes(text)) resolve();
        else if (isOver) reject(new Error(`Ended without "${text}":\n${stdout}${stderr}`));
        else return false;
        return true;
      };
      if (!waiter()) waiters.add(waiter);
    });
  return { child, line, ended, isOver: () => isOver };
}

/** The end of a program that is expected to end by itself. */
function runProgram(...args) {
  return startProgram(...args).ended;
}

/** Ends what a failed test left behind. */
function endPrograms() {
  for (const child of running) child.kill('SIGKILL');
}

module.exports = { startProgram, startProcess, runProgram, endPrograms };
