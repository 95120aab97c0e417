'use strict';

// The part of the sides that have KafkaJS's API in common. A side says how it is configured:
//   kafka(args) -> a Kafka     producer(args), consumer(args) -> their configuration     subscription(args)
//   sendOptions -> what every send() has besides topic and messages     transactional(id) -> a producer's configuration
//   group({ groupId, consumer }) -> how sendOffsets() names the group     writesIntoMessages: send() wants new ones each time

const { makeHeaders } = require('./payload');

async function openProducer(shape, args) {
  const producer = shape.kafka(args).producer(shape.producer(args));
  await producer.connect();
  const { topic } = args;
  const headers = args.headers > 0 ? makeHeaders(args.headers) : null;
  return {
    prepare: (values) => values.map((value) => (headers ? { value, headers } : { value })),
    send: (messages) =>
      producer.send({
        topic,
        messages: shape.writesIntoMessages ? messages.map((one) => ({ ...one })) : messages,
        ...shape.sendOptions,
      }),
    close: () => producer.disconnect(),
  };
}

/** The handlers that a user would write; awaiting what returns nothing would cost a turn for each message. */
function handlers(args, onMessage) {
  if (args.eachBatch) {
    const eachBatch = args.awaits
      ? async ({ batch }) => {
          for (const message of batch.messages) await onMessage(message);
        }
      : async ({ batch }) => {
          for (const message of batch.messages) onMessage(message);
        };
    return { eachBatch };
  }
  if (args.handler === 'sync') return { eachMessage: ({ message }) => onMessage(message) };
  return { eachMessage: async ({ message }) => onMessage(message) };
}

async function openConsumer(shape, args, onMessage, onJoin) {
  const consumer = shape.kafka(args).consumer(shape.consumer(args));
  if (onJoin) consumer.on(consumer.events.GROUP_JOIN, onJoin);
  await consumer.connect();
  await consumer.subscribe(shape.subscription(args));
  await consumer.run({
    ...handlers(args, onMessage),
    ...(args.lazy === 'yes' && { lazyMessages: true }),
    ...(args.concurrently > 1 && { partitionsConsumedConcurrently: args.concurrently }),
  });
  return { close: () => consumer.disconnect() };
}

const transform = ({ value }) => {
  const made = Buffer.from(value);
  made.write('{"to"', 'latin1');
  return { value: made };
};

/** Transactions as KafkaJS documents them: results and offsets in one, by a producer of its own. */
async function openPipe(shape, args, onCommitted) {
  const kafka = shape.kafka(args);
  const producer = kafka.producer(shape.transactional(args));
  const consumer = kafka.consumer(shape.consumer(args));
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe(shape.subscription(args));

  const transact = async (topic, partition, messages) => {
    const transaction = await producer.transaction();
    await transaction.send({ topic: args.outTopic, messages: messages.map(transform) });
    const offset = (BigInt(messages.at(-1).offset) + 1n).toString();
    await transaction.sendOffsets({
      ...shape.group({ groupId: args.groupId, consumer }),
      topics: [{ topic, partitions: [{ partition, offset }] }],
    });
    await transaction.commit();
    onCommitted(messages.length);
  };
  const eachBatch = async ({ batch: { topic, partition, messages } }) => {
    for (let at = 0; at < messages.length; at += args.perTransaction) {
      await transact(topic, partition, messages.slice(at, at + args.perTransaction));
    }
  };
  await consumer.run({ ...shape.manualCommit, eachBatch });
  return {
    close: async () => {
      await consumer.disconnect();
      await producer.disconnect();
    },
  };
}

/** A side of the benchmark (lib/side.js) from such a description. */
function kafkaJsSide(shape) {
  return {
    openProducer: (args) => openProducer(shape, args),
    openConsumer: (args, ...rest) => openConsumer(shape, args, ...rest),
    openPipe: (args, onCommitted) => openPipe(shape, args, onCommitted),
    headerCount: (headers) => Object.keys(headers).length,
  };
}

module.exports = { kafkaJsSide };
