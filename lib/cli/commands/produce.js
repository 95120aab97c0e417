'use strict';

const readline = require('node:readline');
const { UsageError } = require('../failures');
const { header, integer, json, withCatalog, withConnection } = require('../options');
const { encoderOf } = require('../encode');

/** Lines of one request to the producer. */
const CHUNK = 500;
/** Chunks that are on their way while the next one is read. */
const MAX_CHUNKS_IN_FLIGHT = 4;

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

async function* chunksOf(session, encode) {
  const { value, lines: raw } = session.options;
  if (value !== undefined) {
    yield [encode(value, { isLine: false })];
    return;
  }
  let number = 0;
  let chunk = [];
  for await (const line of linesOfStdin(session.signal)) {
    number += 1;
    if (!raw && line.trim() === '') continue;
    try {
      chunk.push(encode(line, { isLine: true }));
    } catch (error) {
      // What was read before it is sent: lines are independent of each other.
      if (chunk.length > 0) yield chunk;
      throw new UsageError(`Line ${number} of stdin: ${error.message}`, { cause: error });
    }
    if (chunk.length === CHUNK) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

async function sendAll(session, producer, topic, chunks) {
  const counts = new Map();
  const inFlight = new Set();
  let sent = 0;
  const send = async (messages) => {
    const results = await producer.send({ topic, messages });
    for (const { partition } of results) counts.set(partition, (counts.get(partition) ?? 0) + 1);
    sent += messages.length;
    session.output.progress(`${sent} messages`);
  };
  try {
    for await (const chunk of chunks) {
      const sending = send(chunk).finally(() => inFlight.delete(sending));
      sending.catch(() => {}); // seen below
      inFlight.add(sending);
      if (inFlight.size >= MAX_CHUNKS_IN_FLIGHT) await Promise.race(inFlight);
    }
    await Promise.all(inFlight);
  } finally {
    await Promise.allSettled(inFlight);
    session.output.say(`Sent ${sent} ${sent === 1 ? 'message' : 'messages'} to ${topic}.`);
  }
  return sent;
}

async function produce(session, given) {
  const { options } = session;
  const { topic, encode } = encoderOf(session, given);
  if (options.value === undefined && process.stdin.isTTY) {
    session.output.say('Reading lines from the terminal; Ctrl-D ends.');
  }
  if (options.acks !== undefined && ![-1, 0, 1].includes(options.acks)) {
    throw new UsageError(`--acks: expected -1, 0 or 1 but received ${options.acks}`);
  }
  const producer = await session.producer({
    ...(options.acks !== undefined && { acks: options.acks }),
  });
  const sent = await sendAll(session, producer, topic, chunksOf(session, encode));
  if (session.options.json) await session.output.result({ topic, sent });
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
