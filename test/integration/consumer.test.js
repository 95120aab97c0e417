'use strict';

const { Kafka, logLevel } = require('../../lib');
const { consumerSuite, until } = require('../shared/consumer-suite');

describe('Consumer on real Kafka', () => {
  const kafka = () =>
    new Kafka({
      brokers: process.env.EASYFLOW_TEST_BOOTSTRAP.split(','),
      logLevel: logLevel.NOTHING,
    });
  let admin;
  let number = 0;

  beforeAll(async () => {
    admin = kafka().admin();
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
  });

  consumerSuite(() => ({
    kafka,
    groupOptions: { sessionTimeout: 6_000, heartbeatInterval: 300 },
    commitsWhileRebalancing: true,
    createTopic: async (
      numPartitions,
      topic = `consumer-${process.pid}-${Date.now()}-${number++}`,
    ) => {
      await admin.createTopics({ topics: [{ topic, numPartitions }] });
      return topic;
    },
  }));

  describe('a topic that is deleted and made again', () => {
    const PARTITIONS = 4;
    const clients = [];
    afterEach(() => Promise.all(clients.splice(0).map((client) => client.disconnect())));

    const connected = async (client) => {
      clients.push(client);
      await client.connect();
      return client;
    };

    /** `count` messages into each partition: `<name>-<partition>-<number>`. */
    async function send(topic, name, count) {
      const producer = await connected(kafka().producer({ allowAutoTopicCreation: false }));
      const messages = Array.from({ length: PARTITIONS * count }, (_, at) => {
        const partition = at % PARTITIONS;
        return { partition, value: `${name}-${partition}-${Math.floor(at / PARTITIONS)}` };
      });
      await producer.send({ topic, messages });
      return messages.map(({ value }) => value);
    }

    test('loses none of its new messages, whose offsets its members have seen before', async () => {
      const topic = `consumer-remade-${process.pid}-${Date.now()}`;
      const topics = [{ topic, numPartitions: PARTITIONS }];
      await admin.createTopics({ topics });
      const handled = new Set();
      const hasAll = (values) => values.every((value) => handled.has(value));
      const consumer = await connected(
        kafka().consumer({ groupId: `${topic}-group`, allowAutoTopicCreation: false }),
      );
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({ eachMessage: async ({ message }) => void handled.add(message.text()) });
      const before = await send(topic, 'before', 50);
      await until(() => hasAll(before), 'the messages of the first topic');
      await admin.deleteTopics({ topics: [topic] });
      await admin.createTopics({ topics });
      const after = await send(topic, 'after', 20);
      await until(() => hasAll(after), 'the messages of the second topic');
    }, 180_000);
  });
});
