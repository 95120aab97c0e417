'use strict';

// What the parts of the consumer suite share: waiting, a producer, consumers that are disconnected after each test.

/** Resolves when the condition holds; the deadline is for a failure only. */
async function until(condition, what = 'the condition', timeoutMs = 60_000) {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}

/** A promise with its resolve. */
function deferred() {
  let resolve;
  const promise = new Promise((r) => {
    resolve = r;
  });
  return { promise, resolve };
}

const numbers = (count, from = 0) => Array.from({ length: count }, (_, i) => from + i);

/** @param {Function} broker see consumer-suite.js */
function consumerTools(broker) {
  let producer;
  let number = 0;
  const open = [];

  const newGroup = () => `group-${process.pid}-${Date.now()}-${number++}`;

  beforeAll(async () => {
    producer = broker().kafka().producer();
    await producer.connect();
  });
  afterAll(async () => {
    await producer?.disconnect();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.disconnect()));
  });

  async function connect(options = {}) {
    const client = broker()
      .kafka()
      .consumer({
        groupId: newGroup(),
        retry: { initialRetryTime: 10, maxRetryTime: 50, retries: 3 },
        ...broker().groupOptions,
        ...options,
      });
    open.push(client);
    await client.connect();
    return client;
  }

  /** `count` messages in each partition, value = number in the partition. */
  async function fill(topic, partitions, count, from = 0) {
    const messages = [];
    for (let partition = 0; partition < partitions; partition++) {
      for (let i = from; i < from + count; i++)
        messages.push({ partition, key: `k${i}`, value: `${i}` });
    }
    await producer.send({ topic, messages });
  }

  /** Values by partition, in the order of arrival. */
  function recorder() {
    const seen = new Map();
    const record = (partition, message) => {
      if (!seen.has(partition)) seen.set(partition, []);
      seen.get(partition).push(Number(message.value));
    };
    const total = () => [...seen.values()].reduce((sum, values) => sum + values.length, 0);
    return { seen, record, total };
  }

  async function committedOf(consumer, topic, partition) {
    const [{ offset }] = await consumer.committed([{ topic, partition }]);
    return offset;
  }

  /** Values that came before the one in front of them. */
  function gaps(values) {
    let next = 0;
    return values.filter((value) => {
      const skipped = value > next;
      next = Math.max(next, value + 1);
      return skipped;
    });
  }

  return { newGroup, connect, fill, recorder, committedOf, gaps };
}

module.exports = { until, deferred, numbers, consumerTools };
