'use strict';

// A member of a consumer group, a process of its own, which can be killed. Says on stdout what it handled: a pipe keeps what a
// killed process has said. Its argument: { brokers, topic, consumer } as JSON. It leaves in good order at SIGTERM.

const fs = require('node:fs');
const { Kafka, logLevel } = require('../../lib');

const { brokers, topic, consumer: options } = JSON.parse(process.argv[2]);
const say = (...words) => fs.writeSync(1, `${words.join(' ')}\n`);

async function main() {
  const consumer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).consumer(options);
  let leaving;
  const leave = () => (leaving ??= consumer.disconnect());
  process.once('SIGTERM', leave);
  process.stdin.once('close', () => process.kill(process.pid, 'SIGKILL')).resume(); // who started it is gone
  process.stdin.unref();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) =>
      say('handled', partition, message.text(), Date.now()),
  });
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
