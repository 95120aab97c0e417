'use strict';

// Which cluster an example talks to. For each setting by itself:
//   flags  >  environment  >  client.properties  >  the embedded broker (when no bootstrap servers are named at all)
// The file is the one of --config, else of KAFKA_CLIENT_PROPERTIES, else client.properties in the current directory.
// A variable that is set to nothing counts as not set. See docs/examples.md.

const { logLevel } = require('../..');
const { readSources, resolveConnection } = require('../../lib/service/config');
const { CONNECTION_PROPERTIES } = require('../../lib/service/config/sources/properties');

/** Something the user has to repair: a line on stderr, exit code 2. Its message holds no secret. */
class ConfigurationError extends Error {
  constructor(origin, problem, options) {
    super(origin ? `${origin}: ${problem}` : problem, options);
    this.name = 'ConfigurationError';
    this.exitCode = 2;
  }
}

/** A line for each problem. */
function throwIfAny(problems) {
  try {
    problems.throwIfAny();
  } catch (error) {
    const lines = error.problems.map(({ message }) => message);
    throw new ConfigurationError(null, lines.join('\n'), { cause: error });
  }
}

/** The rest of a file goes to librdkafka as it is. */
function otherProperties(entries) {
  return entries
    .filter(({ key }) => !CONNECTION_PROPERTIES.has(key))
    .map(({ key, value, origin }) => [key, { value, origin }]);
}

/**
 * @param {{ config?: string, 'bootstrap-servers'?: string }} [flags]
 * @returns {{ logLevel: number, cluster: null | object }} `cluster` null: nothing configured. Else { brokers, ssl, sasl,
 *   properties: { name: { value, origin } }, origin }
 */
function readConfiguration(flags = {}, env = process.env, defaultFile = 'client.properties') {
  // The programs have always taken the first of the two; a service refuses to choose.
  const isNamed = flags['bootstrap-servers'] !== undefined || env.KAFKA_BOOTSTRAP_SERVERS;
  const read = readSources({
    flags,
    env: isNamed ? { ...env, KAFKA_BROKERS: undefined } : env,
    file: flags.config,
    fileGivenBy: '--config',
    defaultFile,
  });
  const connection = resolveConnection(read, { requireBrokers: false });
  throwIfAny(read.problems);
  const level = read.merged.get('logLevel')?.value ?? logLevel.ERROR;
  if (connection.brokers === undefined) return { logLevel: level, cluster: null };
  const cluster = {
    ...connection,
    properties: Object.fromEntries(otherProperties(read.entries)),
    origin: read.merged.get('brokers').origin,
  };
  return { logLevel: level, cluster };
}

module.exports = { readConfiguration, ConfigurationError };
