'use strict';

// Goes through a connection step by step. What depends on a step that failed is left out, so that causes stand alone.

const { readConfiguration } = require('./configuration');
const { connect, formatAddress, lookup, parseAddress } = require('./network');
const { handshake } = require('./tls');
const { logIn, permissions } = require('./cluster');

const TIMEOUT_MS = 5_000;
// Name and port are known to be right by then: six seconds with KafkaJS's other defaults.
const RETRY = { retries: 3 };

const ADVERTISED_ADVICE =
  'The broker sends clients there: set its advertised.listeners to an address that this machine reaches';

/** Whether an address can be reached, up to TLS where that is configured. */
async function reach(address, kafka, add) {
  const target = formatAddress(address);
  const named = add('dns', target, await lookup(address));
  if (named.status === 'failed') return false;
  if (add('tcp', target, await connect(address, TIMEOUT_MS)).status === 'failed') return false;
  if (!kafka.ssl) return true;
  return add('tls', target, await handshake(address, kafka, TIMEOUT_MS)).status !== 'failed';
}

/** The brokers behind the bootstrap addresses: a client talks to these. */
async function checkAdvertised(admin, bootstrap, kafka, add) {
  const { brokers, clusterId, controller } = await admin.describeCluster();
  const list = brokers.map(formatAddress).join(', ');
  const detail = `cluster ${clusterId}, controller ${controller ?? 'unknown'}, brokers ${list}`;
  add('cluster', null, { status: 'ok', detail });
  for (const broker of brokers) {
    const target = formatAddress(broker);
    if (bootstrap.has(target)) {
      add('advertised', target, { status: 'ok', detail: `broker ${broker.nodeId}, reached above` });
      continue;
    }
    const failed = [];
    const note = (_step, _target, result) => {
      if (result.status === 'failed') failed.push(result);
      return result;
    };
    const isReached = await reach(broker, kafka, note);
    const { cause } = failed[0] ?? {};
    const result = isReached
      ? { status: 'ok', detail: `broker ${broker.nodeId}` }
      : { status: 'failed', detail: `broker ${broker.nodeId}`, cause, advice: ADVERTISED_ADVICE };
    add('advertised', target, result);
  }
}

/**
 * @param {import('../session').Session} session
 * @param {(step: string, target: string | null, result: object) => object} add told of each step as it ends
 */
async function examine(session, add) {
  const { settings, configuration, problems } = readConfiguration(session.sources);
  if (problems.length > 0) {
    const advice = 'Right settings and where they may stand: docs/configuration.md';
    add('configuration', null, { status: 'failed', settings, cause: problems.join('; '), advice });
    return;
  }
  add('configuration', null, { status: 'ok', settings });
  const kafka = { ...session.kafkaOptions(configuration), retry: RETRY };
  const addresses = kafka.brokers.map((broker) => parseAddress(broker.trim()));
  const reached = [];
  for (const address of addresses) {
    if (session.signal.aborted) return;
    if (await reach(address, kafka, add)) reached.push(address);
  }
  if (reached.length === 0) return;
  const { admin, result } = await logIn(session, kafka, reached, TIMEOUT_MS);
  add('kafka', null, result);
  if (admin === undefined) return;
  try {
    await checkAdvertised(admin, new Set(reached.map(formatAddress)), kafka, add);
    add('permissions', 'cluster', await permissions(admin, 'cluster'));
    for (const kind of ['topic', 'group']) {
      for (const name of session.options[kind] ?? []) {
        add('permissions', `${kind} ${name}`, await permissions(admin, kind, name));
      }
    }
  } finally {
    await admin.disconnect();
  }
}

module.exports = { examine, checkAdvertised };
