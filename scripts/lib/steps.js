'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const paths = require('./paths');

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SIGN_OF_LIFE_MS = 15_000;
const TAIL_LINES = 40;

const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;

// The sequences that tools colour their output with.
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b(\[[0-9;?]*[a-zA-Z]|\([A-Z])/g;

class StepError extends Error {
  constructor(message, logFile) {
    super(message);
    this.name = 'StepError';
    this.logFile = logFile;
  }
}

function tail(file, lines = TAIL_LINES) {
  try {
    return fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

/** Shows a list of steps, one line each, with the seconds each took. */
class Steps {
  #total;
  #current = 0;
  #out;

  constructor(total, { out = process.stderr } = {}) {
    this.#total = total;
    this.#out = out;
  }

  async run(title, work) {
    this.#current += 1;
    const label = `[${this.#current}/${this.#total}] ${title}`;
    const started = Date.now();
    let lastLine = '';
    const report = (line) => {
      const clean = line.replace(ESCAPES, '').trim();
      if (clean) lastLine = clean;
    };
    const stopShowing = this.#showLife(label, started, () => lastLine);
    try {
      const result = await work(report);
      stopShowing();
      this.#out.write(`${label} … ${seconds(started)}\n`);
      return result;
    } catch (error) {
      stopShowing();
      this.#out.write(`${label} … failed after ${seconds(started)}\n`);
      throw error;
    }
  }

  #showLife(label, started, lastLine) {
    const out = this.#out;
    if (out.isTTY) {
      let frame = 0;
      const draw = () => {
        const text = `${SPINNER[frame++ % SPINNER.length]} ${label} … ${seconds(started)}  ${lastLine()}`;
        out.write(`\r\u001b[K${text.slice(0, Math.max(20, (out.columns || 80) - 1))}`);
      };
      draw();
      const timer = setInterval(draw, 120);
      return () => {
        clearInterval(timer);
        out.write('\r\u001b[K');
      };
    }
    out.write(`${label} …\n`);
    const timer = setInterval(() => {
      out.write(`    ${seconds(started)}: ${lastLine().slice(0, 120)}\n`);
    }, SIGN_OF_LIFE_MS);
    return () => clearInterval(timer);
  }
}

/** Runs one command with its output in build/logs/<name>.log; resolves when it ended well. */
function runLogged(name, command, args, { report = () => {}, env, cwd = paths.root } = {}) {
  fs.mkdirSync(paths.logs, { recursive: true });
  const logFile = path.join(paths.logs, `${name}.log`);
  const log = fs.createWriteStream(logFile);
  log.write(`$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        log.write(text);
        const lines = text.trimEnd().split('\n');
        report(lines[lines.length - 1]);
      });
    }
    child.on('error', (error) => {
      log.end();
      const hint = error.code === 'ENOENT' ? 'it is not installed' : error.message;
      reject(new StepError(`Could not start ${command}: ${hint}`, logFile));
    });
    child.on('close', (code, signal) => {
      log.end(() => {
        if (code === 0) return resolve(logFile);
        const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
        reject(new StepError(`${command} ${how}`, logFile));
      });
    });
  });
}

function printFailure(error, out = process.stderr) {
  if (error instanceof StepError) {
    const end = tail(error.logFile);
    if (end) out.write(`\n${end}\n`);
    out.write(`\n${error.message}\n`);
    if (error.logFile) out.write(`The whole log: ${path.relative(process.cwd(), error.logFile)}\n`);
  } else {
    out.write(`\n${error.stack || error}\n`);
  }
}

module.exports = { Steps, StepError, runLogged, printFailure, tail };
