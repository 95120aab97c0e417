'use strict';

// Runs in a worker thread: brings clients into a state, says so, and is terminated there.

const { workerData, parentPort } = require('node:worker_threads');
const { Kafka, logLevel } = require('../../../lib');

const { brokers, topic, state, group } = workerData;

const kafka = new Kafka({
  brokers: [brokers],
  logLevel: logLevel.NOTHING,
  librdkafka: { 'fetch.wait.max.ms': 10 },
});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: group, rebalanceTimeout: 10_000 });
const here = () => parentPort.postMessage('here');

async function consume(eachMessage) {
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  return consumer.run({ eachMessage });
}

const STATES = {
  async connecting() {
    producer.connect().catch(() => {});
    consumer.connect().catch(() => {});
    here();
  },
  async joining() {
    await consumer.connect();
    await consumer.subscribe({ topic });
    consumer.run({ eachMessage() {} }).catch(() => {});
    here();
  },
  async sending() {
    await producer.connect();
    const messages = Array.from({ length: 500 }, (_, i) => ({ key: `${i}`, value: 'v' }));
    for (let round = 0; ; round++) {
      const sent = producer.send({ topic: `${topic}-sent`, messages });
      if (round === 1) here();
      await sent;
    }
  },
  async consuming() {
    await consume(async () => here());
  },
  async handling() {
    await consume(() => {
      here();
      return new Promise(() => {});
    });
  },
  async spinning() {
    await consume(() => {
      here();
      for (;;); // terminate() has to break into JavaScript
    });
  },
  async disconnecting() {
    await producer.connect();
    await consume(() => {});
    producer.disconnect();
    consumer.disconnect();
    here();
  },
  async exiting() {
    await producer.connect();
    await consume(() => {
      here();
      process.exit(0);
    });
  },
  async throwing() {
    await consume(() => {
      here();
      setImmediate(() => {
        throw new Error('of the worker');
      });
    });
  },
  /** Everything in good order: the worker ends by itself. */
  async complete() {
    await producer.connect();
    await producer.send({ topic, messages: [{ value: group }] });
    let seen;
    const arrived = new Promise((resolve) => (seen = resolve));
    await consume(({ message }) => message.value.toString() === group && seen());
    await arrived;
    await Promise.all([producer.disconnect(), consumer.disconnect()]);
    here();
  },
};

STATES[state]();
