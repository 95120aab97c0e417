'use strict';

// librdkafka's own properties, given in `librdkafka: { … }` or, as @confluentinc/kafka-javascript has it, beside the
// `kafkaJS` block.

const native = require('../binding');
const { classes } = require('../errors');
const { invalidOption, unsupported } = require('./validate');
const { nearest } = require('./nearest');

/** Aliases of the properties that this package looks at or sets. */
const ALIASES = Object.freeze({
  'metadata.broker.list': 'bootstrap.servers',
  'sasl.mechanism': 'sasl.mechanisms',
  'request.required.acks': 'acks',
  'compression.type': 'compression.codec',
  'queue.buffering.max.ms': 'linger.ms',
  'delivery.timeout.ms': 'message.timeout.ms',
  'message.send.max.retries': 'retries',
  'max.in.flight.requests.per.connection': 'max.in.flight',
  'max.partition.fetch.bytes': 'fetch.message.max.bytes',
});

/** Callbacks of node-rdkafka and its kin: [name -> what becomes of it]. */
const CALLBACKS = new Set([
  'stats_cb',
  'oauthbearer_token_refresh_cb',
  'rebalance_cb',
  'offset_commit_cb',
  'dr_cb',
  'dr_msg_cb',
  'event_cb',
  'error_cb',
]);

/** Options of confluent's own consumer. */
const JS_OPTIONS = new Set([
  'js.consumer.max.batch.size',
  'js.consumer.max.cache.size.per.worker.ms',
]);

const OWNED = Object.freeze({
  'plugin.library.paths': 'plugins link another librdkafka than the one inside the addon',
  'enable.partition.eof': 'an end of a partition is no message; ask consumer.lag() instead',
  'enable.auto.offset.store': 'offsets are stored after their handler resolved',
});

const SECRET = /password|secret|\.pem$|jaas|token|oauthbearer\.config|keytab|passphrase|\.key$/i;

let known;
function properties() {
  known ??= native.configProperties();
  return known;
}

/** Whether librdkafka (or a peer's configuration style) knows the name. */
function isProperty(name) {
  return Object.hasOwn(properties(), name) || CALLBACKS.has(name) || JS_OPTIONS.has(name);
}

/**
 * Adds one property to `into`, under its main name and as a string; callbacks as they are.
 *
 * @param {Record<string, string | Function>} into
 * @param {string} name
 * @param {unknown} value
 */
function addProperty(into, name, value) {
  if (value === undefined || value === null) return;
  if (CALLBACKS.has(name)) {
    if (typeof value === 'function' || typeof value === 'boolean') into[name] = value;
    else throw invalidOption('a function', name, value);
    return;
  }
  if (!isProperty(name)) {
    const suggestion = nearest(name, Object.keys(properties()));
    throw new classes.KafkaJSInvalidOptionError(
      `Unknown librdkafka property "${name}"${suggestion ? `: did you mean "${suggestion}"?` : ''}`,
      { option: name },
    );
  }
  if (Object.hasOwn(OWNED, name)) {
    if (String(value) === 'false') return;
    throw unsupported(`The property "${name}"`, OWNED[name]);
  }
  into[ALIASES[name] ?? name] = toText(name, value);
}

function toText(name, value) {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
    return String(value);
  }
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.join(',');
  }
  throw invalidOption('a string, number or boolean', name, value, { secret: SECRET.test(name) });
}

/** A boolean property as librdkafka reads it. */
function isTrue(text) {
  return text !== undefined && ['true', 't', '1'].includes(String(text).toLowerCase());
}

module.exports = { addProperty, isProperty, isTrue, CALLBACKS, JS_OPTIONS };
