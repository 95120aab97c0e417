'use strict';

// npm run consumer: prints what comes on the EasyFlow topics until Ctrl-C; a restarted one goes on where it ended.
// Shows: subscribe, eachMessage, and an end that commits what was handled. Run `npm run producer` in another terminal.

const { run, ended } = require('./lib/program');
const { integer, COMMON_HELP } = require('./lib/flags');
const { openCluster } = require('./lib/cluster');
const { TOPICS } = require('./lib/messages');

const usage = `npm run consumer -- [options]
  --topic NAME               may come more than once; default: the four of EasyFlow
  --group ID                 default easyflow-consumer
  --count N                  ends after N messages; default: at Ctrl-C
${COMMON_HELP}`;

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'easyflow-consumer', say, stop });
  const consumer = cluster.kafka.consumer({ groupId: flags.group, ...cluster.consumerOptions });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart) stop(error);
  });
  // At once: no message is handed out after Ctrl-C, and the handler that runs may finish.
  signal.addEventListener('abort', () => consumer.stop().catch(stop));
  let received = 0;
  try {
    await consumer.connect();
    await cluster.ensureTopics(flags.topic);
    // Only a group without committed offsets begins at the beginning.
    await consumer.subscribe({ topics: flags.topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, partition, message }) => {
        received += 1;
        process.stdout.write(
          `${topic}[${partition}]@${message.offset} ${message.key ?? '-'} ${message.value}\n`,
        );
        if (received === flags.count) stop();
      },
    });
    say(`Waiting for messages of ${flags.topic.join(', ')}; Ctrl-C to end.`);
    await ended(signal);
  } finally {
    await consumer.disconnect(); // waits for the handler, commits, leaves the group
    cluster.close();
  }
  say(`Received ${received} messages; offsets are committed.`);
}

run({
  usage,
  flags: {
    topic: { type: 'string', multiple: true, default: Object.values(TOPICS) },
    group: { type: 'string', default: 'easyflow-consumer' },
    count: { ...integer(1), default: Infinity },
  },
  main,
});
