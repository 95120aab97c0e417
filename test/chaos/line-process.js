'use strict';

const readline = require('node:readline');
const { spawn } = require('node:child_process');

const KEPT_CHARACTERS = 10_000;

/** A Node program of which each line is read: `onLine(...words)`. */
class LineProcess {
  #child;
  errors = '';

  constructor(program, { args = [], env = {}, onLine }) {
    this.#child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdin.on('error', () => {}); // it ended
    readline
      .createInterface({ input: this.#child.stdout })
      .on('line', (line) => onLine(...line.split(' ')));
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

module.exports = { LineProcess };
