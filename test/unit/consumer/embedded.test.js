'use strict';

const { EmbeddedKafka, Kafka, logLevel } = require('../../../lib');
const { consumerSuite } = require('../../shared/consumer-suite');

describe('Consumer on EmbeddedKafka', () => {
  let embedded;
  let number = 0;

  beforeAll(async () => {
    embedded = await EmbeddedKafka.start();
  });
  afterAll(async () => {
    await embedded.stop();
  });

  consumerSuite(() => ({
    kafka: () => new Kafka({ brokers: embedded.brokers, logLevel: logLevel.NOTHING }),
    groupOptions: { heartbeatInterval: 200 },
    // It refuses commits once a rebalance has begun; Kafka takes them until the members have joined.
    commitsWhileRebalancing: false,
    createTopic: async (partitions, topic = `topic-${number++}`) => {
      embedded.createTopic({ topic, partitions });
      return topic;
    },
  }));
});
