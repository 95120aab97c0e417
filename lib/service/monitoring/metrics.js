'use strict';

// A service's numbers as metrics of prom-client. They are gathered when somebody asks; nothing is counted here, and a
// Registry that the application gives needs nothing else of prom-client.

const { conflict, unsupported } = require('../../options/validate');
const { Gathered } = require('./gathered');
const { BURIAL_REASONS, OTHER } = require('./recorder');

/** What the partitions of one process may fill; what is beyond is added up under `other`. */
const MAX_LAG_SERIES = 10_000;

const GROUP_STATES = ['idle', 'joining', 'consuming', 'crashed', 'stopped'];
const BREAKER_STATES = ['closed', 'open', 'half-open'];

// ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @returns {[topic: string, counts: object][]} topics of which a handler, or the producer, has had messages */
const consumedTopics = ({ recorder }) =>
  [...recorder.topics].filter(
    ([, { outcomes, processing }]) => outcomes.size + processing.count > 0,
  );
const sentTopics = ({ recorder }) =>
  [...recorder.topics].filter(([, { sending }]) => sending.count > 0);

/** One value a topic. */
const each = (topicsOf, valueOf) => (service) =>
  topicsOf(service).map(([topic, counts]) => ({ labels: { topic }, value: valueOf(counts) }));

/** Buckets, sum and count of a topic's Durations. */
const buckets = (name, topicsOf, durationsOf) => (service) =>
  topicsOf(service).flatMap(([topic, counts]) => {
    const durations = durationsOf(counts);
    const bounds = durations.cumulative().map(([bound, count]) => ({
      metricName: `${name}_bucket`,
      labels: { topic, le: bound === Infinity ? '+Inf' : String(bound) },
      value: count,
    }));
    return [
      ...bounds,
      { metricName: `${name}_sum`, labels: { topic }, value: durations.sum },
      { metricName: `${name}_count`, labels: { topic }, value: durations.count },
    ];
  });

/** One value for each state that there is: 1 for the present one. */
const stateSet = (states, labels, isIn) =>
  states.map((state) => ({ labels: { ...labels, state }, value: isIn(state) ? 1 : 0 }));

/** Every reason from the beginning: from nothing to 1 is no increase for Prometheus. */
const deadLetters = (service) =>
  consumedTopics(service).flatMap(([topic, { buried }]) =>
    [...new Set([...BURIAL_REASONS, ...buried.keys()])].map((reason) => ({
      labels: { topic, reason },
      value: buried.get(reason) ?? 0,
    })),
  );

const outcomes = (service) =>
  consumedTopics(service).flatMap(([topic, counts]) =>
    [...counts.outcomes].map(([outcome, value]) => ({ labels: { topic, outcome }, value })),
  );

async function lagOf(consumer) {
  try {
    return await consumer.lag();
  } catch {
    return []; // It is being disconnected: that is what its state says.
  }
}

async function lag({ subscriptions }) {
  const values = [];
  const rest = new Map();
  for (const consumer of subscriptions.consumers) {
    const { groupId: group } = consumer;
    for (const { topic, partition, lag: behind } of await lagOf(consumer)) {
      if (behind === null) continue;
      if (values.length < MAX_LAG_SERIES) {
        const labels = { topic, partition: String(partition), group };
        values.push({ labels, value: Number(behind) });
      } else rest.set(group, (rest.get(group) ?? 0) + Number(behind));
    }
  }
  const others = [...rest].map(([group, value]) => ({
    labels: { topic: OTHER, partition: OTHER, group },
    value,
  }));
  return [...values, ...others];
}

const groupStates = ({ subscriptions }) =>
  subscriptions.consumers.flatMap((consumer) =>
    stateSet(GROUP_STATES, { group: consumer.groupId }, (state) => state === consumer.state),
  );

const queueBytes = ({ subscriptions }) =>
  subscriptions.consumers
    .filter(({ queueBytes: bytes }) => bytes !== null)
    .map((consumer) => ({ labels: { group: consumer.groupId }, value: consumer.queueBytes }));

