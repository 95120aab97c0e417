'use strict';

// The load generator (bench/native/hub_load.cc) as an object: lines to it, events from it.

const { spawn } = require('node:child_process');
const { hubLoad } = require('../lib/paths');
const { loadArguments } = require('./protocols');

const EVENT_TIMEOUT_MS = 90_000;
const END_TIMEOUT_MS = 5_000;
/** Above what any case takes: whoever forgets it leaves no process behind. */
const TIMEOUT_SECONDS = 300;

/** Cuts a stream of text into events; a line that is none is an error. */
function eventReader(onEvent) {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line.trim()) onEvent(JSON.parse(line));
    }
  };
}

const milliseconds = (micros) => micros / 1e3;

/** A `report` event in the units of the benchmark. */
function reportOf({ latencyUs, ...event }) {
  const latency = Object.fromEntries(
    Object.entries(latencyUs).map(([name, micros]) => [name, milliseconds(micros)]),
  );
  return { ...event, latency };
}

/**
 * Starts the generator.
 *
 * @param {string} side
 * @param {object} load see loadArguments()
 * @returns {{ ready: Promise<object>, begin: Function, report: Function, slow: Function, cut: Function, check: Function, stop: Function }}
 */
function startLoad(side, load) {
  const args = loadArguments(side, { timeoutSeconds: TIMEOUT_SECONDS, ...load });
  const child = spawn(hubLoad, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting = new Map();
  let errors = '';
  let over = null;
  const onEvent = (event) => {
    waiting.get(event.event)?.resolve(event);
    waiting.delete(event.event);
  };
  child.stdout.setEncoding('utf8').on('data', eventReader(onEvent));
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  child.stdin.on('error', () => {}); // it has ended: `close` says why
  const ended = new Promise((resolve) => {
    const end = (why) => {
      over = new Error(`The load generator ended with ${why}: ${errors.trim()}`);
      for (const { reject } of waiting.values()) reject(over);
      resolve();
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(signal ?? code));
  });
  const next = (name) =>
    new Promise((resolve, reject) => {
      if (over) return reject(over);
      const timer = setTimeout(() => {
        waiting.delete(name);
        reject(new Error(`The load generator said no ${name} in ${EVENT_TIMEOUT_MS} ms`));
      }, EVENT_TIMEOUT_MS);
      const settle = (how) => (outcome) => {
        clearTimeout(timer);
        how(outcome);
      };
      return waiting.set(name, { resolve: settle(resolve), reject: settle(reject) });
    });
  const say = (line) => child.stdin.write(`${line}\n`);
  const ask = (line, name) => {
    const answer = next(name);
    say(line);
    return answer;
  };
  return {
    ready: next('ready'),
    begin: () => say('begin'),
    slow: () => say('slow'),
    report: async () => reportOf(await ask('report', 'report')),
    cut: (count) => ask(`cut ${count}`, 'live'),
    check: (sent) => ask(`check ${sent}`, 'checked'),
    async stop() {
      if (!over) say('quit');
      const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

module.exports = { startLoad, eventReader, reportOf };
