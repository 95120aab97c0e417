'use strict';

// Outlives the process that started brokers, however that one ends: it holds the other end of our
// standard input, and says there `+<pid>` and `-<pid>` for a broker and `dir <path>` for its files.
// When that input ends, what is left is ended by its id and the files are removed.

const fs = require('node:fs');
const readline = require('node:readline');

const startTimes = new Map();
const directories = new Set();

/** An id may be used again: the moment a process was started tells two of them apart. */
function startTime(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return '';
  }
}

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

const lines = readline.createInterface({ input: process.stdin });

lines.on('line', (line) => {
  if (line.startsWith('+')) startTimes.set(Number(line.slice(1)), startTime(line.slice(1)));
  if (line.startsWith('-')) startTimes.delete(Number(line.slice(1)));
  if (line.startsWith('dir ')) directories.add(line.slice(4));
  if (line.startsWith('forget ')) directories.delete(line.slice(7));
});

lines.on('close', () => {
  for (const [pid, started] of startTimes) {
    if (startTime(pid) !== started) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  for (const directory of directories) {
    fs.rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});
