'use strict';

// How to test code that uses Kafka without Kafka: `node --test examples/embedded-testing.js`.
// EmbeddedKafka is a broker inside the test's own process; it starts in milliseconds and can fail on request.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { EmbeddedKafka, Kafka, logLevel } = require('..');

/** The code under test: doubles each number of `input` into `output`. */
async function startDoubler(kafka) {
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: 'doubler' });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: 'input', fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { value } }) => {
      await producer.send({ topic: 'output', messages: [{ value: String(Number(value) * 2) }] });
    },
  });
  return async () => {
    await consumer.disconnect();
    await producer.disconnect();
  };
}

let broker;
let kafka;

before(async () => {
  broker = await EmbeddedKafka.start({ topics: ['input', 'output'], partitions: 1 });
  kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.ERROR });
});

after(() => broker.stop());

test('doubles what comes, also when the broker fails once', async () => {
  const stopDoubler = await startDoubler(kafka);
  const producer = kafka.producer();
  const reader = kafka.consumer({ groupId: 'test' });
  await Promise.all([producer.connect(), reader.connect()]);
  try {
    broker.pushRequestErrors('Fetch', ['NOT_LEADER_FOR_PARTITION']);
    const messages = [1, 2, 3].map((number) => ({ value: String(number) }));
    await producer.send({ topic: 'input', messages });

    const received = [];
    await reader.subscribe({ topic: 'output', fromBeginning: true });
    await new Promise((resolve, reject) => {
      reader.on(reader.events.CRASH, ({ payload }) => reject(payload.error));
      const eachMessage = async ({ message }) => {
        if (received.push(message.value.toString()) === 3) resolve();
      };
      reader.run({ eachMessage }).catch(reject);
    });
    assert.deepEqual(received, ['2', '4', '6']);
  } finally {
    await Promise.all([stopDoubler(), producer.disconnect(), reader.disconnect()]);
  }
});
