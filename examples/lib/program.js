'use strict';

// What every example program has in common: flags, Ctrl-C, one line for an error, exit codes.
//   0 done, or ended with Ctrl-C     1 failed     2 configured wrongly

const path = require('node:path');
const { ConfigurationError } = require('./configuration');
const { parseFlags } = require('./flags');

/** What the user configured cannot work, however often it is tried. */
const CONFIGURED_WRONGLY = new Set([
  'ERR_KAFKA_AUTHENTICATION',
  'ERR_KAFKA_TLS',
  'ERR_KAFKA_RESOLVE',
  'ERR_KAFKA_CONFIG',
  'ERR_KAFKA_CATALOG',
]);
// npm passes the terminal's signal on, so one Ctrl-C may come twice within a moment.
const SECOND_SIGNAL_MS = 1_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const say = (line) => process.stderr.write(`${line}\n`);

function exitCodeOf(error) {
  if (Number.isInteger(error.exitCode)) return error.exitCode;
  const code = error.errorCode ?? error.cause?.errorCode;
  return CONFIGURED_WRONGLY.has(code) ? 2 : 1;
}

/** One line, or one for each thing that is configured wrongly. */
function linesOf(error) {
  const message = String(error?.message ?? error);
  const parts = error instanceof ConfigurationError ? message.split('\n') : [message];
  return parts.map((part) => part.replace(/\s+/g, ' ').trim());
}

/**
 * Ends by signal: the first asks `stop`, one more a second later does not wait. Until the process is gone, since npm's copy
 * of a Ctrl-C may come when the program is done: unwatched it would end the process as failed.
 */
function watchSignals(stop) {
  let askedAt = null;
  const onSignal = () => {
    const now = Date.now();
    if (askedAt !== null && now - askedAt > SECOND_SIGNAL_MS) process.exit(130);
    askedAt ??= now;
    stop();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

/** A reader that went away (`… | head`) ends the program like Ctrl-C. */
function watchOutput(stop) {
  const onError = (error) => {
    if (error.code !== 'EPIPE') throw error;
    stop();
  };
  process.stdout.on('error', onError);
}

/**
 * Runs a program. `main` gets:
 *   flags
 *   signal   aborts when the program shall end; with an Error as reason when it shall end as failed
 *   stop     (error?: Error) => void   aborts the signal
 *   say      prints a line on stderr: what is not the program's output
 * and returns an exit code or nothing. Nothing here calls process.exit(): a program that does not end has a bug.
 *
 * @param {{ usage: string, flags?: object, commands?: string[], main: (program: object) => Promise<number | void> }} program
 */
async function run({ usage, flags: definitions = {}, commands, main }) {
  const name = path.basename(require.main.filename, '.js');
  const ending = new AbortController();
  const { signal } = ending;
  const stop = (error) => ending.abort(error ?? 'stopped');
  try {
    const flags = parseFlags(definitions, process.argv.slice(2), { commands });
    if (flags.help) {
      process.stdout.write(`${usage}\n`);
      return;
    }
    watchSignals(stop);
    watchOutput(stop);
    const code = await main({ flags, signal, stop, say });
    if (signal.reason instanceof Error) throw signal.reason;
    process.exitCode = code ?? 0;
  } catch (error) {
    const failure = signal.reason instanceof Error ? signal.reason : error;
    // Ctrl-C while connecting: the call that was cut short is no failure.
    if (signal.aborted && failure === error && !(signal.reason instanceof Error)) {
      process.exitCode = 0;
      if (process.env.DEBUG) say(error.stack);
    } else {
      for (const line of linesOf(failure)) say(`${name}: ${line}`);
      if (process.env.DEBUG) say(failure.stack);
      process.exitCode = exitCodeOf(failure);
    }
  }
}

/** Resolves when the program shall end. */
function ended(signal) {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

module.exports = { run, ended, say };
