'use strict';

// Runs a program of examples/, in JavaScript or Python, as a child process and waits for what it prints.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');

const root = path.join(__dirname, '..', '..', '..');
const WAIT_MS = 120_000; // for a failure only

/** Variables that would configure the program; the tests decide on them. */
const OURS = /^(KAFKA|EASYFLOW_EMBEDDED|DEBUG$)/;

function cleanEnvironment(extra) {
  const kept = Object.entries(process.env).filter(([name]) => !OURS.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

class ExampleProgram {
  #child;
  #waiting = new Set();
  stdout = '';
  stderr = '';

  constructor(name, args, { env, cwd, input, keepsInputOpen = false, waitMs = WAIT_MS }) {
    this.name = name;
    this.waitMs = waitMs;
    const interpreter = name.endsWith('.py') ? process.env.EASYFLOW_TEST_PYTHON : process.execPath;
    this.#child = spawn(interpreter, [path.resolve(root, 'examples', name), ...args], {
      cwd,
      env: cleanEnvironment(env),
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    for (const stream of ['stdout', 'stderr']) {
      this.#child[stream].setEncoding('utf8').on('data', (text) => {
        this[stream] += text;
        for (const check of this.#waiting) check();
      });
    }
    if (input !== undefined) {
      this.#child.stdin.on('error', () => {}).write(input);
      if (!keepsInputOpen) this.endInput();
    }
    this.closed = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.exit = signal ?? code;
        for (const check of this.#waiting) check();
        resolve(this.exit);
      });
    });
  }

  get lines() {
    return this.stdout.split('\n').filter((line) => line !== '');
  }

  /** Resolves when `condition` of this holds. */
  until(condition, what = String(condition)) {
    return new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        settle(value);
      };
      const fail = (why) =>
        finish(
          reject,
          new Error(`${this.name} ${why} before ${what}\n${this.stdout}\n${this.stderr}`),
        );
      const check = () => {
        if (condition(this)) finish(resolve, this);
        else if (this.exit !== undefined) fail(`ended with ${this.exit}`);
      };
      const timer = setTimeout(fail, this.waitMs, `took ${this.waitMs} ms`);
      this.#waiting.add(check);
      check();
    });
  }

  /** For one that was started with `keepsInputOpen`. */
  type(text) {
    this.#child.stdin.write(text);
  }

  endInput() {
    this.#child.stdin.end();
  }

  /** As `| head` does when it has enough. */
  closeOutput() {
    this.#child.stdout.destroy();
  }

  kill(signal = 'SIGINT') {
    this.#child.kill(signal);
  }

  /** @returns {Promise<number | string>} exit code or signal */
  async ended() {
    await this.until((program) => program.exit !== undefined, 'its end');
    return this.exit;
  }
}

/** Programs that share a temporary folder of their own, and so at most one embedded broker. */
class ExampleStage {
  #programs = [];
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'examples-'));

  /** @param {object} [env] @param {{ waitMs?: number }} [options] waitMs: of each until() */
  constructor(env = {}, options = {}) {
    this.options = options;
    // The broker stays until close(): the next program may be slow to start.
    this.env = { TMPDIR: this.folder, EASYFLOW_EMBEDDED_LINGER_MS: '600000', ...env };
  }

  start(name, args = [], { env = {}, ...rest } = {}) {
    const options = { ...this.options, ...rest, env: { ...this.env, ...env }, cwd: this.folder };
    const program = new ExampleProgram(name, args, options);
    this.#programs.push(program);
    return program;
  }

  /** Where programs of this stage keep their broker's address. */
  get brokerFolder() {
    return path.join(this.folder, `easyflow-kafka-examples-${process.getuid()}`);
  }

  get addressFile() {
    return path.join(this.brokerFolder, 'broker.json');
  }

  brokerAddress() {
    return JSON.parse(fs.readFileSync(this.addressFile, 'utf8'));
  }

  /** Resolves when the process is gone. */
  async untilGone(pid) {
    const deadline = Date.now() + WAIT_MS;
    const isAlive = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (isAlive()) {
      if (Date.now() > deadline) throw new Error(`Process ${pid} is still there`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends what still runs, the broker too. */
  async close() {
    for (const program of this.#programs) {
      if (program.exit === undefined) program.kill('SIGKILL');
      await program.closed;
    }
    if (fs.existsSync(this.addressFile)) {
      const { pid } = this.brokerAddress();
      try {
        process.kill(pid, 'SIGTERM');
      } catch {
        // Gone already.
      }
      await this.untilGone(pid);
    }
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = { ExampleStage };
