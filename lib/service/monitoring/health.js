'use strict';

const { redactText } = require('../config/secrets');

/** How long a broker may take to answer before it counts as away. */
const ANSWER_MS = 5_000;
/** Probes come from many sides: the brokers are asked once for all of them. */
const RECENT_MS = 1_000;

const textOf = (brokers) => (Array.isArray(brokers) ? brokers.join(',') : 'found by a function');

function withDeadline(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** @returns {(text: string) => string} what of a message of an error may be shown to whoever asks */
function shownBy({ kafka: { sasl, ssl } }) {
  const secrets = [sasl?.password, ssl?.passphrase].filter((value) => typeof value === 'string');
  return (text) => redactText(text, secrets);
}

async function clusterOf(service) {
  const admin = await service.admin();
  return admin.describeCluster();
}

/** One group: where it stands, and how far behind. */
async function groupHealth({ groupId, consumer }, shown) {
  const { state, failure } = consumer;
  if (failure !== null) {
    return { groupId, state, failure: shown(failure.message), partitions: [], lag: null };
  }
  const lag = await consumer.lag();
  const partitions = lag.map(({ topic, partition, lag: behind }) => ({
    topic,
    partition,
    lag: behind === null ? null : Number(behind),
  }));
  return {
    groupId,
    state,
    partitions,
    lag: partitions.reduce((sum, { lag: behind }) => sum + (behind ?? 0), 0),
  };
}

/** Never rejects. @returns {Promise<{ health: object, reason: string | null }>} */
async function checkGroup(group, shown) {
  const { groupId } = group;
  try {
    const health = await withDeadline(groupHealth(group, shown), `${groupId} did not answer`);
    const { failure } = health;
    return { health, reason: failure ? `the group ${groupId} has stopped: ${failure}` : null };
  } catch (error) {
    const health = { groupId, state: 'unknown', partitions: [], lag: null };
    return { health, reason: shown(error.message) };
  }
}

/**
 * `down`: the brokers do not answer, or the service is not running. `degraded`: a group has crashed or could not be asked.
 *
 * @param {import('../kafka-service').KafkaService} service
 */
async function checkHealth(service) {
  const shown = shownBy(service.configuration);
  const reasons = [];
  const health = {
    status: 'up',
    connected: false,
    producer: service.publisher.isConnected,
    consumers: service.subscriptions.size,
    brokers: shown(textOf(service.configuration.kafka.brokers)),
    reasons,
    groups: [],
    processing: service.rates.read(),
  };
  if (service.state !== 'ready') {
    reasons.push(`the service is ${service.state}`);
    return { ...health, status: 'down' };
  }
  try {
    const cluster = await withDeadline(clusterOf(service), 'the brokers did not answer');
    health.connected = cluster.brokers.length > 0;
    health.cluster = { id: cluster.clusterId, brokers: cluster.brokers.length };
  } catch (error) {
    reasons.push(shown(error.message));
    return { ...health, status: 'down' };
  }
  if (!health.producer) reasons.push('the producer is not connected');
  const checks = await Promise.all(
    service.subscriptions.groups.map((group) => checkGroup(group, shown)),
  );
  health.groups = checks.map((check) => check.health);
  reasons.push(...checks.map(({ reason }) => reason).filter((reason) => reason !== null));
  return { ...health, status: reasons.length === 0 ? 'up' : 'degraded' };
}

/** The service's health as of the last second; a change of the service's own state shows at once. */
class RecentHealth {
  #service;
  #answer = null;
  #ofState = null;
  #expiresAtMs = 0;

  /** @param {import('../kafka-service').KafkaService} service */
  constructor(service) {
    this.#service = service;
  }

  get() {
    const { state } = this.#service;
    if (this.#answer === null || this.#ofState !== state || performance.now() > this.#expiresAtMs) {
      this.#ask(state);
    }
    return this.#answer;
  }

  #ask(state) {
    const answer = this.#service.healthCheck();
    this.#answer = answer;
    this.#ofState = state;
    this.#expiresAtMs = Infinity; // Who comes meanwhile waits for the same answer.
    answer.finally(() => {
      if (this.#answer === answer) this.#expiresAtMs = performance.now() + RECENT_MS;
    });
  }
}

module.exports = { checkHealth, RecentHealth, shownBy };
