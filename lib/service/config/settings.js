'use strict';

// The one table of settings: docs/configuration.md shows it, and a test keeps the two equal.

const { logLevel } = require('../../clients/log-level');

const INT32_MAX = 2_147_483_647;
const BROKER = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/;
const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

/** What Python and Java clients call the levels too. */
const LEVELS = Object.freeze({ ...logLevel, WARNING: logLevel.WARN, CRITICAL: logLevel.ERROR });

/** A value that is not what it should be; `received` where only a part of it is wrong. */
class Unacceptable {
  constructor(received) {
    this.received = received;
  }
}

// A type: { expected: what a message says, fromText: text -> value or Unacceptable, accepts: is it one, in an object? }

function isBroker(text) {
  const port = Number(BROKER.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

const brokers = {
  expected: 'host:port[,host:port…]',
  fromText(text) {
    const list = text.split(',').map((broker) => broker.trim());
    const wrong = list.find((broker) => !isBroker(broker));
    return wrong === undefined ? list : new Unacceptable(wrong);
  },
  accepts: (value) =>
    typeof value === 'function' ||
    (Array.isArray(value) &&
      value.length > 0 &&
      value.every((broker) => typeof broker === 'string' && isBroker(broker.trim()))),
};

const text = {
  expected: 'a non-empty string',
  fromText: (value) => value,
  accepts: (value) => typeof value === 'string' && value !== '',
};

const secret = { ...text, accepts: (value) => typeof value === 'string', isSecret: true };

const boolean = {
  expected: 'true or false',
  fromText(value) {
    const word = value.trim().toLowerCase();
    if (TRUE.has(word)) return true;
    return FALSE.has(word) ? false : new Unacceptable(value);
  },
  accepts: (value) => typeof value === 'boolean',
};

const integer = (min, max = INT32_MAX) => ({
  expected: `a whole number from ${min} to ${max}`,
  fromText(value) {
    const number = /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : NaN;
    return number >= min && number <= max ? number : new Unacceptable(value);
  },
  accepts: (value) => Number.isInteger(value) && value >= min && value <= max,
});

function oneOf(...choices) {
  const find = (value) => choices.find((choice) => choice === value.trim().toUpperCase());
  return {
    expected: `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`,
    fromText: (value) => find(value) ?? new Unacceptable(value),
    accepts: (value) => typeof value === 'string' && find(value) !== undefined,
  };
}

const level = {
  expected: Object.keys(logLevel).join(', '),
  fromText: (value) => LEVELS[value.trim().toUpperCase()] ?? new Unacceptable(value),
  accepts: (value) => Object.values(logLevel).includes(value),
};

const ms = integer(0);

/**
 * One row a setting:
 *   name        where it stands in the options, and what `origins` calls it
 *   variables   of the environment; they mean the same, so two that differ are a contradiction
 *   properties  of client.properties, and of a `librdkafka` block
 *   flags       of the command line
 *   outranks    properties that say nearly the same: one of a source that ranks lower is dropped
 *   connects    says how to reach the cluster
 *   documents   which of the systems' documents name it
 */
const SETTINGS = Object.freeze([
  {
    name: 'brokers',
    type: brokers,
    variables: ['KAFKA_BOOTSTRAP_SERVERS', 'KAFKA_BROKERS'],
    properties: ['bootstrap.servers', 'metadata.broker.list'],
    flags: ['brokers', 'bootstrap-servers'],
    connects: true,
    documents: ['easyflow', 'task-manager', 'officeflow', 'etelios', 'spm'],
  },
  {
    name: 'clientId',
    type: text,
    variables: ['KAFKA_CLIENT_ID'],
    properties: ['client.id'],
    documents: ['task-manager', 'officeflow'],
  },
  {
    name: 'groupId',
    type: text,
    variables: ['KAFKA_GROUP_ID'],
    properties: ['group.id'],
    documents: ['task-manager', 'spm'],
  },
  {
    name: 'securityProtocol',
    type: oneOf('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'),
    variables: ['KAFKA_SECURITY_PROTOCOL'],
    properties: ['security.protocol'],
    connects: true,
    documents: ['easyflow', 'etelios'],
  },
  {
    name: 'sslEnabled',
    type: boolean,
    variables: ['KAFKA_SSL_ENABLED'],
    properties: [],
    documents: ['task-manager'],
  },
  {
    name: 'saslEnabled',
    type: boolean,
    variables: ['KAFKA_SASL_ENABLED'],
    properties: [],
    documents: ['task-manager'],
  },
  {
    name: 'sasl.mechanism',
    type: oneOf('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'),
    variables: ['KAFKA_SASL_MECHANISMS', 'KAFKA_SASL_MECHANISM'],
    properties: ['sasl.mechanisms', 'sasl.mechanism'],
    connects: true,
    documents: ['easyflow', 'task-manager', 'etelios'],
  },
  {
    name: 'sasl.username',
    type: { ...text, accepts: (value) => typeof value === 'string' },
    variables: ['KAFKA_SASL_USERNAME'],
    properties: ['sasl.username'],
    connects: true,
    documents: ['easyflow', 'task-manager', 'etelios'],
  },
  {
    name: 'sasl.password',
    type: secret,
    variables: ['KAFKA_SASL_PASSWORD'],
    properties: ['sasl.password'],
    connects: true,
    documents: ['easyflow', 'task-manager', 'etelios'],
  },
  {
    name: 'connectionTimeout',
    type: ms,
    variables: ['KAFKA_CONNECTION_TIMEOUT'],
    properties: [],
    outranks: ['socket.connection.setup.timeout.ms'],
    documents: ['task-manager', 'officeflow'],
  },
  {
    name: 'requestTimeout',
    type: ms,
    variables: ['KAFKA_REQUEST_TIMEOUT'],
    properties: ['socket.timeout.ms'],
    documents: ['task-manager', 'officeflow'],
  },
  {
    name: 'consumer.sessionTimeout',
    type: integer(1, 3_600_000),
    variables: ['KAFKA_SESSION_TIMEOUT'],
    properties: ['session.timeout.ms'],
    documents: ['task-manager'],
  },
  {
    name: 'consumer.heartbeatInterval',
    type: integer(1, 3_600_000),
    variables: ['KAFKA_HEARTBEAT_INTERVAL'],
    properties: ['heartbeat.interval.ms'],
    documents: ['task-manager'],
  },
  {
    name: 'retry.initialRetryTime',
    type: ms,
    variables: ['KAFKA_RETRY_BACKOFF'],
    properties: [],
    outranks: ['retry.backoff.ms'],
    documents: ['task-manager', 'officeflow'],
  },
  {
    name: 'retry.retries',
    type: ms,
    variables: ['KAFKA_MAX_RETRY_ATTEMPTS'],
    properties: [],
    outranks: ['retries', 'message.send.max.retries'],
    documents: ['task-manager', 'officeflow'],
  },
  {
    name: 'logLevel',
    type: level,
    // DEBUG=kafka* counts where this one is not set: see sources/environment.js.
    variables: ['KAFKA_LOG_LEVEL'],
    properties: [],
    outranks: ['log_level'],
    documents: ['easyflow'],
  },
]);

/** Variables that rename a catalog's topics, and variables that give its parameters; a catalog may name more. */
const TOPIC_VARIABLES = Object.freeze({
  TASK_STATUS_TOPIC: 'task-status',
  WEB_CRAWL_REQUEST_TOPIC: 'requests-web-crawl',
});
const PARAMETER_VARIABLES = Object.freeze({ DEMO_ORG_ID: 'org' });

const byName = new Map(SETTINGS.map((row) => [row.name, row]));
const byProperty = new Map(
  SETTINGS.flatMap((row) => row.properties.map((property) => [property, row])),
);

module.exports = {
  SETTINGS,
  TOPIC_VARIABLES,
  PARAMETER_VARIABLES,
  Unacceptable,
  byName,
  byProperty,
};
