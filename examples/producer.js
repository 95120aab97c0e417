'use strict';

// npm run producer: sends an EasyFlow task every second, and a task for each line that you type, until Ctrl-C.
// Shows: connect, send, delivery reports, and an end that loses nothing. Run `npm run consumer` in another terminal.

const readline = require('node:readline');
const { setTimeout: delay } = require('node:timers/promises');
const { run } = require('./lib/program');
const { integer, COMMON_HELP } = require('./lib/flags');
const { openCluster } = require('./lib/cluster');
const { Sender } = require('./lib/sender');
const { TOPICS, task, toMessage } = require('./lib/messages');

const usage = `npm run producer -- [options]
  --topic NAME               default ${TOPICS.tasks}
  --count N                  ends after N tasks; default: until Ctrl-C
  --interval MS              between two tasks, default 1000; 0: as fast as they are acknowledged
  --stdin                    sends the lines of stdin as they are and nothing else; ends at their end
${COMMON_HELP}`;

async function sendTasks({ flags, signal, sender }) {
  const runId = Date.now().toString(36);
  for (let number = 1; number <= flags.count && !signal.aborted; number += 1) {
    const taskId = `task-${runId}-${String(number).padStart(3, '0')}`;
    sender.send(taskId, [toMessage(taskId, task(taskId))]);
    await sender.room();
    if (flags.interval > 0 && number < flags.count) {
      await delay(flags.interval, null, { signal }).catch(() => {});
    }
  }
}

/** What is typed becomes a task; with --stdin lines go as they are. */
async function sendLines({ flags, signal, sender }) {
  const lines = readline.createInterface({ input: process.stdin, terminal: false });
  const close = () => {
    lines.close();
    process.stdin.destroy(); // an open terminal would keep the process
  };
  signal.addEventListener('abort', close, { once: true });
  let number = 0;
  for await (const line of lines) {
    if (signal.aborted) break;
    number += 1;
    if (flags.stdin) {
      sender.send(`line ${number}`, [{ value: line }]);
    } else if (line.trim() !== '') {
      const taskId = `typed-${process.pid}-${number}`;
      sender.send(taskId, [toMessage(taskId, task(taskId, { script: line, parameters: {} }))]);
    }
    await sender.room();
  }
}

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'easyflow-producer', say, stop });
  const producer = cluster.kafka.producer();
  const sender = new Sender(producer, {
    topic: flags.topic,
    onAcknowledged: (label, [{ partition, baseOffset }]) =>
      process.stdout.write(`${label} -> ${flags.topic}[${partition}]@${baseOffset}\n`),
    onFailed: (label, error) => say(`${label} was not delivered: ${error.message}`),
  });
  try {
    await producer.connect();
    await cluster.ensureTopics([flags.topic]);
    if (flags.stdin) {
      await sendLines({ flags, signal, sender });
    } else {
      if (process.stdin.isTTY) {
        say('Sending tasks; type a line to send one of your own, Ctrl-C to end.');
        sendLines({ flags, signal, sender }).catch(stop);
      }
      await sendTasks({ flags, signal, sender });
    }
    await sender.settled();
  } finally {
    process.stdin.destroy();
    await producer.disconnect();
    cluster.close();
  }
  const { sent, acknowledged, failed } = sender;
  say(`Sent ${sent}, acknowledged ${acknowledged}, failed ${failed}.`);
  return failed > 0 ? 1 : 0;
}

run({
  usage,
  flags: {
    topic: { type: 'string', default: TOPICS.tasks },
    count: { ...integer(1), default: Infinity },
    interval: { ...integer(0), default: 1_000 },
    stdin: { type: 'boolean', default: false },
  },
  main,
});
