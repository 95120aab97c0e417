'use strict';

// The same key lands in the same partition, whoever sends it: else order by key is lost while systems migrate.

const crypto = require('node:crypto');
const kafkajs = require('kafkajs');
const { Partitioners } = require('../../lib');
const { python, newKafkajs } = require('./support/peers');
const { createTopic, produce, consume, newKafka, withClient } = require('./support/ours');

const PARTITIONS = 13;
const KEYS = 1_000;
const ALPHABET = [...'abcXYZ019-_/ äöüßéñжщ漢字かな한글🔑💎'];

/** Keys as Buffers: empty, ASCII, non-ASCII and random bytes of all lengths. */
function randomKeys() {
  const text = () =>
    Array.from({ length: crypto.randomInt(1, 40) }, () => {
      return ALPHABET[crypto.randomInt(ALPHABET.length)];
    }).join('');
  return Array.from({ length: KEYS }, (_, i) => {
    if (i === 0) return '';
    if (i === 1) return Buffer.alloc(0);
    return i % 2 === 0 ? text() : crypto.randomBytes(crypto.randomInt(1, 40));
  });
}

/** index of a key -> partition, as read back from the broker. */
async function landedIn(topic) {
  const messages = await consume(topic, KEYS, { distinct: ({ value }) => value.toString() });
  const partitions = [];
  for (const { partition, value } of messages) {
    const index = Number(value);
    // kafkajs sends all again when the new leader of one partition is not ready.
    if (partitions[index] !== undefined) expect(partition).toBe(partitions[index]);
    partitions[index] = partition;
  }
  return partitions;
}

const keys = randomKeys();
const messages = keys.map((key, i) => ({ key, value: `${i}` }));
let ours;

beforeAll(async () => {
  const topic = await createTopic('keys-ours', PARTITIONS);
  await produce(topic, messages);
  ours = await landedIn(topic);
});

test('all partitions are used, and a string key is the bytes of its UTF-8', async () => {
  expect(new Set(ours).size).toBe(PARTITIONS);
  const topic = await createTopic('keys-bytes', PARTITIONS);
  await produce(
    topic,
    messages.map(({ key, value }) => ({ key: Buffer.from(key), value })),
  );
  expect(await landedIn(topic)).toEqual(ours);
});

test('as kafkajs puts it', async () => {
  const topic = await createTopic('keys-kafkajs', PARTITIONS);
  const { DefaultPartitioner } = kafkajs.Partitioners;
  await withClient(newKafkajs().producer({ createPartitioner: DefaultPartitioner }), (producer) =>
    producer.send({ topic, messages }),
  );
  expect(await landedIn(topic)).toEqual(ours);
});

test("as confluent-kafka's murmur2_random puts it", async () => {
  const topic = await createTopic('keys-python', PARTITIONS);
  const base64 = (data) => Buffer.from(data).toString('base64');
  await python('produce', {
    topic,
    messages: messages.map(({ key, value }) => ({ key: base64(key), value: base64(value) })),
    properties: { partitioner: 'murmur2_random' },
  });
  expect(await landedIn(topic)).toEqual(ours);
});

test("the legacy partitioner as kafkajs's", async () => {
  const [topic, theirs] = [
    await createTopic('keys-legacy', PARTITIONS),
    await createTopic('keys-legacy-kafkajs', PARTITIONS),
  ];
  const producers = [
    [newKafka().producer({ createPartitioner: Partitioners.LegacyPartitioner }), topic],
    [newKafkajs().producer({ createPartitioner: kafkajs.Partitioners.LegacyPartitioner }), theirs],
  ];
  for (const [producer, to] of producers) {
    await withClient(producer, (it) => it.send({ topic: to, messages }));
  }
  expect(await landedIn(topic)).toEqual(await landedIn(theirs));
});
