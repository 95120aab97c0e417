'use strict';

// How to reach the cluster: brokers, TLS, SASL. Several settings speak of TLS and SASL, so what they say together is
// judged here. Of two sources the higher one counts; inside one source they have to agree.

const { SETTINGS, byName } = require('./settings');

const CREDENTIALS = ['sasl.mechanism', 'sasl.username', 'sasl.password'];
const EVENT_HUBS_USER = '$ConnectionString';
const EVENT_HUBS_PASSWORD = /^Endpoint=sb:\/\//;
const EVENT_HUBS_BROKER = /\.servicebus\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net):\d+$/i;

/** What one source says about TLS or SASL: [{ value, origin, said, isSwitch }], a broken one without value. */
function statementsOf(settings, layer) {
  const statements = [];
  const protocol = settings.get('securityProtocol');
  if (protocol !== undefined) {
    const value =
      layer === 'tls' ? protocol.value?.endsWith('SSL') : protocol.value?.startsWith('SASL');
    statements.push({ ...protocol, value, said: protocol.value });
  }
  const own = layer === 'tls' ? ['sslEnabled', 'ssl'] : ['saslEnabled'];
  for (const name of own) {
    const setting = settings.get(name);
    if (setting === undefined) continue;
    const value = setting.isBroken ? undefined : setting.value !== false;
    statements.push({ ...setting, value, said: String(value), isSwitch: true });
  }
  return statements;
}

/** @returns {{ value: boolean, origin?: string, rank: number, isBroken?: boolean }} */
function decide(sources, layer, problems) {
  let decided;
  for (const { settings, rank } of sources) {
    const statements = statementsOf(settings, layer);
    const sound = statements.filter(({ isBroken }) => !isBroken);
    const [first] = sound;
    const other = sound.find(({ value }) => value !== first.value);
    if (other !== undefined) {
      problems.add(other, `is ${other.said}, but ${first.origin} is ${first.said}`);
    }
    if (decided === undefined && statements.length > 0) {
      decided = { ...(first ?? statements[0]), rank, isBroken: sound.length < statements.length };
    }
  }
  return decided ?? { value: false, rank: -1 };
}

function protocolOf(tls, sasl) {
  if (sasl) return tls ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  return tls ? 'SSL' : 'PLAINTEXT';
}

/** Credentials that nothing uses: SASL was forgotten, or is off by mistake. */
function refuseUnusedCredentials(merged, tls, sasl, problems) {
  const unused = CREDENTIALS.map((name) => merged.get(name)).filter(
    (setting) =>
      setting !== undefined &&
      setting.rank > 0 &&
      (setting.rank > sasl.rank || (setting.rank === sasl.rank && !sasl.isSwitch)),
  );
  if (unused.length === 0 || tls.isBroken || unused.some(({ isBroken }) => isBroken)) return;
  const protocol = protocolOf(tls.value, false);
  const why = sasl.origin === undefined ? '' : ` (${sasl.origin})`;
  problems.add(
    unused[0],
    `needs a security protocol of SASL_SSL or SASL_PLAINTEXT, but it is ${protocol}${why}`,
  );
}

function hintFor(name, brokers) {
  const isEventHubs = brokers?.some?.((broker) => EVENT_HUBS_BROKER.test(broker));
  return name === 'sasl.username' && isEventHubs
    ? `. For Azure Event Hubs it is the text '${EVENT_HUBS_USER}', which a shell replaces unless it is in single quotes`
    : '';
}

function requireCredentials(merged, sasl, brokers, problems) {
  for (const name of ['sasl.username', 'sasl.password']) {
    const setting = merged.get(name);
    if (setting?.isBroken || setting?.value) continue;
    const { variables, properties } = byName.get(name);
    problems.add(
      { name, origin: sasl.origin },
      `${sasl.said} needs ${variables[0]} (or ${properties[0]} in client.properties), which is missing` +
        hintFor(name, brokers),
    );
  }
}

