'use strict';

// The independent clients: kcat, Python's confluent-kafka, npm's kafkajs.

const path = require('node:path');
const { spawn } = require('node:child_process');
const kafkajs = require('kafkajs');

const DEADLINE_MS = 120_000; // for a failure only
const bootstrap = () => process.env.EASYFLOW_TEST_BOOTSTRAP;

/**
 * Runs a program to its end; resolves to what it printed. `input`: text, Buffer or stream; `onOutput`: called with each
 * part of what it prints.
 */
function run(command, args, { input, env, timeoutMs = DEADLINE_MS, onOutput } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const chunks = [];
    let errors = '';
    child.stdout.on('data', (chunk) => {
      chunks.push(chunk);
      onOutput?.(chunk.toString('latin1'));
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.stdin.on('error', () => {}); // it ended early: its exit code says so
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(chunks));
      const how = `${path.basename(command)} ended with ${signal ?? code}`;
      reject(new Error(`${how}: ${errors}${Buffer.concat(chunks).toString('utf8', 0, 2_000)}`));
    });
    if (input?.pipe) input.pipe(child.stdin);
    else child.stdin.end(input);
  });
}

const kcat = (args, options) => run('kcat', ['-b', bootstrap(), ...args], options);

/** Idempotent: a topic's new leader that is not ready yet changes neither order nor count. */
const kcatProduce = (args, options) =>
  kcat(['-P', '-X', 'enable.idempotence=true', ...args], options);

/** A call of clients.py. */
async function python(call, args) {
  const input = JSON.stringify({ call, bootstrap: bootstrap(), ...args });
  const script = path.join(__dirname, 'clients.py');
  return JSON.parse(await run(process.env.EASYFLOW_TEST_PYTHON, [script], { input }));
}

function newKafkajs() {
  return new kafkajs.Kafka({
    brokers: bootstrap().split(','),
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

module.exports = { run, kcat, kcatProduce, python, newKafkajs, bootstrap };
