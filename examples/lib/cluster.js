'use strict';

// The configured cluster, or the embedded broker that the example programs share.

const { Kafka } = require('../..');
const { readConfiguration, ConfigurationError } = require('./configuration');
const { joinEmbeddedBroker } = require('./embedded-host');
const { LogLines } = require('./log-lines');

/**
 * What the embedded broker needs: it lets a fetch of an empty partition wait its whole time out. A program that was killed
 * is not waited for as long as one that may be in another data centre.
 */
const EMBEDDED_CONSUMER = { maxWaitTimeInMs: 10, sessionTimeout: 10_000, heartbeatInterval: 500 };

function kafkaFor({ brokers, ssl, sasl, properties }, common) {
  const base = { ...common, brokers, ...(ssl && { ssl }), ...(sasl && { sasl }) };
  // One by one, so that the message can say where the wrong one stands.
  for (const [name, { value, origin }] of Object.entries(properties)) {
    try {
      new Kafka({ ...base, librdkafka: { [name]: value } });
    } catch (error) {
      throw new ConfigurationError(origin, error.message);
    }
  }
  const librdkafka = Object.fromEntries(
    Object.entries(properties).map(([name, { value }]) => [name, value]),
  );
  return new Kafka({ ...base, librdkafka });
}

/** Until a broker has answered, the error that we throw says it all: the log would say it again and again. */
async function reach(kafka, { properties }, where, log) {
  log.isQuiet = true;
  const admin = kafka.admin({ retry: { retries: 2 } });
  try {
    await admin.connect();
  } catch (error) {
    const property = properties[error.option];
    if (property) throw new ConfigurationError(property.origin, error.message);
    const reason = error.message
      .replace(/^(\S+\/\w+: )+/, '')
      .replace(/ \(after \d+ms in state .*\)$/, '');
    throw Object.assign(new Error(`Kafka at ${where}: ${reason}`), {
      errorCode: error.errorCode,
      cause: error,
    });
  } finally {
    await admin.disconnect();
    log.isQuiet = false;
  }
}

/** Creates what is missing, as far as the cluster lets us ask. */
async function ensureTopics(kafka, topics, partitions, configs = {}) {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic));
    if (missing.length === 0) return;
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((topic) => ({
        topic,
        numPartitions: partitions,
        configEntries: Object.entries(configs).map(([name, value]) => ({ name, value })),
      })),
    });
  } finally {
    await admin.disconnect();
  }
}

/** @returns {Promise<Kafka>} of a cluster that has answered */
async function openConfigured(cluster, common, log, say) {
  const kafka = kafkaFor(cluster, common);
  const where = `${cluster.brokers.join(',')} (${cluster.origin})`;
  await reach(kafka, cluster, where, log);
  say(`Using Kafka at ${where}`);
  return kafka;
}

/** What the flags say, for a service: it reads the environment by itself. */
function fromFlags({ 'bootstrap-servers': brokers, config: file }) {
  return { ...(brokers && { brokers: brokers.split(',') }), ...(file && { file }) };
}

/**
 * `serviceOptions` are for a KafkaService or a preset on the same cluster.
 *
 * @param {object} options
 * @param {object} options.flags
 * @param {string} options.clientId
 * @param {(line: string) => void} options.say
 * @param {(error: Error) => void} options.stop called when the embedded broker ends under us
 * @returns {Promise<{ kafka: Kafka, isEmbedded: boolean, consumerOptions: object, serviceOptions: object,
 *   ensureTopics: (topics: string[], partitions?: number, configs?: Record<string, string>) => Promise<void>,
 *   close: () => void }>}
 */
async function openCluster({ flags, clientId, say, stop }) {
  const { cluster, logLevel } = readConfiguration(flags);
  const log = new LogLines(logLevel);
  const common = { clientId, logLevel, logCreator: log.creator };
  if (cluster !== null) {
    const kafka = await openConfigured(cluster, common, log, say);
    return {
      kafka,
      isEmbedded: false,
      consumerOptions: {},
      serviceOptions: { ...common, ...fromFlags(flags) },
      ensureTopics: (topics, partitions = 4, configs) =>
        ensureTopics(kafka, topics, partitions, configs),
      close() {},
    };
  }
  const lease = await joinEmbeddedBroker({
    onLost: () =>
      stop(
        new Error(
          'The embedded broker ended, its messages are gone; start the programs again for a new one',
        ),
      ),
  });
  const where = `embedded broker at ${lease.bootstrapServers}`;
  say(
    lease.isFirst
      ? `Nothing configured: hosting the ${where} (process ${lease.pid}); it ends soon after the last program`
      : `Nothing configured: found the ${where} (process ${lease.pid})`,
  );
  return {
    kafka: new Kafka({ ...common, brokers: lease.bootstrapServers.split(',') }),
    isEmbedded: true,
    consumerOptions: EMBEDDED_CONSUMER,
    serviceOptions: {
      ...common,
      brokers: lease.bootstrapServers.split(','),
      consumer: EMBEDDED_CONSUMER,
    },
    ensureTopics: async () => {}, // it makes a topic when a client first asks for it
    close: () => lease.release(),
  };
}

module.exports = { openCluster, openConfigured, ensureTopics, kafkaFor };
