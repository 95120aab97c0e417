'use strict';

// A service on topics of its own, for tests on any broker.

const { KafkaService } = require('../../lib/service');
const { logLevel } = require('../../lib');
const { unique } = require('./clients');

const QUICK = { attempts: 3, initialDelayMs: 5, maxDelayMs: 20 };

function catalogOf(topic) {
  const order = {
    type: 'object',
    required: ['orderId'],
    properties: { orderId: { type: 'string' } },
  };
  return {
    name: 'orders',
    version: '1.0.0',
    defaults: { partitions: 1, replicationFactor: 1, envelope: 'etelios' },
    topics: [{ id: 'orders', name: topic, key: '{data.orderId}', events: ['created', 'paid'] }],
    events: { created: { schema: order }, paid: { schema: order } },
    dlq: { name: 'dlq.{topic}', partitions: 1 },
  };
}

/** @param {{ bootstrap: string, createTopic: Function }} broker */
function ordersOf(broker) {
  const services = [];
  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.shutdown()));
  });

  /** A service on a topic of its own, whose dead-letter topic is there, too. */
  async function start(options = {}) {
    const topic = options.topic ?? unique('orders');
    if (options.topic === undefined) {
      await broker.createTopic(topic, 1);
      await broker.createTopic(`dlq.${topic}`, 1);
    }
    const service = new KafkaService({
      catalog: catalogOf(topic),
      brokers: broker.bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      env: {},
      file: null,
      consumer: { maxWaitTimeInMs: 50, fromBeginning: true },
      policies: { retry: QUICK },
      ...options.service,
    });
    services.push(service);
    await service.initialize();
    return { service, topic, group: options.group ?? unique('group') };
  }

  return { start };
}

const created = (orderId) => ({ type: 'created', data: { orderId } });

module.exports = { ordersOf, catalogOf, created, QUICK };
