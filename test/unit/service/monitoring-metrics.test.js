'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Registry, Counter } = require('prom-client');
const { KafkaService } = require('../../../lib/service');
const { METRICS } = require('../../../lib/service/monitoring/metrics');
const { MAX_TOPICS } = require('../../../lib/service/monitoring/recorder');
const { embeddedBroker } = require('../../shared/brokers');
const { deferred } = require('../../shared/consumer-tools');
const { parseExposition, valueOf } = require('../../shared/exposition');
const { someWork, parsed, seriesIs } = require('../../shared/monitoring');
const { ordersOf, created, catalogOf } = require('../../shared/orders');

const broker = embeddedBroker();
const { start } = ordersOf(broker);

const root = path.join(__dirname, '../../..');
const read = (...parts) => fs.readFileSync(path.join(root, ...parts), 'utf8');

/** A service that never connects. */
const offline = (options = {}) =>
  new KafkaService({
    catalog: catalogOf('orders'),
    brokers: ['127.0.0.1:1'],
    env: {},
    file: null,
    ...options,
  });

test('counts what handlers did by topic: attempts, retries, dead letters, outcomes, durations', async () => {
  const started = await start();
  const { service, topic } = started;
  await someWork(started);
  const families = await parsed(service);
  const of = (name, labels = {}) => valueOf(families, name, { topic, ...labels });

  expect(of('kafka_consumer_messages_processed_total')).toBe(1);
  expect(of('kafka_consumer_messages_failed_total')).toBe(3);
  expect(of('kafka_consumer_retries_total')).toBe(2);
  expect(of('kafka_consumer_dead_letters_total', { reason: 'attempts' })).toBe(1);
  expect(of('kafka_consumer_dead_letters_total', { reason: 'unreadable' })).toBe(0);
  expect(of('kafka_consumer_messages_total', { outcome: 'handled' })).toBe(1);
  expect(of('kafka_consumer_messages_total', { outcome: 'buried' })).toBe(1);

  const duration = 'kafka_consumer_processing_duration_seconds';
  expect(families.get(duration).type).toBe('histogram');
  expect(of(`${duration}_count`)).toBe(4);
  expect(of(`${duration}_sum`)).toBeGreaterThan(0);
  expect(of(`${duration}_bucket`, { le: '+Inf' })).toBe(4);
});

test('counts what was sent by topic, dead letters among it', async () => {
  const started = await start();
  const { service, topic } = started;
  await someWork(started);
  const families = await parsed(service);
  expect(valueOf(families, 'kafka_producer_messages_sent_total', { topic })).toBe(2);
  expect(valueOf(families, 'kafka_producer_messages_sent_total', { topic: `dlq.${topic}` })).toBe(
    1,
  );
  expect(valueOf(families, 'kafka_producer_messages_failed_total', { topic })).toBe(0);
  expect(valueOf(families, 'kafka_producer_send_duration_seconds_count', { topic })).toBe(1);
  expect(valueOf(families, 'kafka_producer_queue_bytes')).toBe(0);
  expect(valueOf(families, 'kafka_producer_queue_messages')).toBe(0);
});

test('has the lag of each partition by group, and the state of the group', async () => {
  const { service, topic, group } = await start();
  const gate = deferred();
  await service.publish('orders', ['a', 'b', 'c'].map(created));
  await service.subscribe('orders', group, async ({ data }) => {
    if (data.orderId === 'b') await gate.promise;
  });
  const labels = { topic, partition: '0', group };
  await seriesIs(service, 'kafka_consumer_lag', labels, 2);
  gate.resolve();
  await seriesIs(service, 'kafka_consumer_lag', labels, 0);
  const families = await parsed(service);
  const state = (name) => valueOf(families, 'kafka_consumer_group_state', { group, state: name });
  expect([state('consuming'), state('joining'), state('crashed')]).toEqual([1, 0, 0]);
});

test('has the bytes that wait in the consumer, from the statistics', async () => {
  const { service, group } = await start({
    service: { consumer: { statisticsIntervalMs: 50, fromBeginning: true } },
  });
  await service.subscribe('orders', group, () => {});
  await seriesIs(service, 'kafka_consumer_queue_bytes', { group }, 0);
});

test('has the state of a circuit breaker and the calls through it', async () => {
  const { service, topic, group } = await start();
  const breaker = { name: 'crm', failureThreshold: 1, openMs: 60_000 };
  await service.subscribe('orders', group, () => Promise.reject(new Error('down')), { breaker });
  await service.publish('orders', created('a'));
  const labels = { group, breaker: 'crm' };
  await seriesIs(service, 'kafka_circuit_breaker_state', { ...labels, state: 'open' }, 1);
  const families = await parsed(service);
  const of = (name, more) => valueOf(families, name, { ...labels, ...more });
  expect(of('kafka_circuit_breaker_state', { state: 'closed' })).toBe(0);
  expect(of('kafka_circuit_breaker_calls_total', { result: 'failure' })).toBe(1);
  expect(of('kafka_circuit_breaker_opened_total')).toBe(1);
  expect(valueOf(families, 'kafka_consumer_messages_failed_total', { topic })).toBe(1);
});

