'use strict';

// README.md of its package, "Producer" and "Consumer": send() with serializers, a stream with `data` events. It has no
// batches of its own, so eachBatch is the same as eachMessage here. Needs Node.js 22 or later.

const { runSide } = require('../lib/side');

const COMMIT_INTERVAL_MS = 5_000;

async function openProducer(args) {
  const { Producer, stringSerializers, ProduceAcks } = await import('@platformatic/kafka');
  const producer = new Producer({
    clientId: 'bench',
    bootstrapBrokers: [args.brokers],
    serializers: stringSerializers,
  });
  return {
    send: (messages) => producer.send({ messages, acks: ProduceAcks.ALL }),
    prepare: (values) => values.map((value) => ({ topic: args.topic, value })),
    close: () => producer.close(),
  };
}

async function openConsumer(args, onMessage) {
  const { Consumer, MessagesStreamModes } = await import('@platformatic/kafka');
  const consumer = new Consumer({
    clientId: 'bench',
    groupId: args.groupId,
    bootstrapBrokers: [args.brokers],
  });
  const stream = await consumer.consume({
    topics: [args.topic],
    mode: MessagesStreamModes.EARLIEST,
    // `true` commits after every message; a period is what the other clients do.
    autocommit: COMMIT_INTERVAL_MS,
  });
  stream.on('data', (message) => onMessage(message.value));
  return {
    close: async () => {
      await stream.close();
      await consumer.close();
    },
  };
}

module.exports = { openProducer, openConsumer };

if (require.main === module) runSide(module.exports);
