'use strict';

// Where a service's settings come from: options > environment > client.properties > the preset's defaults, for each
// setting by itself. docs/configuration.md is the page for users.

const fs = require('node:fs');
const { addProperty } = require('../../options/properties');
const { resolveConnection } = require('./connection');
const { Problems } = require('./problems');
const { guard, redact, redactText } = require('./secrets');
const { SETTINGS, TOPIC_VARIABLES, PARAMETER_VARIABLES } = require('./settings');
const { readEnvironment } = require('./sources/environment');
const { readObject } = require('./sources/object');
const { readPropertiesFile } = require('./sources/properties');
const { readFlags } = require('./sources/texts');

const DEFAULT_FILE = 'client.properties';

function readFile({ file, fileGivenBy, env, defaultFile = DEFAULT_FILE }, problems) {
  const none = { settings: new Map(), entries: [] };
  if (file === null || file === false) return none;
  if (file !== undefined) return readPropertiesFile(file, fileGivenBy ?? 'file', problems);
  const named = env.KAFKA_CLIENT_PROPERTIES;
  if (named) return readPropertiesFile(named, 'KAFKA_CLIENT_PROPERTIES', problems);
  return fs.existsSync(defaultFile) ? readPropertiesFile(defaultFile, undefined, problems) : none;
}

/** A property of a low source gives way to a setting of a higher one that means the same. */
function dropOutranked(merged) {
  for (const { name, outranks = [] } of SETTINGS) {
    const setting = merged.get(name);
    for (const property of outranks) {
      const path = `librdkafka.${property}`;
      if (setting !== undefined && merged.get(path)?.rank < setting.rank) merged.delete(path);
    }
  }
}

/**
 * Reads all sources. Nothing is thrown: what is wrong is in `problems`.
 *
 * @returns {{ sources: { settings: Map<string, object>, rank: number }[], merged: Map<string, object>,
 *   entries: { key: string, value: string, origin: string }[], problems: Problems }}
 */
function readSources({
  flags = {},
  options,
  env = process.env,
  defaults,
  variables = {},
  ...where
}) {
  const problems = new Problems();
  const file = readFile({ ...where, env }, problems);
  const named = {
    topicVariables: { ...TOPIC_VARIABLES, ...variables.topics },
    parameterVariables: { ...PARAMETER_VARIABLES, ...variables.parameters },
  };
  const sources = [
    { source: 'defaults', settings: readObject(defaults, 'defaults', problems) },
    { source: 'file', settings: file.settings },
    { source: 'environment', settings: readEnvironment(env, named, problems) },
    { source: 'options', settings: readObject(options, 'options', problems) },
    { source: 'flags', settings: readFlags(flags, problems) },
  ];
  const merged = new Map();
  for (const [rank, item] of sources.entries()) {
    item.rank = rank;
    for (const [name, setting] of item.settings) {
      merged.set(name, { ...setting, rank, source: item.source });
    }
  }
  dropOutranked(merged);
  return { sources: sources.reverse(), merged, entries: file.entries, problems };
}

/** Sets `value` at 'consumer.sessionTimeout' of `into`. */
function setPath(into, path, value) {
  const at = path.indexOf('.');
  if (at < 0) {
    into[path] = value;
    return;
  }
  const block = path.slice(0, at);
  into[block] ??= {};
  into[block][path.slice(at + 1)] = value;
}

function checkProperty({ name, origin, value }, problems) {
  const property = name.slice('librdkafka.'.length);
  try {
    addProperty({}, property, value);
  } catch (error) {
    problems.add({ name, origin }, redactText(error.message));
  }
}

/** Settings that connection.js has turned into `brokers`, `ssl` and `sasl`. */
const BY_CONNECTION = /^(brokers|securityProtocol|sslEnabled|saslEnabled|ssl|sasl\..*)$/;
const BESIDE_KAFKA = /^(producer|consumer|topics|parameters)\./;

function assemble(merged, connection, problems) {
  const result = { producer: {}, consumer: {}, topics: {}, parameters: {} };
  const kafka = {};
  for (const setting of merged.values()) {
    const { name, value, isBroken } = setting;
    if (isBroken || BY_CONNECTION.test(name)) continue;
    if (name.startsWith('librdkafka.')) checkProperty(setting, problems);
    if (name === 'groupId') result.consumer.groupId = value;
    else setPath(BESIDE_KAFKA.test(name) ? result : kafka, name, value);
  }
  if (connection.brokers !== undefined) kafka.brokers = connection.brokers;
  kafka.ssl = connection.ssl;
  if (connection.sasl !== undefined) kafka.sasl = guard(connection.sasl, 'sasl');
  if (typeof kafka.ssl === 'object') kafka.ssl = guard({ ...kafka.ssl }, 'ssl');
  if (kafka.librdkafka !== undefined) guard(kafka.librdkafka, 'librdkafka');
  for (const client of [result.producer, result.consumer]) {
    if (client.librdkafka) client.librdkafka = guard({ ...client.librdkafka }, 'librdkafka');
    guard(client);
  }
  return { kafka: guard(kafka), ...result, groupId: result.consumer.groupId };
}

/**
 * @param {object} [from]
 * @param {Record<string, string | undefined>} [from.flags] of a command line: { brokers: 'a:1,b:2' }
 * @param {object} [from.options] what the program gives: the options of `new Kafka()`, `groupId`, `producer`, `consumer`,
 *   `librdkafka`, `topics` (id -> name), `parameters`
 * @param {Record<string, string | undefined>} [from.env]
 * @param {string | null} [from.file] else that of KAFKA_CLIENT_PROPERTIES, else ./client.properties; null: none
 * @param {object} [from.defaults] of a preset; shaped like options
 * @param {{ topics?: Record<string, string>, parameters?: Record<string, string> }} [from.variables] variables of a
 *   catalog: { TASK_STATUS_TOPIC: 'task-status' }
 * @param {boolean} [from.requireBrokers]
 * @throws {ConfigurationError} which lists everything that is wrong
 */
function resolveConfiguration({ requireBrokers = true, ...from } = {}) {
  const read = readSources(from);
  const { merged, problems } = read;
  const connection = resolveConnection(read, { requireBrokers });
  const result = assemble(merged, connection, problems);
  problems.throwIfAny();
  result.origins = Object.fromEntries([...merged].map(([name, { origin }]) => [name, origin]));
  return guard(result);
}

module.exports = { resolveConfiguration, readSources, resolveConnection, redact, redactText };
