'use strict';

const { Kafka, logLevel } = require('../../lib');
const { consumerSuite } = require('../shared/consumer-suite');

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
});
