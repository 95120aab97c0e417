'use strict';

// The options of `new Kafka(…)` and of its clients, in both styles:
//   KafkaJS     new Kafka({ brokers, clientId, …, librdkafka: { 'linger.ms': 5 } })
//   confluent   new Kafka({ kafkaJS: { brokers, … }, 'linger.ms': 5 })

const { invalidOption, checkOptions, isObject } = require('./validate');
const { addProperty, isProperty } = require('./properties');
const shapes = require('./shapes');
const { checkSsl } = require('./ssl');
const { checkSasl } = require('./sasl');
const { RETRY_DEFAULTS } = require('../clients/retry');
const { logLevel, fromSyslog } = require('../clients/log-level');

const DEFAULTS = Object.freeze({
  clientId: 'easyflow-kafka',
  connectionTimeout: 1_000,
  authenticationTimeout: 10_000,
  requestTimeout: 30_000,
  enforceRequestTimeout: true,
  logLevel: logLevel.INFO,
});

/**
 * Splits an options object into checked options and librdkafka properties.
 *
 * @returns {{ style: 'kafkajs' | 'confluent', given: object, properties: Record<string, string | Function> }}
 */
function split(shape, options, where) {
  if (options === undefined || options === null) {
    return { style: 'kafkajs', given: {}, properties: {} };
  }
  if (!isObject(options)) throw invalidOption('an object', where, options);
  const properties = {};
  const nested = isObject(options.kafkaJS) ? options.kafkaJS : undefined;
  const given = checkOptions(shape, options, where, {
    onUnknown(name, value) {
      if (name === 'kafkaJS') {
        if (!isObject(value)) throw invalidOption('an object', name, value);
        return true;
      }
      if (name === 'librdkafka' || name === 'rdKafka') {
        if (!isObject(value))
          throw invalidOption('an object of librdkafka properties', name, value);
        for (const entry of Object.entries(value)) addProperty(properties, ...entry);
        return true;
      }
      // A name with a dot can only be meant as a property: addProperty() names the nearest one.
      if (!name.includes('.') && !isProperty(name)) return false;
      addProperty(properties, name, value);
      return true;
    },
  });
  if (nested !== undefined) {
    Object.assign(given, checkOptions(shape, nested, where, { prefix: 'kafkaJS.' }));
  }
  const style =
    nested !== undefined || Object.keys(properties).length > 0 ? 'confluent' : 'kafkajs';
  takeLogLevel(given, properties);
  return { style: options.librdkafka && !nested ? 'kafkajs' : style, given, properties };
}

/** `log_level` is the logger's business: librdkafka's own would hide from connect() why a broker hung up. */
function takeLogLevel(given, properties) {
  const severity = properties.log_level;
  if (severity === undefined) return;
  if (!/^[0-7]$/.test(severity))
    throw invalidOption('an integer from 0 to 7', 'log_level', severity);
  given.logLevel ??= fromSyslog(Number(severity));
  delete properties.log_level;
}

function checkRetry(retry, where) {
  return checkOptions(shapes.retryShape, retry, where, { prefix: 'retry.' });
}

function checkBrokers(list) {
  if (!shapes.isBrokerList(list)) {
    throw invalidOption("a non-empty array of 'host:port' strings", 'brokers', list);
  }
  return list;
}

/** Resolves the options that the clients of a Kafka object share. */
function finish(style, given, properties) {
  const options = { ...DEFAULTS, ...given, style, properties, checkBrokers };
  options.retryGiven = checkRetry(given.retry, 'kafka.retry');
  options.retry = { ...RETRY_DEFAULTS, ...options.retryGiven };
  options.ssl = checkSsl(given.ssl);
  options.sasl = checkSasl(given.sasl);
  options.oauthBearerProvider = oauthProvider(options.sasl, properties);
  if (typeof properties.stats_cb === 'function') options.onStatistics = properties.stats_cb;
  if (options.brokers === undefined) {
    const servers = properties['bootstrap.servers'];
    if (servers === undefined) {
      throw invalidOption(shapes.kafkaShape.brokers.what, 'brokers', given.brokers);
    }
    options.brokers = servers.split(',').map((server) => server.trim());
  }
  return options;
}

function oauthProvider(sasl, properties) {
  return sasl?.oauthBearerProvider ?? properties.oauthbearer_token_refresh_cb;
}

/**
 * The options of `new Kafka(…)`, checked. Brokers are checked when the first client is made, because confluent's style
 * allows them there, after a `new Kafka()` of nothing.
 */
function kafkaOptions(options = { kafkaJS: {} }) {
  if (!isObject(options)) throw invalidOption('an object', 'new Kafka()', options);
  const { style, given, properties } = split(shapes.kafkaShape, options, 'new Kafka()');
  const hasBrokers = given.brokers !== undefined || Object.hasOwn(properties, 'bootstrap.servers');
  if (hasBrokers || style === 'kafkajs') return finish(style, given, properties);
  return { ...DEFAULTS, ...given, style, properties, deferred: true };
}

/**
 * The options of one client and what it shares with the others of its Kafka object.
 *
 * @param {object} kafka result of kafkaOptions()
 * @param {'producer' | 'consumer' | 'admin'} kind
 * @returns {{ kafka: object, options: object, changed: boolean }} `properties` of both are merged in options
 */
function clientOptions(kafka, kind, options) {
  const own = shapes[`${kind}Shape`];
  // In confluent's style a client's block may repeat or replace what `new Kafka()` was given.
  const shape = { ...shapes.kafkaShape, ...own };
  const where = `kafka.${kind}()`;
  const { style, given, properties } = split(shape, options, where);
  const shared = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(own, name)) {
      shared[name] = given[name];
      delete given[name];
    }
  }
  const merged = { ...kafka.properties, ...properties };
  const changed =
    kafka.deferred === true || Object.keys(shared).length > 0 || hasShared(properties);
  const base = changed ? finish(kafka.style, { ...raw(kafka), ...shared }, merged) : kafka;
  if (given.retry !== undefined) given.retry = checkRetry(given.retry, where);
  given.style = kafka.style === 'confluent' || style === 'confluent' ? 'confluent' : 'kafkajs';
  given.properties = merged;
  return { kafka: base, options: given, changed };
}

const SHARED_PROPERTIES = ['bootstrap.servers', 'oauthbearer_token_refresh_cb', 'stats_cb'];

function hasShared(properties) {
  return SHARED_PROPERTIES.some((name) => Object.hasOwn(properties, name));
}

/** What was given, as far as finish() would take it again. */
function raw(kafka) {
  return Object.fromEntries(
    Object.keys(shapes.kafkaShape)
      .filter((name) => kafka[name] !== undefined)
      .map((name) => [name, name === 'retry' ? kafka.retryGiven : kafka[name]]),
  );
}

module.exports = { kafkaOptions, clientOptions };
