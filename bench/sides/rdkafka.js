'use strict';

// README.md of its package: "Standard API" is the more performant one; "Higher Level Producer" gives a callback for
// each delivery; consume() without a number takes messages "as quickly as possible" and consume(number, cb) in batches,
// which is also how a handler makes it wait.

const Kafka = require('node-rdkafka');
const { makeHeaders } = require('../lib/payload');
const { runSide } = require('../lib/side');

const BATCH_MESSAGES = 1_024;
const POLL_INTERVAL_MS = 1;

const connected = (client) =>
  new Promise((resolve, reject) => {
    client.connect({}, (error) => (error ? reject(error) : resolve()));
  });

const disconnected = (client) => new Promise((resolve) => client.disconnect(() => resolve()));

async function openProducer(args) {
  const producer = new Kafka.HighLevelProducer(
    {
      'metadata.broker.list': args.brokers,
      'queue.buffering.max.messages': 1_000_000,
      'compression.codec': args.compression ?? 'none',
    },
    { 'request.required.acks': -1 },
  );
  await connected(producer);
  // The README has 100 ms; sooner reports are in this client's favour.
  producer.setPollInterval(POLL_INTERVAL_MS);
  const { topic } = args;
  const headers = Object.entries(makeHeaders(args.headers ?? 0)).map(([name, value]) => ({
    [name]: value,
  }));
  const send = (values) =>
    new Promise((resolve, reject) => {
      let left = values.length;
      const onReport = (error) => {
        if (error) reject(error);
        else if (--left === 0) resolve();
      };
      for (const value of values) {
        const bytes = typeof value === 'string' ? Buffer.from(value) : value;
        if (headers.length === 0) producer.produce(topic, null, bytes, null, Date.now(), onReport);
        else producer.produce(topic, null, bytes, null, Date.now(), headers, onReport);
      }
    });
  return { send, prepare: (values) => values, close: () => disconnected(producer) };
}

async function openConsumer(args, onMessage) {
  const consumer = new Kafka.KafkaConsumer(
    { 'group.id': args.groupId, 'metadata.broker.list': args.brokers },
    { 'auto.offset.reset': 'earliest' },
  );
  await connected(consumer);
  consumer.subscribe([args.topic]);
  if (!args.eachBatch) {
    consumer.on('data', onMessage);
    consumer.consume();
    return { close: () => disconnected(consumer) };
  }
  let isOpen = true;
  const handle = args.awaits
    ? async (messages) => {
        for (const message of messages) await onMessage(message);
      }
    : (messages) => messages.forEach(onMessage);
  const next = () => {
    consumer.consume(BATCH_MESSAGES, async (error, messages) => {
      if (!isOpen) return;
      if (error) throw error;
      if (args.awaits) await handle(messages);
      else handle(messages);
      setImmediate(next);
    });
  };
  next();
  return {
    close: () => {
      isOpen = false;
      return disconnected(consumer);
    },
  };
}

const side = { openProducer, openConsumer, headerCount: (headers) => headers.length };

module.exports = side;

if (require.main === module) runSide(side);
