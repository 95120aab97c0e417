'use strict';

const COUNT = 200;
const VALUE = Buffer.alloc(1_000, 'v');

/** Sends messages to a broker in this process, reads them back, and says what it saw. */
module.exports = async function roundTrip({ EmbeddedKafka, Kafka, logLevel }) {
  const broker = await EmbeddedKafka.start({ topics: [{ topic: 'round', partitions: 2 }] });
  const kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: COUNT }, (_, at) => ({ key: `${at}`, value: VALUE }));
  await producer.send({ topic: 'round', messages });
  const consumer = kafka.consumer({ groupId: 'round', maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic: 'round', fromBeginning: true });
  let received = 0;
  let bytes = 0;
  await new Promise((resolve) => {
    consumer.run({
      eachMessage: async ({ message }) => {
        bytes += message.value.length;
        if ((received += 1) === COUNT) resolve();
      },
    });
  });
  await consumer.disconnect();
  await producer.disconnect();
  await broker.stop();
  const node = Number.parseInt(process.versions.node, 10);
  process.stdout.write(JSON.stringify({ node, sent: COUNT, received, bytes }));
};
