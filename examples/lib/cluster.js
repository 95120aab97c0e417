'use strict';

// The configured cluster, or the embedded broker that the example programs share.

const { Kafka } = require('../..');
const { readConfiguration, ConfigurationError } = require('./configuration');
const { joinEmbeddedBroker } = require('./embedded-host');

/** One line an entry, on stderr: stdout belongs to the program. */
const logCreator =
  () =>
  ({ label, namespace, log }) => {
    process.stderr.write(`${label} ${namespace ? `[${namespace}] ` : ''}${log.message}\n`);
  };

/** What the embedded broker needs: it lets a fetch of an empty partition wait its whole time out. */
const EMBEDDED_CONSUMER = { maxWaitTimeInMs: 10 };

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

/** Creates what is missing, as far as the cluster lets us ask. */
async function ensureTopics(kafka, topics, partitions) {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic));
    if (missing.length === 0) return;
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((topic) => ({ topic, numPartitions: partitions })),
    });
  } finally {
    await admin.disconnect();
  }
}

/**
 * @param {object} options
 * @param {object} options.flags
 * @param {string} options.clientId
 * @param {(line: string) => void} options.say
 * @param {(error: Error) => void} options.stop called when the embedded broker ends under us
 * @returns {Promise<{ kafka: Kafka, isEmbedded: boolean, where: string, consumerOptions: object,
 *   ensureTopics: (topics: string[], partitions?: number) => Promise<void>, close: () => void }>}
 */
async function openCluster({ flags, clientId, say, stop }) {
  const { cluster, logLevel } = readConfiguration(flags);
  const common = { clientId, logLevel, logCreator };
  if (cluster !== null) {
    const kafka = kafkaFor(cluster, common);
    const where = `${cluster.brokers.join(',')} (${cluster.origin})`;
    say(`Using Kafka at ${where}`);
    return {
      kafka,
      isEmbedded: false,
      where,
      consumerOptions: {},
      ensureTopics: (topics, partitions = 4) => ensureTopics(kafka, topics, partitions),
      close() {},
    };
  }
  const lease = await joinEmbeddedBroker({
    onLost: () => stop(new Error('The embedded broker ended; its messages are gone')),
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
    where,
    consumerOptions: EMBEDDED_CONSUMER,
    ensureTopics: async () => {}, // it makes a topic when a client first asks for it
    close: () => lease.release(),
  };
}

module.exports = { openCluster, ensureTopics, kafkaFor, logCreator };
