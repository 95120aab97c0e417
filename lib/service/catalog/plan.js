'use strict';

// The topics that a catalog's names, parameters and dead-letter rule make, as admin.createTopics() takes them.

/** KafkaJS's value for "the broker's default". */
const BROKERS_DEFAULT = -1;

function configEntries({ retentionMs, cleanupPolicy, config = {} }) {
  const entries = { ...config };
  if (retentionMs != null) entries['retention.ms'] = retentionMs;
  if (cleanupPolicy != null) entries['cleanup.policy'] = cleanupPolicy;
  return Object.entries(entries).map(([name, value]) => ({ name, value: String(value) }));
}

const topicArguments = (settings, replicationFactor) => ({
  numPartitions: settings.partitions ?? BROKERS_DEFAULT,
  replicationFactor: replicationFactor ?? settings.replicationFactor ?? BROKERS_DEFAULT,
  configEntries: configEntries(settings),
});

/**
 * @param {import('./catalog').Catalog} catalog
 * @param {{ parameters?: Record<string, string>, replicationFactor?: number }} [options]
 * @returns {{ topics: object[], skipped: { id: string, name: string, missing: string[] }[] }} skipped: topics with a
 *   placeholder that has no value
 */
function plan(catalog, { parameters, replicationFactor } = {}) {
  const topics = [];
  const skipped = [];
  for (const topic of catalog.topics) {
    const missing = catalog.missingParameters(topic.id, parameters);
    if (missing.length > 0) {
      skipped.push({ id: topic.id, name: topic.name, missing });
      continue;
    }
    const name = catalog.nameOf(topic.id, parameters);
    topics.push({ id: topic.id, topic: name, ...topicArguments(topic, replicationFactor) });
    const dlq = catalog.dlqOf(name);
    if (dlq === null) continue;
    topics.push({ id: topic.id, topic: dlq, ...topicArguments(catalog.dlq, replicationFactor) });
  }
  return { topics, skipped };
}

module.exports = { plan, topicArguments };
