'use strict';

const readline = require('node:readline');
const { CODES, UsageError } = require('../failures');
const { header, integer, json, withCatalog, withConnection } = require('../options');
const { encoderOf } = require('../encode');
const { Sender } = require('../sender');

async function* linesOfStdin(signal) {
  const lines = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
  const close = () => {
    lines.close();
    process.stdin.destroy(); // an open terminal would keep the process
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    for await (const line of lines) yield line;
  } finally {
    signal.removeEventListener('abort', close);
    process.stdin.destroy();
  }
}

async function* messagesOf(session, encode) {
  const { value, lines: asTheyAre } = session.options;
  if (value !== undefined) {
    yield encode(value, { isLine: false });
    return;
  }
  let number = 0;
  for await (const line of linesOfStdin(session.signal)) {
    number += 1;
    if (!asTheyAre && line.trim() === '') continue;
    try {
      yield encode(line, { isLine: true });
    } catch (error) {
      throw new UsageError(`Line ${number} of stdin: ${error.message}`, { cause: error });
    }
  }
}

async function produce(session, given) {
  const { options, output } = session;
  const { topic, encode } = encoderOf(session, given);
  if (options.value === undefined && process.stdin.isTTY) {
    output.say('Reading lines from the terminal; Ctrl-D ends.');
  }
  const producer = await session.producer(options.acks === undefined ? {} : { acks: options.acks });
  const sender = new Sender(producer, {
    topic,
    onProgress: (sent) => output.progress(sent),
  });
  try {
    for await (const message of messagesOf(session, encode)) await sender.send(message);
  } finally {
    await sender.settled();
    const { sent } = sender;
    output.say(`Sent ${sent} ${sent === 1 ? 'message' : 'messages'} to ${topic}.`);
  }
  sender.throwIfFailed();
  if (options.json) await output.result({ topic, sent: sender.sent });
  return session.signal.reason === 'signal' ? CODES.interrupted : CODES.ok;
}

function register(program, action) {
  withCatalog(withConnection(program.command('produce')))
    .description('sends --value, or a message for each line of stdin')
    .argument('<topic>', "a name; with --catalog also a topic's id")
    .option('--value <text>', 'one message instead of stdin')
    .option('--lines', 'each line is a value as it is, instead of {"value": …, "key": …}')
    .option('--key <text>', 'of messages that have none of their own')
    .option('--header <name=value>', 'of every message; may be given again', header)
    .option('--partition <n>', 'of messages that name none', integer(0))
    .option('--acks <n>', '-1 (all), 1 or 0', integer(-1, 1))
    .option(
      '--type <event>',
      'values are payloads of this event: checked, in the envelope of the topic',
    )
    .option('--metadata <json>', 'of the envelope', json)
    .action(action(produce));
}

module.exports = { register };
