'use strict';

// Which cluster an example talks to. For each setting by itself:
//   flags  >  environment  >  client.properties  >  the embedded broker (when no bootstrap servers are named at all)
// The file is the one of --config, else of KAFKA_CLIENT_PROPERTIES, else client.properties in the current directory.
// A variable that is set to nothing counts as not set. See docs/examples.md.

const fs = require('node:fs');
const { logLevel } = require('../..');
const { parseProperties, PropertiesSyntaxError } = require('./properties-file');

/** Setting -> the variables that give it; the first one that is set counts. */
const VARIABLES = {
  'bootstrap.servers': ['KAFKA_BOOTSTRAP_SERVERS', 'KAFKA_BROKERS'],
  'security.protocol': ['KAFKA_SECURITY_PROTOCOL'],
  'sasl.mechanisms': ['KAFKA_SASL_MECHANISMS', 'KAFKA_SASL_MECHANISM'],
  'sasl.username': ['KAFKA_SASL_USERNAME'],
  'sasl.password': ['KAFKA_SASL_PASSWORD'],
};
const ALIASES = {
  'sasl.mechanism': 'sasl.mechanisms',
  'metadata.broker.list': 'bootstrap.servers',
};
const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];
const BROKER = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/;
const JAAS_LOGIN = /\b(username|password)\s*=\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)')/g;
/** Files made for several programs at once carry these too. */
const OF_OTHERS = /^(schema\.registry|basic\.auth)\./;

/** Something the user has to repair: one line on stderr, exit code 2. Its message holds no secret. */
class ConfigurationError extends Error {
  constructor(origin, problem) {
    super(origin ? `${origin}: ${problem}` : problem);
    this.name = 'ConfigurationError';
    this.exitCode = 2;
  }
}

function readText(file, origin) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    const what = { ENOENT: 'does not exist', EISDIR: 'is a directory', EACCES: 'may not be read' };
    throw new ConfigurationError(origin, `${file} ${what[error.code] ?? error.code}`);
  }
}

/** A Java client's login line holds what the others have in two properties. */
function fromJaas(value, origin) {
  const found = {};
  for (const [, name, double, single] of value.matchAll(JAAS_LOGIN)) {
    found[name] = double === undefined ? single : double.replace(/\\(.)/g, '$1');
  }
  if (found.username === undefined || found.password === undefined) {
    throw new ConfigurationError(origin, 'expected username="…" password="…" in the login line');
  }
  return { 'sasl.username': found.username, 'sasl.password': found.password };
}

function fromFile(file, givenBy) {
  const settings = new Map();
  let entries;
  try {
    entries = parseProperties(readText(file, givenBy ?? file));
  } catch (error) {
    if (!(error instanceof PropertiesSyntaxError)) throw error;
    throw new ConfigurationError(`${file}:${error.line}`, error.message);
  }
  for (const { key, value, line } of entries) {
    const origin = `${file}:${line} (${key})`;
    if (key === 'sasl.jaas.config') {
      for (const [name, part] of Object.entries(fromJaas(value, origin))) {
        settings.set(name, { value: part, origin });
      }
    } else if (!OF_OTHERS.test(key)) {
      settings.set(ALIASES[key] ?? key, { value: value.trim(), origin });
    }
  }
  return settings;
}

function fromEnvironment(env) {
  const settings = new Map();
  for (const [name, variables] of Object.entries(VARIABLES)) {
    const variable = variables.find((candidate) => env[candidate]);
    if (variable) settings.set(name, { value: env[variable], origin: variable });
  }
  return settings;
}

function chooseFile(flags, env, cwdFile) {
  if (flags.config !== undefined) return fromFile(flags.config, '--config');
  if (env.KAFKA_CLIENT_PROPERTIES) {
    return fromFile(env.KAFKA_CLIENT_PROPERTIES, 'KAFKA_CLIENT_PROPERTIES');
  }
  return fs.existsSync(cwdFile) ? fromFile(cwdFile) : new Map();
}

const quoted = (text) => `'${text.replace(/[^/]*@/, '***@')}'`;

