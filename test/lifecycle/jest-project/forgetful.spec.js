'use strict';

const { EmbeddedKafka, Kafka, logLevel } = require('../../../lib');

test('a producer and a broker that nobody ends', async () => {
  const cluster = await EmbeddedKafka.start();
  const producer = new Kafka({
    brokers: cluster.brokers,
    logLevel: logLevel.NOTHING,
  }).producer();
  await producer.connect();
  await producer.send({ topic: 't', messages: [{ value: 'v' }] });
});
