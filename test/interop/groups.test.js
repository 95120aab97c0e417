'use strict';

// Offsets of a group are the broker's: what one client commits is where another goes on.

const { kcat, python, newKafkajs } = require('./support/peers');
const { createTopic, produce, consume, newKafka, withClient, unique } = require('./support/ours');

const COUNT = 10;
const HANDLED = 7;

async function filledTopic() {
  const topic = await createTopic('group');
  await produce(
    topic,
    Array.from({ length: COUNT }, (_, i) => ({ value: `${i}` })),
  );
  return topic;
}

/** Handles the first messages with our consumer and commits them. */
function handleSome(topic, groupId) {
  return withClient(newKafka().consumer({ groupId }), async (consumer) => {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise((resolve, reject) => {
      const eachMessage = async ({ message, partition }) => {
        if (message.offset !== `${HANDLED - 1}`) return;
        const metadata = 'so far';
        const offset = `${HANDLED}`;
        await consumer.commitOffsets([{ topic, partition, offset, metadata }]);
        resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
  });
}

const rest = Array.from({ length: COUNT - HANDLED }, (_, i) => `${HANDLED + i}`);

test('confluent-kafka sees what we committed, metadata too', async () => {
  const topic = await filledTopic();
  const group = unique('ours');
  await handleSome(topic, group);
  expect(await python('committed', { group, topic, partition: 0 })).toEqual({
    offset: HANDLED,
    metadata: 'so far',
  });
});

test('kcat as a member of the group goes on where we stopped', async () => {
  const topic = await filledTopic();
  const group = unique('ours');
  await handleSome(topic, group);
  const args = ['-G', group, '-q', '-c', String(rest.length), '-X', 'auto.offset.reset=earliest'];
  const printed = await kcat([...args, topic]);
  expect(printed.toString().trim().split('\n')).toEqual(rest);
});

test('kafkajs as a member of the group goes on where we stopped', async () => {
  const topic = await filledTopic();
  const groupId = unique('ours');
  await handleSome(topic, groupId);
  const seen = [];
  await withClient(newKafkajs().consumer({ groupId }), async (consumer) => {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise((resolve, reject) => {
      const eachMessage = async ({ message }) => {
        if (seen.push(message.value.toString()) === rest.length) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
  });
  expect(seen).toEqual(rest);
});

test('we go on where confluent-kafka committed', async () => {
  const topic = await filledTopic();
  const group = unique('theirs');
  await python('commit', { group, topic, partition: 0, offset: HANDLED });
  const messages = await consume(topic, rest.length, { groupId: group });
  expect(messages.map(({ value }) => value.toString())).toEqual(rest);
});