/** Azure's Kafka endpoint takes one kind of login only. */
function checkEventHubs(merged, brokers, protocol, problems) {
  const username = merged.get('sasl.username');
  const password = merged.get('sasl.password');
  const isConnectionString = EVENT_HUBS_PASSWORD.test(password?.value ?? '');
  if (username?.value === EVENT_HUBS_USER && password?.value && !isConnectionString) {
    problems.add(
      password,
      `is no connection string (Endpoint=sb://…), but ${username.origin} is ${EVENT_HUBS_USER}`,
    );
  }
  if (isConnectionString && username?.value && username.value !== EVENT_HUBS_USER) {
    problems.add(
      username,
      `is not the text ${EVENT_HUBS_USER}, but ${password.origin} is a connection string of Azure Event Hubs`,
    );
  }
  const hub = brokers?.some?.((broker) => EVENT_HUBS_BROKER.test(broker));
  if (hub && protocol !== 'SASL_SSL') {
    problems.add(
      merged.get('brokers'),
      `is Azure Event Hubs, which takes SASL_SSL only, but the security protocol is ${protocol}`,
    );
  }
}

function saslOf(merged, sasl, brokers, problems) {
  const mechanism = merged.get('sasl.mechanism');
  if (mechanism?.isBroken) return undefined;
  const name = mechanism?.value ?? 'PLAIN';
  const provider = merged.get('sasl.oauthBearerProvider');
  if (name === 'OAUTHBEARER') {
    if (provider === undefined) {
      const { origin } = mechanism;
      problems.add({ name: 'sasl', origin }, 'OAUTHBEARER needs options.sasl.oauthBearerProvider');
    }
    return { mechanism: 'oauthbearer', oauthBearerProvider: provider?.value };
  }
  requireCredentials(merged, sasl, brokers, problems);
  return {
    mechanism: name.toLowerCase(),
    username: merged.get('sasl.username')?.value,
    password: merged.get('sasl.password')?.value,
  };
}

const CONNECTS = new Set(SETTINGS.filter((row) => row.connects).map((row) => row.name));

/** The first setting of the environment or a file that makes no sense without brokers. */
function wantsBrokers(merged) {
  const setting = [...merged.values()].find(
    ({ name, rank, source }) => (rank > 0 && CONNECTS.has(name)) || source === 'file',
  );
  return setting;
}

function brokersOf(merged, isRequired, problems) {
  const setting = merged.get('brokers');
  if (setting !== undefined) return setting.value;
  const other = wantsBrokers(merged);
  if (other !== undefined) {
    const sentence = 'is set, but no bootstrap servers are (KAFKA_BOOTSTRAP_SERVERS)';
    problems.add({ name: 'brokers', origin: other.origin }, sentence);
  } else if (isRequired) {
    const sentence =
      'none are given: set KAFKA_BOOTSTRAP_SERVERS or KAFKA_BROKERS, bootstrap.servers in client.properties, or options.brokers';
    problems.add({ name: 'brokers', origin: 'brokers' }, sentence);
  }
  return undefined;
}

/**
 * @param {{ settings: Map<string, object>, rank: number }[]} sources the highest first
 * @param {Map<string, object>} merged the setting of the highest source that has it
 * @param {import('./problems').Problems} problems
 * @returns {{ brokers?: string[], ssl: boolean | object, sasl?: object }}
 */
function resolveConnection({ sources, merged, problems }, { requireBrokers = true } = {}) {
  const brokers = brokersOf(merged, requireBrokers, problems);
  const tls = decide(sources, 'tls', problems);
  const sasl = decide(sources, 'sasl', problems);
  const options = merged.get('ssl');
  const connection = { brokers, ssl: tls.value, sasl: undefined };
  if (tls.value && typeof options?.value === 'object') connection.ssl = options.value;
  if (sasl.isBroken) return connection;
  if (sasl.value) connection.sasl = saslOf(merged, sasl, brokers, problems);
  else refuseUnusedCredentials(merged, tls, sasl, problems);
  if (!tls.isBroken) {
    checkEventHubs(merged, brokers, protocolOf(tls.value, sasl.value), problems);
  }
  return connection;
}

module.exports = { resolveConnection };