/** Breakers of one name within a group are one for Prometheus. */
function breakers({ subscriptions }) {
  const named = new Map();
  for (const { groupId, breaker } of subscriptions.breakers) {
    const key = JSON.stringify([groupId, breaker.name]);
    const labels = { group: groupId, breaker: breaker.name };
    if (!named.has(key)) named.set(key, { labels, snapshots: [] });
    named.get(key).snapshots.push(breaker.snapshot());
  }
  return [...named.values()];
}

const breakerStates = (service) =>
  breakers(service).flatMap(({ labels, snapshots }) =>
    stateSet(BREAKER_STATES, labels, (state) => snapshots.some((shot) => shot.state === state)),
  );

const sumOf = (list, field) => list.reduce((sum, item) => sum + item[field], 0);

const breakerCalls = (service) =>
  breakers(service).flatMap(({ labels, snapshots }) => [
    { labels: { ...labels, result: 'success' }, value: sumOf(snapshots, 'successes') },
    { labels: { ...labels, result: 'failure' }, value: sumOf(snapshots, 'failures') },
    { labels: { ...labels, result: 'rejected' }, value: sumOf(snapshots, 'rejected') },
  ]);

const breakerOpenings = (service) =>
  breakers(service).map(({ labels, snapshots }) => ({ labels, value: sumOf(snapshots, 'opened') }));

const queued = (field) => (service) => [{ labels: {}, value: service.publisher.queued[field] }];

// ── Metrics ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const PROCESSING = 'kafka_consumer_processing_duration_seconds';
const SENDING = 'kafka_producer_send_duration_seconds';

/** `valuesOf(service)` gives `{ labels, value, metricName? }`; docs/monitoring.md lists the same names. */
const METRICS = Object.freeze([
  {
    name: 'kafka_consumer_messages_processed_total',
    help: 'Handler calls that succeeded',
    type: 'counter',
    valuesOf: each(consumedTopics, ({ processed }) => processed),
  },
  {
    name: 'kafka_consumer_messages_failed_total',
    help: 'Handler calls that failed, each attempt by itself',
    type: 'counter',
    valuesOf: each(consumedTopics, ({ failed }) => failed),
  },
  {
    name: 'kafka_consumer_messages_total',
    help: 'Messages that are done with, by what became of them',
    type: 'counter',
    valuesOf: outcomes,
  },
  {
    name: 'kafka_consumer_retries_total',
    help: 'Further attempts that were decided on, in place or over a delay topic',
    type: 'counter',
    valuesOf: each(consumedTopics, ({ retries }) => retries),
  },
  {
    name: 'kafka_consumer_dead_letters_total',
    help: 'Messages that were given up, by reason',
    type: 'counter',
    valuesOf: deadLetters,
  },
  {
    name: PROCESSING,
    help: 'Duration of a handler call',
    type: 'histogram',
    valuesOf: buckets(PROCESSING, consumedTopics, ({ processing }) => processing),
  },
  {
    name: 'kafka_consumer_lag',
    help: 'Messages of an assigned partition that no handler has done with yet',
    type: 'gauge',
    valuesOf: lag,
  },
  {
    name: 'kafka_consumer_queue_bytes',
    help: 'Bytes fetched from the brokers that wait for being handed out',
    type: 'gauge',
    valuesOf: queueBytes,
  },
  {
    name: 'kafka_consumer_group_state',
    help: '1 for the state that the consumer of a group is in',
    type: 'gauge',
    valuesOf: groupStates,
  },
  {
    name: 'kafka_consumer_rebalances_total',
    help: 'Rebalances of a group that this process took part in',
    type: 'counter',
    valuesOf: ({ recorder }) =>
      [...recorder.rebalances].map(([group, value]) => ({ labels: { group }, value })),
  },
  {
    name: 'kafka_producer_messages_sent_total',
    help: 'Messages that the brokers have acknowledged',
    type: 'counter',
    valuesOf: each(sentTopics, ({ sent }) => sent),
  },
  {
    name: 'kafka_producer_messages_failed_total',
    help: 'Messages that were not acknowledged',
    type: 'counter',
    valuesOf: each(sentTopics, ({ sendFailed }) => sendFailed),
  },
  {
    name: SENDING,
    help: 'Time until the brokers have acknowledged a send of one or more messages',
    type: 'histogram',
    valuesOf: buckets(SENDING, sentTopics, ({ sending }) => sending),
  },
  {
    name: 'kafka_producer_queue_bytes',
    help: 'Bytes that the brokers have not acknowledged yet',
    type: 'gauge',
    valuesOf: queued('bytes'),
  },
  {
    name: 'kafka_producer_queue_messages',
    help: 'Messages that the brokers have not acknowledged yet',
    type: 'gauge',
    valuesOf: queued('messages'),
  },
  {
    name: 'kafka_producer_waiting_sends',
    help: 'Sends that wait for room in the queue',
    type: 'gauge',
    valuesOf: queued('waitingSends'),
  },
  {
    name: 'kafka_circuit_breaker_state',
    help: '1 for the state that the circuit breaker of a subscription is in',
    type: 'gauge',
    valuesOf: breakerStates,
  },
  {
    name: 'kafka_circuit_breaker_calls_total',
    help: 'Calls through the circuit breaker of a subscription, by result',
    type: 'counter',
    valuesOf: breakerCalls,
  },
  {
    name: 'kafka_circuit_breaker_opened_total',
    help: 'How often the circuit breaker of a subscription has opened',
    type: 'counter',
    valuesOf: breakerOpenings,
  },
]);

