'use strict';

const path = require('node:path');
const { spawn } = require('node:child_process');

/** Tells the watchdog process which servers and files end with us. */
function startWatchdog(directory) {
  const child = spawn(process.execPath, [path.join(__dirname, 'watchdog.js')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  child.stdin.unref();
  child.stdin.on('error', () => {});
  const say = (line) => child.stdin.write(`${line}\n`);
  say(`dir ${directory}`);
  return {
    add: (pid) => say(`+${pid}`),
    remove: (pid) => say(`-${pid}`),
    keepFiles: () => say(`forget ${directory}`),
    end: () => child.stdin.end(),
  };
}

module.exports = { startWatchdog };
