'use strict';

/** How long a broker may take to answer before it counts as away. */
const ANSWER_MS = 5_000;

const textOf = (brokers) => (Array.isArray(brokers) ? brokers.join(',') : 'found by a function');

function withDeadline(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function clusterOf(service) {
  const admin = await service.admin();
  return admin.describeCluster();
}

/** One group: where it stands, and how far behind. */
async function groupHealth({ groupId, consumer }) {
  const lag = await consumer.lag();
  const partitions = lag.map(({ topic, partition, lag: behind }) => ({
    topic,
    partition,
    lag: Number(behind),
  }));
  return {
    groupId,
    state: consumer.state,
    ...(consumer.failure !== null && { failure: consumer.failure.message }),
    partitions,
    lag: partitions.reduce((sum, { lag: behind }) => sum + Math.max(0, behind), 0),
  };
}

/**
 * `down`: the brokers do not answer, or the service is not running. `degraded`: a group has crashed or could not be asked.
 *
 * @param {import('../kafka-service').KafkaService} service
 */
async function checkHealth(service) {
  const reasons = [];
  const health = {
    status: 'up',
    connected: false,
    producer: service.publisher.isConnected,
    consumers: service.subscriptions.size,
    brokers: textOf(service.configuration.kafka.brokers),
    reasons,
    groups: [],
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
    reasons.push(error.message);
    return { ...health, status: 'down' };
  }
  if (!health.producer) reasons.push('the producer is not connected');
  for (const group of service.subscriptions.groups) {
    try {
      const state = await withDeadline(groupHealth(group), `${group.groupId} did not answer`);
      health.groups.push(state);
      if (state.failure) reasons.push(`the group ${group.groupId} has stopped: ${state.failure}`);
    } catch (error) {
      health.groups.push({ groupId: group.groupId, state: 'unknown', partitions: [], lag: null });
      reasons.push(error.message);
    }
  }
  return { ...health, status: reasons.length === 0 ? 'up' : 'degraded' };
}

module.exports = { checkHealth };
