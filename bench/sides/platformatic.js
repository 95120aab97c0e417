'use strict';

// README.md of its package, "Producer" and "Consumer": send() with serializers, a stream with `data` events, or `for await`
// where a handler makes it wait. It has no batches of its own, so eachBatch is the same as eachMessage here. Needs Node.js
// 22 or later.

const { makeHeaders } = require('../lib/payload');
const { runSide } = require('../lib/side');

const COMMIT_INTERVAL_MS = 5_000;

const library = import('@platformatic/kafka');

async function openProducer(args) {
  const { Producer, stringSerializers, ProduceAcks } = await library;
  const producer = new Producer({
    clientId: 'bench',
    bootstrapBrokers: [args.brokers],
    serializers:
      args.values === 'buffer'
        ? { ...stringSerializers, value: (value) => value }
        : stringSerializers,
  });
  const headers = args.headers > 0 ? makeHeaders(args.headers) : null;
  const options = { acks: ProduceAcks.ALL, compression: args.compression ?? 'none' };
  return {
    prepare: (values) =>
      values.map((value) => ({ topic: args.topic, value, ...(headers && { headers }) })),
    send: (messages) => producer.send({ messages, ...options }),
    close: () => producer.close(),
  };
}

async function openConsumer(args, onMessage) {
  const { Consumer, MessagesStreamModes } = await library;
  const consumer = new Consumer({
    clientId: 'bench',
    groupId: args.groupId,
    bootstrapBrokers: [args.brokers],
  });
  const stream = await consumer.consume({
    topics: [args.topic],
    // An existing group goes on where it was.
    mode: args.group === 'existing' ? MessagesStreamModes.COMMITTED : MessagesStreamModes.EARLIEST,
    ...(args.group === 'existing' && { fallbackMode: 'earliest' }),
    // `true` commits after every message; a period is what the other clients do.
    autocommit: COMMIT_INTERVAL_MS,
  });
  if (args.awaits) handleInTurn(stream, onMessage);
  else stream.on('data', onMessage);
  return {
    close: async () => {
      await stream.close();
      await consumer.close();
    },
  };
}

async function handleInTurn(stream, onMessage) {
  for await (const message of stream) await onMessage(message);
}

const side = {
  ready: library,
  openProducer,
  openConsumer,
  headerCount: (headers) => headers.size,
};

module.exports = side;

if (require.main === module) runSide(side);
