'use strict';

// The demo's cluster: the configured one, or a broker inside this process, so that nothing is left when it ends.

const { EmbeddedKafka, Kafka } = require('../..');
const { readConfiguration } = require('./configuration');
const { ensureTopics, openConfigured } = require('./cluster');
const { LogLines } = require('./log-lines');
const { TOPICS } = require('./messages');

const PARTITIONS = 4;
const topics = Object.values(TOPICS);

async function embedded(common, say) {
  const broker = await EmbeddedKafka.start({ topics, partitions: PARTITIONS });
  say(`Nothing configured: embedded broker at ${broker.bootstrapServers}`);
  return {
    kafka: new Kafka({ ...common, brokers: broker.brokers }),
    hubOptions: { from: 'beginning' },
    prepare: async () => {},
    close: () => broker.stop(),
  };
}

async function configured(cluster, common, log, say) {
  const kafka = await openConfigured(cluster, common, log, say);
  let groups = [];

  /** New groups begin where the topics end now: what was there before is not of this run. */
  async function prepare(groupIds) {
    await ensureTopics(kafka, topics, PARTITIONS);
    const admin = kafka.admin();
    await admin.connect();
    try {
      for (const topic of topics) {
        const ends = await admin.fetchTopicOffsets(topic);
        const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
        for (const groupId of groupIds) await admin.setOffsets({ groupId, topic, partitions });
      }
      groups = groupIds;
    } finally {
      await admin.disconnect();
    }
  }

  async function close() {
    if (groups.length === 0) return;
    const admin = kafka.admin();
    try {
      await admin.connect();
      await admin.deleteGroups(groups);
    } catch {
      // They expire by themselves; a cluster may not let us delete them.
    } finally {
      await admin.disconnect();
    }
  }
  // The status of tasks of earlier runs is nothing that this one shows.
  return { kafka, hubOptions: { from: 'window', window: { ms: 0 } }, prepare, close };
}

/**
 * @returns {Promise<{ kafka: Kafka, hubOptions: object, prepare: (groupIds: string[]) => Promise<void>,
 *   close: () => Promise<void> }>}
 */
async function openDemoCluster({ flags, runId, say }) {
  const { cluster, logLevel } = readConfiguration(flags);
  const log = new LogLines(logLevel);
  const clientId = `easyflow-demo-${runId.slice(0, 8)}`;
  const common = { clientId, logLevel, logCreator: log.creator };
  return cluster === null ? embedded(common, say) : configured(cluster, common, log, say);
}

module.exports = { openDemoCluster };
