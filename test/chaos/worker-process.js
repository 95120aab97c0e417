'use strict';

const path = require('node:path');
const readline = require('node:readline');
const { spawn } = require('node:child_process');

const PROGRAM = path.join(__dirname, 'task-worker.js');
const KEPT_CHARACTERS = 10_000;

/** One run of task-worker.js. `onLine(what, id)` for each thing that it says. */
class WorkerProcess {
  #child;
  errors = '';
  hasBegun = false;
  /** Tasks that it has begun and not done. */
  inHand = new Set();

  constructor(env, onLine) {
    this.#child = spawn(process.execPath, [PROGRAM], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    readline.createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const [what, id] = line.split(' ');
      if (what === 'begun') {
        this.hasBegun = true;
        this.inHand.add(id);
      } else if (what === 'done') {
        this.inHand.delete(id);
      }
      onLine(what, id);
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.errors = (this.errors + text).slice(-KEPT_CHARACTERS);
    });
    /** Resolves to its exit code or signal when all that it said was read. */
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve(signal ?? code));
    });
  }

  kill(signal) {
    this.#child.kill(signal);
  }
}

module.exports = { WorkerProcess };
