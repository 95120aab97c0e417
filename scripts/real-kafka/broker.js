'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');

const STARTED = 'Kafka Server started';
const log4jConfig = path.join(__dirname, 'log4j2.properties');
const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function logTail(file, lines = 30) {
  try {
    return fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

/** `args` of a Java program on Kafka's class path. */
function javaArguments(jars, options, mainClass, args) {
  return [
    ...options,
    `-Dlog4j2.configurationFile=${log4jConfig}`,
    '-cp',
    path.join(jars, '*'),
    mainClass,
    ...args,
  ];
}

/** One broker process over one directory: it can be killed and started again. */
class Broker {
  #options;
  #child = null;
  #ended = Promise.resolve();

  /** `options`: { id, port, ports, directory, jars, heapMb, watchdog }. */
  constructor(options) {
    this.#options = options;
    this.id = options.id;
    this.port = options.port;
    this.ports = options.ports;
    this.logFile = path.join(options.directory, 'server.log');
  }

  get pid() {
    return this.#child ? this.#child.pid : null;
  }

  async start({ timeoutMs }) {
    if (this.#child) throw new Error(`Broker ${this.id} is running already`);
    const { jars, heapMb, directory, watchdog } = this.#options;
    const log = fs.openSync(this.logFile, 'a');
    const from = fs.fstatSync(log).size;
    const child = spawn(
      'java',
      javaArguments(jars, [`-Xmx${heapMb}m`, '-Djava.awt.headless=true'], 'kafka.Kafka', [
        path.join(directory, 'server.properties'),
      ]),
      // A group of its own: Ctrl-C reaches us alone, and we end the brokers.
      { cwd: directory, stdio: ['ignore', log, log], detached: true },
    );
    fs.closeSync(log);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const done = () => {
        if (child.pid) watchdog.remove(child.pid);
        if (this.#child === child) this.#child = null;
        resolve();
      };
      child.once('exit', done);
      child.once('error', done);
    });
    if (child.pid) watchdog.add(child.pid);
    child.unref();
    await this.#untilStarted(from, timeoutMs);
  }

  async #untilStarted(from, timeoutMs) {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const text = fs.readFileSync(this.logFile).subarray(from).toString('utf8');
      if (text.includes(STARTED)) return;
      if (!this.#child) {
        throw new Error(`Kafka broker ${this.id} ended while starting:\n${logTail(this.logFile)}`);
      }
      if (Date.now() > deadline) {
        await this.kill('SIGKILL');
        throw new Error(
          `Kafka broker ${this.id} did not start in ${timeoutMs} ms:\n${logTail(this.logFile)}`,
        );
      }
      await delay(40);
    }
  }

  /** Sends a signal and waits for the end of the process. */
  async kill(signal = 'SIGKILL') {
    if (this.#child) {
      this.#child.ref(); // else nothing would keep this process here until the end is seen
      this.#child.kill(signal);
    }
    await this.#ended;
  }

  /** Freezes (SIGSTOP) or thaws (SIGCONT) the process: a broker that hangs without closing. */
  signal(name) {
    if (!this.#child) throw new Error(`Broker ${this.id} is not running`);
    this.#child.kill(name);
  }
}

module.exports = { Broker, javaArguments };
