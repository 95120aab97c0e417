'use strict';

// Its documents are in its package. MIGRATION.md, "Producer": send() without awaiting each for throughput, and
// `linger.ms: 0` where every message is awaited. MIGRATION.md, "run": batches have at most 32 messages unless
// `js.consumer.max.batch.size` says otherwise. INTRODUCTION.md, "Producer": a longer linger for larger batches.

const { Kafka, logLevel } = require('@confluentinc/kafka-javascript').KafkaJS;
const { runSide } = require('../lib/side');

const MAX_BATCH_MESSAGES = 1_024;

const kafkaOf = ({ brokers }) =>
  new Kafka({ kafkaJS: { brokers: [brokers], logLevel: logLevel.ERROR } });

async function openProducer(args) {
  const awaitsEach = args.work === 'produce-single';
  const producer = kafkaOf(args).producer({
    kafkaJS: { acks: -1 },
    ...(awaitsEach && { 'linger.ms': 0 }),
  });
  await producer.connect();
  return {
    send: (messages) => producer.send({ topic: args.topic, messages }),
    close: () => producer.disconnect(),
  };
}

async function openConsumer(args, onMessage) {
  const consumer = kafkaOf(args).consumer({
    kafkaJS: { groupId: args.groupId, fromBeginning: true },
    ...(args.eachBatch && { 'js.consumer.max.batch.size': MAX_BATCH_MESSAGES }),
  });
  await consumer.connect();
  await consumer.subscribe({ topic: args.topic });
  const eachBatch = async ({ batch }) => {
    for (const message of batch.messages) onMessage(message.value);
  };
  const eachMessage =
    args.handler === 'sync'
      ? ({ message }) => onMessage(message.value)
      : async ({ message }) => onMessage(message.value);
  await consumer.run(args.eachBatch ? { eachBatch } : { eachMessage });
  return { close: () => consumer.disconnect() };
}

module.exports = { openProducer, openConsumer };

if (require.main === module) runSide(module.exports);
