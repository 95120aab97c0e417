'use strict';

const { EmbeddedKafka, Kafka, logLevel } = require('../../../lib');

test('a message goes round', async () => {
  const cluster = await EmbeddedKafka.start();
  const kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: 't', messages: [{ value: 'v' }] });
  const consumer = kafka.consumer({ groupId: 'g' });
  await consumer.connect();
  await consumer.subscribe({ topic: 't', fromBeginning: true });
  const value = await new Promise((resolve) => {
    consumer.run({ eachMessage: async ({ message }) => resolve(message.value.toString()) });
  });
  expect(value).toBe('v');
  await consumer.disconnect();
  await producer.disconnect();
  await cluster.stop();
});
