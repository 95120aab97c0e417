'use strict';

const fs = require('node:fs');
const { spawn } = require('node:child_process');

const LINGER_MS = 20_000;
const running = new Set();

/** Ends the process group that one child of ours leads. */
function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

// The children lead groups of their own, so that a Ctrl-C reaches only us.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.once(signal, () => {
    for (const child of running) endGroup(child);
    process.exit(code);
  });
}

/**
 * Runs a test program with our terminal. Resolves to { code, problem }: `problem` says what no
 * report can say: a crash, a deadline, or a process that stays after its report is written because
 * a handle is still open.
 */
function runSuiteProcess(command, args, { reportFile, timeoutMs, env, cwd, onOutput }) {
  fs.rmSync(reportFile, { force: true });
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', onOutput ? 'pipe' : 'inherit', 'inherit'],
      detached: true,
    });
    running.add(child);
    let problem = '';
    const end = (reason) => {
      problem ||= reason;
      endGroup(child);
    };
    const deadline = setTimeout(
      () => end(`did not end within ${Math.round(timeoutMs / 1000)} s`),
      timeoutMs,
    );
    let reportedAt = 0;
    const lingering = setInterval(() => {
      if (!reportedAt && fs.existsSync(reportFile)) reportedAt = Date.now();
      if (reportedAt && Date.now() - reportedAt > LINGER_MS) {
        end('did not exit by itself after its last test: a handle is still open');
      }
    }, 500);
    onOutput && child.stdout.setEncoding('utf8').on('data', onOutput);
    const done = (code, signal) => {
      clearTimeout(deadline);
      clearInterval(lingering);
      running.delete(child);
      endGroup(child); // what the suite left behind in its group
      if (signal) problem ||= `was ended by ${signal}`;
      resolve({ code, problem });
    };
    child.on('error', (error) => {
      problem = error.message;
      done(null);
    });
    child.on('close', done);
  });
}

module.exports = { runSuiteProcess };
