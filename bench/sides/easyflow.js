'use strict';

const { Kafka, logLevel } = require('../..');
const { runSide } = require('../lib/side');

const kafkaOf = ({ brokers }) => new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR });

async function openProducer(args) {
  const producer = kafkaOf(args).producer();
  await producer.connect();
  return {
    send: (messages) => producer.send({ topic: args.topic, messages }),
    close: () => producer.disconnect(),
  };
}

async function openConsumer(args, onMessage) {
  const consumer = kafkaOf(args).consumer({ groupId: args.groupId });
  await consumer.connect();
  await consumer.subscribe({ topic: args.topic, fromBeginning: true });
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