function loadPromClient() {
  try {
    return require('prom-client');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw unsupported('metrics() without the package prom-client', 'npm install prom-client');
  }
}

/** The metrics of one service, in the application's Registry or in one of its own. */
class Metrics {
  #service;
  #registry = null;
  #isOwn = true;
  /** Register of others' metrics -> what takes them out again, once they are in. */
  #others = new Map();

  /**
   * @param {import('../kafka-service').KafkaService} service
   * @param {import('prom-client').Registry} [registry] it has the service's metrics until detach()
   */
  constructor(service, registry) {
    this.#service = service;
    if (registry === undefined) return;
    this.#isOwn = false;
    this.#attach(registry);
  }

  #attach(registry) {
    const taken = METRICS.find(({ name }) => registry.getSingleMetric(name) !== undefined);
    if (taken !== undefined) {
      throw conflict(
        `The registry has a metric ${taken.name} already: give each KafkaService a Registry of its own`,
        'metricsRegistry',
      );
    }
    for (const metric of METRICS) registry.registerMetric(new Gathered(this.#service, metric));
    this.#registry = registry;
    for (const register of this.#others.keys()) this.#others.set(register, register(registry));
  }

  /**
   * Metrics of something that belongs to the service.
   *
   * @param {(registry: import('prom-client').Registry) => () => void} register gives what takes them out again
   * @returns {() => void} takes them out again
   */
  add(register) {
    this.#others.set(register, this.#registry === null ? () => {} : register(this.#registry));
    return () => {
      this.#others.get(register)?.();
      this.#others.delete(register);
    };
  }

  /** @throws {KafkaJSUnsupportedError} prom-client is not installed */
  #use() {
    if (this.#registry === null) {
      const { Registry } = loadPromClient();
      this.#attach(new Registry());
    }
    return this.#registry;
  }

  /** Of text(). */
  get contentType() {
    return this.#use().contentType;
  }

  async text() {
    return this.#use().metrics();
  }

  async json() {
    return this.#use().getMetricsAsJSON();
  }

  /** Leaves the application's Registry, so that the next service can have it. */
  detach() {
    if (this.#isOwn) return;
    for (const remove of this.#others.values()) remove();
    this.#others.clear();
    for (const { name } of METRICS) this.#registry.removeSingleMetric(name);
  }
}

module.exports = { Metrics, METRICS };
