'use strict';

// Programs on a terminal of their own: what a user sees, and what Ctrl-C does, which no pipe shows. The terminal is that
// of script(1), which every Debian has; resizing it takes stty on its device.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFileSync, spawn } = require('node:child_process');

const root = path.join(__dirname, '..', '..', '..');
const WAIT_MS = 120_000; // for a failure only
const CONFIGURES = /^(KAFKA|EASYFLOW_EMBEDDED|NO_COLOR$|DEBUG$|npm_)/;

class Terminal {
  #child;
  #waiting = new Set();
  screen = '';
  exitCode;

  constructor(command, { columns, env, cwd }) {
    const kept = Object.entries(process.env).filter(([name]) => !CONFIGURES.test(name));
    // The shell is the one of a user: it says when the program has given the terminal back to him.
    const shell = `stty cols ${columns} rows 24; tty; ${command}; echo "exit $?"`;
    this.#child = spawn('script', ['-q', '-f', '-c', shell, '/dev/null'], {
      cwd,
      env: { ...Object.fromEntries(kept), SHELL: '/bin/bash', TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      this.screen += text.replaceAll('\r\n', '\n');
      this.#look();
    });
    this.closed = new Promise((resolve) => {
      this.#child.once('close', () => {
        this.isClosed = true;
        this.exitCode = Number(/^exit (\d+)$/m.exec(this.screen)?.[1]);
        this.#look();
        resolve();
      });
    });
  }

  #look() {
    for (const check of this.#waiting) check();
  }

  /** Resolves when the pattern is on the screen, or was. */
  async shows(pattern) {
    const isThere = () => (pattern.test(this.screen) ? this : undefined);
    return this.#until(isThere, String(pattern));
  }

  /** Resolves to this when the program has ended and the terminal is closed. */
  ended() {
    return this.#until(() => (this.isClosed ? this : undefined), 'its end');
  }

  #until(look, what) {
    return new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        settle(value);
      };
      const fail = (why) =>
        finish(reject, new Error(`The terminal ${why} before ${what}:\n${this.screen}`));
      const check = () => {
        const found = look();
        if (found !== undefined) finish(resolve, found);
        else if (this.isClosed) fail('was closed');
      };
      const timer = setTimeout(fail, WAIT_MS, `took ${WAIT_MS} ms`);
      this.#waiting.add(check);
      check();
    });
  }

  type(text) {
    this.#child.stdin.write(text);
  }

  ctrlC() {
    this.type('\x03');
  }

  resize(columns) {
    const [device] = /^\/dev\/\S+/m.exec(this.screen);
    execFileSync('stty', ['-F', device, 'cols', String(columns)]);
  }

  kill() {
    this.#child.kill('SIGKILL'); // the terminal hangs up on what runs in it
  }
}

/** Terminals whose programs share a temporary folder, and so at most one embedded broker. */
class Terminals {
  #terminals = [];
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'terminals-'));

  open(command, { columns = 80, env = {} } = {}) {
    const terminal = new Terminal(command, {
      columns,
      cwd: root,
      // The broker stays until close(): the next program may be slow to start.
      env: { TMPDIR: this.folder, EASYFLOW_EMBEDDED_LINGER_MS: '600000', ...env },
    });
    this.#terminals.push(terminal);
    return terminal;
  }

  /** Processes that were started from one of these terminals and still run: those with their folder in the environment. */
  processes() {
    const mark = `TMPDIR=${this.folder}\0`;
    return fs.readdirSync('/proc').filter((pid) => {
      try {
        return (
          /^\d+$/.test(pid) && fs.readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)
        );
      } catch {
        return false; // of another user, or gone
      }
    });
  }

  async close() {
    for (const terminal of this.#terminals) {
      if (!terminal.isClosed) terminal.kill();
      await terminal.closed;
    }
    for (const pid of this.processes()) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It ended meanwhile.
      }
    }
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

module.exports = { Terminals };
