'use strict';

// Options of `new Kafka(…)` -> librdkafka properties. docs/configuration.md shows all of these in one table.

const { CALLBACKS, JS_OPTIONS, isTrue } = require('../properties');
const { sslEntries, defaultCas, ownsCa } = require('../ssl');
const { saslEntries } = require('../sasl');
const { toSyslog } = require('../../clients/log-level');

const NO_ENFORCED_TIMEOUT_MS = 300_000;
const RECONNECT_MAX_MS = 1_000;

function clamp(value, min, max) {
  return Math.min(Math.max(Math.round(value), min), max);
}

/**
 * An ordered set of properties: what is set later replaces what was set before.
 */
class Entries {
  #map = new Map();

  set(name, value) {
    if (value !== undefined && value !== null) this.#map.set(name, String(value));
    return this;
  }

  /** Only where nothing else was said. */
  initial(name, value) {
    return this.#map.has(name) ? this : this.set(name, value);
  }

  get(name) {
    return this.#map.get(name);
  }

  delete(name) {
    this.#map.delete(name);
    return this;
  }

  /** The user's own properties, last, so that they win. */
  override(properties) {
    for (const [name, value] of Object.entries(properties)) {
      if (!CALLBACKS.has(name) && !JS_OPTIONS.has(name)) this.set(name, value);
    }
    return this;
  }

  toArray() {
    return [...this.#map];
  }
}

/**
 * @param {object} kafka checked options of the Kafka object
 * @param {object} options checked options of the client
 * @param {string[]} brokers
 */
function commonEntries(kafka, options, brokers) {
  const { ssl, sasl } = kafka;
  const retryGiven = { ...kafka.retryGiven, ...options.retry };
  const requestTimeout = kafka.enforceRequestTimeout
    ? kafka.requestTimeout
    : NO_ENFORCED_TIMEOUT_MS;

  const entries = new Entries()
    .set('bootstrap.servers', brokers.join(','))
    .set('client.id', kafka.clientId)
    .set('client.software.name', 'easyflow-kafka')
    // Not below INFO, whatever is shown: connect() finds in the logs why a broker hung up.
    .set('log_level', Math.max(6, toSyslog(options.logLevel ?? kafka.logLevel)))
    // Small requests leave at once: a message sent alone does not wait for a timer.
    .set('socket.nagle.disable', 'true')
    .set('socket.keepalive.enable', 'true')
    // As in Java's client: with librdkafka's 10 s a broker that is back can be left alone for so long.
    .set(
      'reconnect.backoff.max.ms',
      Math.max(RECONNECT_MAX_MS, Number(options.properties?.['reconnect.backoff.ms'] ?? 0)),
    )
    .set('socket.timeout.ms', clamp(requestTimeout, 10, 300_000))
    .set(
      'socket.connection.setup.timeout.ms',
      clamp(kafka.connectionTimeout + kafka.authenticationTimeout, 1_000, 2_147_483_647),
    )
    .set('statistics.interval.ms', options.statisticsIntervalMs ?? 0);

  if (options.metadataMaxAge !== undefined) {
    entries.set('topic.metadata.refresh.interval.ms', clamp(options.metadataMaxAge, 10, 3_600_000));
    entries.set('metadata.max.age.ms', clamp(options.metadataMaxAge * 3, 1, 86_400_000));
  }
  if (retryGiven.initialRetryTime !== undefined || retryGiven.maxRetryTime !== undefined) {
    const first = clamp(retryGiven.initialRetryTime ?? kafka.retry.initialRetryTime, 1, 300_000);
    entries.set('retry.backoff.ms', first);
    entries.set(
      'retry.backoff.max.ms',
      clamp(retryGiven.maxRetryTime ?? kafka.retry.maxRetryTime, first, 300_000),
    );
  }
  if (ssl || sasl) {
    entries.set('security.protocol', `${sasl ? 'sasl_' : ''}${ssl ? 'ssl' : 'plaintext'}`);
  }
  for (const [name, value] of [...sslEntries(ssl, options.properties), ...saslEntries(sasl)]) {
    entries.set(name, value);
  }
  addDefaultCas(entries, options.properties);
  return entries;
}

/** TLS that was switched on by property has to find certificates too. */
function addDefaultCas(entries, properties) {
  const protocol = properties['security.protocol'];
  if (protocol === undefined || !/ssl/i.test(protocol) || ownsCa(properties)) return;
  const verification = properties['enable.ssl.certificate.verification'];
  if (verification === undefined || isTrue(verification))
    entries.initial('ssl.ca.pem', defaultCas());
}

module.exports = { Entries, commonEntries, clamp };
