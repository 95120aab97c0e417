'use strict';

// A service that has handled, retried and given up something, and what its metrics say then: on any broker.

const { until } = require('./consumer-tools');
const { created } = require('./orders');
const { parseExposition, valueOf } = require('./exposition');

/** One order is handled, the other fails until it is given up. */
async function someWork({ service, topic, group }, options) {
  await service.subscribe(
    'orders',
    group,
    async ({ data }) => {
      if (data.orderId === 'poison') throw new Error('no such article');
    },
    options,
  );
  await service.publish('orders', [created('good'), created('poison')]);
  const outcomes = () => service.recorder.topics.get(topic)?.outcomes;
  await until(() => outcomes()?.get('handled') === 1 && outcomes().get('buried') === 1);
}

const parsed = async (service) => parseExposition(await service.metrics());

/** Waits until a series has the value: some come with the next statistics or the next fetch. */
async function seriesIs(service, sample, labels, value) {
  for (let deadline = Date.now() + 60_000; ;) {
    const found = valueOf(await parsed(service), sample, labels);
    if (found === value) return;
    if (Date.now() > deadline) throw new Error(`${sample} is ${found} and not ${value}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

module.exports = { someWork, parsed, seriesIs };