test('metricsJson() has the same metrics', async () => {
  const service = offline();
  service.recorder.attempt('orders', 0.5, true);
  const metrics = await service.metricsJson();
  expect(metrics.map(({ name }) => name)).toEqual(METRICS.map(({ name }) => name));
  expect(metrics[0]).toMatchObject({
    name: 'kafka_consumer_messages_processed_total',
    type: 'counter',
    values: [{ labels: { topic: 'orders' }, value: 1 }],
  });
});

test('topics without end, and names with quotes and line ends, leave the text valid and bounded', async () => {
  const service = offline();
  for (let number = 0; number < MAX_TOPICS + 500; number += 1) {
    service.recorder.attempt(`"t\\\n${number}`, 0.001, true);
  }
  const families = await parsed(service);
  const { samples } = families.get('kafka_consumer_messages_processed_total');
  expect(samples).toHaveLength(MAX_TOPICS + 1);
  expect(samples[0].labels.topic).toBe('"t\\\n0');
  expect(samples.find(({ labels }) => labels.topic === 'other').value).toBe(500);
});

test("the application's Registry has the service's metrics beside its own, until shutdown()", async () => {
  const registry = new Registry();
  const own = new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] });
  own.inc(7);
  const service = offline({ metricsRegistry: registry });
  service.recorder.attempt('orders', 0.001, true);
  const families = parseExposition(await registry.metrics());
  expect(valueOf(families, 'orders_total')).toBe(7);
  expect(valueOf(families, 'kafka_consumer_messages_processed_total')).toBe(1);
  expect(await service.metrics()).toBe(await registry.metrics());

  expect(() => offline({ metricsRegistry: registry })).toThrow(
    expect.objectContaining({ errorCode: 'ERR_KAFKA_INVALID_OPTION', option: 'metricsRegistry' }),
  );
  await service.shutdown();
  expect([...parseExposition(await registry.metrics()).keys()]).toEqual(['orders_total']);
  const next = offline({ metricsRegistry: registry });
  expect(valueOf(await parsed(next), 'orders_total')).toBe(7);
});

test('a Registry of OpenMetrics has each counter with one _total', async () => {
  const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  const service = offline({ metricsRegistry: registry });
  service.recorder.attempt('orders', 0.001, true);
  for (let scrape = 0; scrape < 2; scrape += 1) {
    const text = await service.metrics();
    expect(text).toContain('\nkafka_consumer_messages_processed_total{topic="orders"} 1\n');
    expect(text).not.toContain('_total_total');
    expect(text.endsWith('# EOF\n')).toBe(true);
  }
});

test('metricsRegistry that is none is refused in the house form', () => {
  expect(() => offline({ metricsRegistry: {} })).toThrow(
    /Expected a Registry of prom-client for metricsRegistry but received/,
  );
});

test('without the package prom-client metrics() says what to install, and counting goes on', async () => {
  let Metrics;
  jest.isolateModules(() => {
    jest.doMock('prom-client', () => {
      throw Object.assign(new Error('none'), { code: 'MODULE_NOT_FOUND' });
    });
    ({ Metrics } = require('../../../lib/service/monitoring/metrics'));
  });
  await expect(new Metrics(offline()).text()).rejects.toMatchObject({
    errorCode: 'ERR_KAFKA_UNSUPPORTED',
    message: expect.stringContaining('npm install prom-client'),
  });
  jest.dontMock('prom-client');
});

test('the Task Manager document’s names are all there', () => {
  const names = METRICS.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'kafka_consumer_messages_processed_total',
      'kafka_consumer_messages_failed_total',
      'kafka_consumer_lag',
      'kafka_consumer_processing_duration_seconds',
      'kafka_producer_messages_sent_total',
      'kafka_producer_messages_failed_total',
      'kafka_producer_send_duration_seconds',
    ]),
  );
});

test('docs/monitoring.md lists every metric with its type', () => {
  const rows = [...read('docs', 'monitoring.md').matchAll(/^\| `(kafka_\w+)`[^|]*\| (\w+) /gm)];
  expect(rows.map(([, name, type]) => ({ name, type }))).toEqual(
    METRICS.map(({ name, type }) => ({ name, type })),
  );
});

test('the alert rules use metrics that there are', () => {
  const used = read('lib', 'service', 'monitoring', 'alerts.yaml').match(/\bkafka_\w+/g);
  const series = METRICS.flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`] : [name],
  );
  expect([...new Set(used)].filter((name) => !series.includes(name))).toEqual([]);
});