function parseBrokers({ value, origin }) {
  const brokers = value.split(',').map((broker) => broker.trim());
  for (const broker of brokers) {
    const port = Number(BROKER.exec(broker)?.[1]);
    if (!(port >= 1 && port <= 65_535)) {
      const problem = `expected host:port[,host:port…] but received ${quoted(broker)}`;
      throw new ConfigurationError(origin, problem);
    }
  }
  return brokers;
}

function oneOf(setting, choices, fallback) {
  if (setting === undefined) return fallback;
  const value = setting.value.toUpperCase();
  if (choices.includes(value)) return value;
  const list = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
  throw new ConfigurationError(setting.origin, `expected ${list} but received '${setting.value}'`);
}

function saslOf(settings, protocol) {
  const own = ['sasl.mechanisms', 'sasl.username', 'sasl.password'].filter((n) => settings.has(n));
  if (!protocol.startsWith('SASL_')) {
    if (own.length === 0) return undefined;
    const problem = `needs a security protocol of SASL_SSL or SASL_PLAINTEXT, but it is ${protocol}`;
    throw new ConfigurationError(settings.get(own[0]).origin, problem);
  }
  const mechanism = oneOf(settings.get('sasl.mechanisms'), MECHANISMS, 'PLAIN');
  const [username, password] = ['sasl.username', 'sasl.password'].map((name) => {
    if (settings.get(name)?.value) return settings.get(name).value;
    const { origin } = settings.get('security.protocol');
    throw new ConfigurationError(
      origin,
      `${protocol} needs ${VARIABLES[name][0]} (or ${name} in client.properties), which is missing`,
    );
  });
  return { mechanism: mechanism.toLowerCase(), username, password };
}

/** The rest of a file goes to librdkafka as it is. */
function otherProperties(settings) {
  return [...settings].filter(([name]) => !Object.hasOwn(VARIABLES, name));
}

/** As in the other EasyFlow clients: KAFKA_LOG_LEVEL=DEBUG, or DEBUG=kafka*. */
function logLevelOf(env) {
  if (env.KAFKA_LOG_LEVEL) {
    const setting = { value: env.KAFKA_LOG_LEVEL, origin: 'KAFKA_LOG_LEVEL' };
    return logLevel[oneOf(setting, Object.keys(logLevel))];
  }
  const debugs = (env.DEBUG ?? '').split(/[\s,]+/);
  return debugs.some((name) => name === '*' || name.startsWith('kafka'))
    ? logLevel.DEBUG
    : logLevel.ERROR;
}

/**
 * @param {{ config?: string, 'bootstrap-servers'?: string }} [flags]
 * @returns {{ logLevel: number, cluster: null | object }} `cluster` null: nothing configured. Else { brokers, ssl, sasl,
 *   properties: { name: { value, origin } }, origin }
 */
function readConfiguration(flags = {}, env = process.env, cwdFile = 'client.properties') {
  const level = logLevelOf(env);
  const settings = new Map([...chooseFile(flags, env, cwdFile), ...fromEnvironment(env)]);
  const servers = flags['bootstrap-servers'];
  if (servers !== undefined) {
    settings.set('bootstrap.servers', { value: servers, origin: '--bootstrap-servers' });
  }
  if (settings.size === 0) return { logLevel: level, cluster: null };
  const bootstrap = settings.get('bootstrap.servers');
  if (bootstrap === undefined) {
    const [[, { origin }]] = settings;
    const problem = 'is set, but no bootstrap servers are (KAFKA_BOOTSTRAP_SERVERS)';
    throw new ConfigurationError(origin, problem);
  }
  const protocol = oneOf(settings.get('security.protocol'), PROTOCOLS, 'PLAINTEXT');
  const cluster = {
    brokers: parseBrokers(bootstrap),
    ssl: protocol.endsWith('SSL'),
    sasl: saslOf(settings, protocol),
    properties: Object.fromEntries(otherProperties(settings)),
    origin: bootstrap.origin,
  };
  return { logLevel: level, cluster };
}

module.exports = { readConfiguration, ConfigurationError };
