'use strict';

// A hub's numbers as metrics of prom-client, beside those of a service. docs/status-hub.md lists the same names.

const { conflict } = require('../options/validate');
const { Gathered } = require('../service/monitoring/gathered');

const one = (field) => (hub) => [{ labels: {}, value: Number(hub.metrics()[field]) }];

const gauge = (name, help, field) => ({ name, help, type: 'gauge', valuesOf: one(field) });
const counter = (name, help, field) => ({ name, help, type: 'counter', valuesOf: one(field) });

/** Milliseconds of a quantile -> seconds, as Prometheus wants times. */
const latency = (hub) => {
  const { latencyP50Ms, latencyP99Ms } = hub.metrics();
  return [
    { labels: { quantile: '0.5' }, value: latencyP50Ms / 1_000 },
    { labels: { quantile: '0.99' }, value: latencyP99Ms / 1_000 },
  ];
};

const refusals = (hub) =>
  Object.entries(hub.metrics().refused).map(([status, value]) => ({ labels: { status }, value }));

const METRICS = Object.freeze([
  gauge('kafka_hub_ready', '1 while clients are served', 'ready'),
  gauge('kafka_hub_connections', 'Connections that are open', 'connections'),
  gauge('kafka_hub_subscriptions', 'Subscriptions of all connections', 'subscriptions'),
  gauge(
    'kafka_hub_streams',
    'Different subscriptions: what is made once for all who have it',
    'streams',
  ),
  gauge(
    'kafka_hub_catching_up',
    'Subscriptions that are given a snapshot or what they missed',
    'catchingUp',
  ),
  gauge('kafka_hub_queued_bytes', 'Bytes that wait for clients', 'queuedBytes'),
  gauge('kafka_hub_entities', 'Entities whose latest state is kept', 'entities'),
  gauge('kafka_hub_store_bytes', 'Bytes of the states and of the history', 'storeBytes'),
  counter('kafka_hub_accepted_total', 'Connections that were made', 'accepted'),
  {
    name: 'kafka_hub_refused_total',
    help: 'Requests for a connection that were refused, by HTTP status',
    type: 'counter',
    valuesOf: refusals,
  },
  counter('kafka_hub_records_total', 'Records read from Kafka', 'records'),
  counter('kafka_hub_invalid_records_total', 'Records that name no channel', 'invalid'),
  counter('kafka_hub_updates_total', 'Updates and removals of entities', 'updates'),
  counter('kafka_hub_evicted_total', 'Entities that were dropped for want of room', 'evicted'),
  counter(
    'kafka_hub_deliveries_total',
    'Updates and removals that were sent, each to each client',
    'deliveries',
  ),
  counter(
    'kafka_hub_conflated_total',
    'Updates that a newer one replaced before they were sent',
    'conflated',
  ),
  counter('kafka_hub_gaps_total', 'Gaps in subscriptions of mode all', 'gaps'),
  counter('kafka_hub_snapshots_total', 'Snapshots that were sent', 'snapshots'),
  counter(
    'kafka_hub_snapshot_items_total',
    'Entities in snapshots that were sent',
    'snapshotItems',
  ),
  counter(
    'kafka_hub_resumed_total',
    'Subscriptions that went on where their client was',
    'recovered',
  ),
  counter('kafka_hub_sent_bytes_total', 'Bytes to clients', 'bytesOut'),
  counter('kafka_hub_received_bytes_total', 'Bytes from clients', 'bytesIn'),
  counter('kafka_hub_received_messages_total', 'Messages from clients', 'messagesIn'),
  counter(
    'kafka_hub_slow_closes_total',
    'Connections closed because they took nothing',
    'slowCloses',
  ),
  {
    name: 'kafka_hub_latency_seconds',
    help: "From a record's timestamp to the sockets",
    type: 'gauge',
    valuesOf: latency,
  },
]);

/**
 * @param {object} hub with metrics()
 * @param {import('prom-client').Registry} registry
 * @returns {() => void} takes them out again
 */
function registerMetrics(hub, registry) {
  const taken = METRICS.find(({ name }) => registry.getSingleMetric(name) !== undefined);
  if (taken !== undefined) {
    throw conflict(
      `The registry has a metric ${taken.name} already: give each StatusHub a Registry of its own`,
      'metricsRegistry',
    );
  }
  for (const metric of METRICS) registry.registerMetric(new Gathered(hub, metric));
  return () => {
    for (const { name } of METRICS) registry.removeSingleMetric(name);
  };
}

/** What the native hub counts, before there is one. */
const EMPTY_METRICS = Object.freeze(
  Object.fromEntries(
    [
      'connections',
      'subscriptions',
      'streams',
      'queuedBytes',
      'catchingUp',
      'accepted',
      'deliveries',
      'conflated',
      'gaps',
      'snapshots',
      'snapshotItems',
      'recovered',
      'bytesOut',
      'bytesIn',
      'messagesIn',
      'writes',
      'flushes',
      'slowCloses',
      'entities',
      'storeBytes',
      'evicted',
      'updates',
      'records',
      'invalid',
      'unknownRemovals',
      'latencyP50Ms',
      'latencyP99Ms',
    ].map((name) => [name, 0]),
  ),
);

module.exports = { METRICS, EMPTY_METRICS, registerMetrics };
