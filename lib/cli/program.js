'use strict';

// Puts the commands together and runs one: signals, a reader that goes away, one line for an error, exit codes.

const { Command, CommanderError } = require('commander');
const { version } = require('../../package.json');
const { Session } = require('./session');
const { CODES, codeOf, linesOf } = require('./failures');

const NAME = 'easyflow-kafka';
const COMMANDS = [
  require('./commands/topics'),
  require('./commands/produce'),
  require('./commands/consume'),
  require('./commands/groups'),
  require('./commands/lag'),
  require('./commands/offsets'),
  require('./commands/dlq'),
  require('./commands/catalog'),
  require('./commands/broker'),
  require('./commands/doctor'),
];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
// npm passes the terminal's signal on, so one Ctrl-C may come twice within a moment.
const SECOND_SIGNAL_MS = 1_000;

/**
 * The first signal asks the command to end; one more a second later does not wait. Until the process is gone: npx passes a
 * Ctrl-C on that the terminal has sent already.
 */
function watchSignals(stop) {
  let askedAt = null;
  const onSignal = () => {
    const now = Date.now();
    if (askedAt !== null && now - askedAt > SECOND_SIGNAL_MS) process.exit(CODES.interrupted);
    askedAt ??= now;
    stop('signal');
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

/** `… | head` is no failure: nobody wants to know the rest. */
function watchOutput(stop) {
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    stop('closed');
  });
  process.stderr.on('error', () => {});
}

function report(error, { verbose }) {
  for (const line of linesOf(error)) process.stderr.write(`${NAME}: ${line}\n`);
  if (verbose || process.env.DEBUG) process.stderr.write(`${error?.stack}\n`);
}

/** What `run` of a command becomes: its options checked by commander, its end an exit code. */
function action(run) {
  return async (...args) => {
    const command = args.at(-1);
    const ending = new AbortController();
    const stop = (why) => ending.abort(why);
    watchSignals(stop);
    watchOutput(stop);
    const session = new Session(command.optsWithGlobals(), ending.signal);
    try {
      const code = await run(session, ...command.processedArgs);
      process.exitCode = code ?? CODES.ok;
    } catch (error) {
      if (!ending.signal.aborted) {
        report(error, session.options);
        process.exitCode = codeOf(error);
      } else {
        // A call that was cut short is no failure of its own.
        process.exitCode = ending.signal.reason === 'closed' ? CODES.ok : CODES.interrupted;
      }
    } finally {
      await session.close();
    }
  };
}

function makeProgram() {
  const program = new Command(NAME)
    .description('Kafka on the command line: topics, messages, groups, catalogs, connections')
    .version(version)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeErr: (text) => process.stderr.write(text),
      outputError: (text, write) => {
        const line = text
          .trim()
          .replace(/^error: /, '')
          .replace(/\s*\n\s*/g, ' ');
        write(`${NAME}: ${line}\n`);
      },
    })
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 called or configured wrongly, 3 something looked at is not as it should be,' +
        ' 130 interrupted',
    );
  for (const { register } of COMMANDS) register(program, action);
  return program;
}

async function runProgram(argv) {
  try {
    await makeProgram().parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said it; help without having been asked for means that a command is missing.
    const isAnswer = error.exitCode === 0;
    process.exitCode = isAnswer ? CODES.ok : CODES.usage;
  }
}

module.exports = { runProgram };
