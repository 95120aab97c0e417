'use strict';

// Copies lines of text into a topic and out of it, at full speed, with a checksum that does not depend on the order.
// Shows: batches of a thousand with bounded memory, eachBatch and eachMessage, and how to read a topic to its end.

const fs = require('node:fs');
const { run } = require('./lib/program');
const { integer, oneOf, COMMON_HELP } = require('./lib/flags');
const { ConfigurationError } = require('./lib/configuration');
const { openCluster } = require('./lib/cluster');
const { Sender } = require('./lib/sender');
const { LineChecksum, lineChunks } = require('./lib/lines');
const { readTopic } = require('./lib/read-topic');

const usage = `node examples/copy-lines.js produce|consume|checksum [options]
  produce                    sends each line of stdin (or --input) as a message
  consume                    reads what is in the topic now
  checksum                   of the lines of stdin (or --input): compare with kcat -C -e
  --topic NAME               for produce and consume
  --input FILE               default stdin
  --output FILE              consume: writes the messages as lines; - for stdout
  --handler each-batch|each-message   consume: default each-batch
  --batch N                  produce: messages a send(), default 1000
${COMMON_HELP}
Prints lines=… bytes=… checksum=… on stdout (with --output - on stderr).`;

const SENDS_IN_FLIGHT = 8;

function openInput(file) {
  if (file === undefined) return process.stdin;
  try {
    return fs.createReadStream(null, { fd: fs.openSync(file) });
  } catch (error) {
    throw new ConfigurationError('--input', error.message);
  }
}

async function produce(kafka, { topic, batch }, input, signal) {
  const producer = kafka.producer();
  const checksum = new LineChecksum();
  let failure = null;
  const sender = new Sender(producer, {
    topic,
    limit: SENDS_IN_FLIGHT,
    onFailed: (_, error) => (failure ??= error),
  });
  await producer.connect();
  try {
    let messages = [];
    const flush = async () => {
      sender.send('', messages);
      messages = [];
      await sender.room(); // stdin waits when the cluster is slower
      if (failure) throw failure;
    };
    for await (const lines of lineChunks(input)) {
      if (signal.aborted) break;
      for (const line of lines) {
        checksum.add(line);
        messages.push({ value: line });
        if (messages.length === batch) await flush();
      }
    }
    if (messages.length > 0) await flush();
    await sender.settled();
    if (failure) throw failure;
  } finally {
    await producer.disconnect();
  }
  return checksum;
}

async function consume(cluster, { topic, handler, output }, signal, stop) {
  const checksum = new LineChecksum();
  const out =
    output === undefined
      ? null
      : output === '-'
        ? process.stdout
        : fs.createWriteStream(output).on('error', stop);
  const newline = Buffer.from('\n');
  await readTopic(cluster, {
    topic,
    handler,
    signal,
    stop,
    onMessages: async (messages) => {
      const lines = [];
      for (const { value } of messages) {
        checksum.add(value ?? Buffer.alloc(0));
        if (out) lines.push(value ?? Buffer.alloc(0), newline);
      }
      if (out && !out.write(Buffer.concat(lines))) {
        await new Promise((resolve) => out.once('drain', resolve));
      }
    },
  });
  if (out && out !== process.stdout) await new Promise((resolve) => out.end(resolve));
  return checksum;
}

async function checksumOf(input) {
  const checksum = new LineChecksum();
  for await (const lines of lineChunks(input)) lines.forEach((line) => checksum.add(line));
  return checksum;
}

async function main({ flags, signal, stop, say }) {
  const input = openInput(flags.input);
  signal.addEventListener('abort', () => input.destroy());
  const print = (line) => (flags.output === '-' ? say(line) : process.stdout.write(`${line}\n`));
  if (flags.command === 'checksum') {
    print(String(await checksumOf(input)));
    return;
  }
  if (!flags.topic) throw new ConfigurationError('--topic', 'is missing');
  const cluster = await openCluster({ flags, clientId: 'easyflow-copy-lines', say, stop });
  try {
    const started = performance.now();
    if (flags.command === 'produce') await cluster.ensureTopics([flags.topic]);
    const checksum =
      flags.command === 'produce'
        ? await produce(cluster.kafka, flags, input, signal)
        : await consume(cluster, flags, signal, stop);
    const seconds = (performance.now() - started) / 1_000;
    const rate = Math.round(checksum.count / seconds).toLocaleString('en-US');
    say(`${seconds.toFixed(2)} s with connecting, ${rate} lines per second`);
    print(String(checksum));
  } finally {
    process.stdin.destroy();
    cluster.close();
  }
}

run({
  usage,
  commands: ['produce', 'consume', 'checksum'],
  flags: {
    topic: { type: 'string' },
    input: { type: 'string' },
    output: { type: 'string' },
    handler: { ...oneOf('each-batch', 'each-message'), default: 'each-batch' },
    batch: { ...integer(1, 100_000), default: 1_000 },
  },
  main,
});
