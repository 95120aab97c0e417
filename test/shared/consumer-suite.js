'use strict';

// What a consumer does, on any broker: run by test/unit on EmbeddedKafka and by test/integration on real Kafka.

const { until, consumerTools } = require('./consumer-tools');
const { handingOut } = require('./consumer-handing-out');
const { membership } = require('./consumer-membership');
const { positions } = require('./consumer-positions');
const { failures } = require('./consumer-failures');

/**
 * @param {() => { kafka: () => object, createTopic: (partitions: number, name?: string) => Promise<string>,
 *   groupOptions: object, commitsWhileRebalancing: boolean }} broker
 */
function consumerSuite(broker) {
  jest.setTimeout(120_000);
  const tools = consumerTools(broker);
  handingOut(broker, tools);
  membership(broker, tools);
  positions(broker, tools);
  failures(broker, tools);
}

module.exports = { consumerSuite, until };
