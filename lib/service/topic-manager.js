'use strict';

// Makes what a catalog describes: topics, their dead-letter topics, the first offsets of its groups. What is there
// already is compared and left alone.

const { Kafka } = require('../clients/kafka');
const { ConfigResourceTypes } = require('../clients/enums');
const { TopicPartitions } = require('../clients/producer/topic-partitions');
const registry = require('../embedded-registry');
const { classes, trimStack } = require('../errors');
const { checkOptions, is, isObject } = require('../options/validate');
const { loadCatalog } = require('./catalog/load');
const { plan, topicArguments } = require('./catalog/plan');

const optionsShape = {
  catalog: {
    what: 'a name, a path, an object or a Catalog',
    test: (v) => is.string.test(v) || isObject(v),
  },
  parameters: is.object,
  replicationFactor: is.integer(1, 100),
};
const createShape = { alterRetention: is.boolean, parameters: is.object };
const groupsShape = { groups: is.arrayOf(is.string), parameters: is.object };

const RETENTION = 'retention.ms';
const NO_OFFSET = '-1';

const isNotSupported = (error) => error?.errorCode === 'ERR_KAFKA_API_NOT_SUPPORTED';
const byName = (a, b) => (a.name < b.name ? -1 : 1);

class TopicManager {
  #kafka;
  #admin = null;
  #catalog;
  #replicationFactor;

  /**
   * @param {object | Kafka} kafka options of `new Kafka(…)`, or one
   * @param {{ catalog: string | object, parameters?: Record<string, string>, replicationFactor?: number }} options
   *   replicationFactor: instead of the catalog's, for all topics
   */
  constructor(kafka, options) {
    const given = checkOptions(optionsShape, { catalog: null, ...options }, 'new TopicManager()');
    this.#catalog = loadCatalog(given.catalog);
    if (given.parameters) this.#catalog = this.#catalog.withParameters(given.parameters);
    this.#replicationFactor = given.replicationFactor;
    this.#kafka = kafka instanceof Kafka ? kafka : new Kafka(kafka);
  }

  get catalog() {
    return this.#catalog;
  }

  async connect() {
    this.#admin ??= this.#kafka.admin();
    await this.#admin.connect();
  }

  /** Idempotent. */
  async disconnect() {
    const admin = this.#admin;
    this.#admin = null;
    await admin?.disconnect();
  }

  #connected() {
    if (this.#admin !== null) return this.#admin;
    throw new classes.KafkaJSError('The topic manager is not connected: call connect() first', {
      errorCode: 'ERR_KAFKA_NOT_CONNECTED',
    });
  }

  /**
   * Makes every topic of the catalog that is not there, with its dead-letter topic. Templated topics are made for the
   * organization of `parameters`; those without a value are in `skipped`.
   *
   * @param {{ alterRetention?: boolean, parameters?: Record<string, string> }} [options] alterRetention: gives
   *   topics that are there the catalog's retention; nothing else is ever altered
   */
  async createAllTopics(options) {
    const admin = this.#connected();
    const { alterRetention = false, parameters } = checkOptions(
      createShape,
      options,
      'createAllTopics()',
    );
    const { topics, skipped } = plan(this.#catalog, {
      parameters,
      replicationFactor: this.#replicationFactor,
    });
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    const { created, asWanted } = await this.#create(missing);
    const { unchanged, different } = await this.#compare(
      topics.filter(({ topic }) => !(asWanted && created.has(topic))),
    );
    if (alterRetention) await this.#alterRetention(different);
    return {
      created: [...created].sort(),
      unchanged: unchanged.filter((name) => !created.has(name)).sort(),
      different: different.sort(byName),
      skipped,
    };
  }

  /**
   * Makes those of these topics that are not there: with the catalog's settings for dead-letter topics where they are
   * such, else with the broker's.
   *
   * @param {string[]} names
   * @returns {Promise<string[]>} those that were made
   */
  async ensureTopics(names) {
    const existing = new Set(await this.#connected().listTopics());
    const missing = names.filter((name) => !existing.has(name));
    const { created } = await this.#create(
      missing.map((name) => ({
        topic: name,
        ...topicArguments(
          this.#catalog.originalOf(name) === null ? {} : this.#catalog.dlq,
          this.#replicationFactor,
        ),
      })),
    );
    return [...created].sort();
  }

  /**
   * Names of those that were made, and whether they are as they should be.
   * @returns {Promise<{ created: Set<string>, asWanted: boolean }>}
   */
  async #create(missing) {
    const created = new Set(missing.map(({ topic }) => topic));
    if (missing.length === 0) return { created, asWanted: true };
    try {
      const admin = this.#connected();
      const made = await admin.createTopics({
        topics: missing.map(({ id: _id, ...topic }) => topic),
      });
      if (!made) created.clear();
    } catch (error) {
      if (isNotSupported(error)) return this.#createWithoutAdmin(missing, created);
      // Another process may have been faster with some of them.
      const failed = error.errors ?? [error];
      const faster = failed.filter(({ type }) => type === 'TOPIC_ALREADY_EXISTS');
      if (faster.length < failed.length) throw trimStack(error);
      for (const { topic } of faster) created.delete(topic);
    }
    return { created, asWanted: true };
  }

  /**
   * On an embedded broker, which has no CreateTopics: one of this process makes them; one of another process makes them
   * when a producer asks for them, with its own number of partitions.
   */
  async #createWithoutAdmin(missing, created) {
    const { brokers } = await this.#connected().describeCluster();
    const cluster = registry.clusterAt(brokers.map(({ host, port }) => `${host}:${port}`));
    if (cluster === undefined) {
      await this.#ask([...created]);
      return { created, asWanted: false };
    }
    for (const { topic, numPartitions, replicationFactor } of missing) {
      cluster.createTopic({
        topic,
        ...(numPartitions > 0 && { partitions: numPartitions }),
        ...(replicationFactor > 0 && { replicationFactor }),
      });
    }
    return { created, asWanted: true };
  }

  async #ask(topics) {
    const producer = this.#kafka.producer();
    await producer.connect();
    try {
      const partitions = new TopicPartitions(producer);
      await Promise.all(topics.map((topic) => partitions.get(topic)));
    } finally {
      await producer.disconnect();
    }
  }

  async #compare(wanted) {
    if (wanted.length === 0) return { unchanged: [], different: [] };
    const admin = this.#connected();
    const names = wanted.map(({ topic }) => topic);
    const { topics } = await admin.fetchTopicMetadata({ topics: names });
    const metadata = new Map(topics.map(({ name, partitions }) => [name, partitions]));
    const configs = await this.#configs(names);
    const unchanged = [];
    const different = [];
    for (const topic of wanted) {
      const found = differences(topic, metadata.get(topic.topic), configs?.get(topic.topic));
      if (found.length === 0) unchanged.push(topic.topic);
      else different.push({ name: topic.topic, differences: found, altered: false });
    }
    return { unchanged, different };
  }

  /** Settings by topic; null on an embedded broker, which keeps none. */
  async #configs(names) {
    try {
      const { resources } = await this.#connected().describeConfigs({
        resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
      });
      return new Map(
        resources.map(({ resourceName, configEntries }) => [
          resourceName,
          new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
        ]),
      );
    } catch (error) {
      if (isNotSupported(error)) return null;
      throw trimStack(error);
    }
  }

  async #alterRetention(different) {
    const resources = [];
    for (const entry of different) {
      const retention = entry.differences.find(({ setting }) => setting === RETENTION);
      if (retention === undefined) continue;
      resources.push({
        type: ConfigResourceTypes.TOPIC,
        name: entry.name,
        configEntries: [{ name: RETENTION, value: retention.expected }],
      });
      entry.altered = true;
    }
    if (resources.length > 0) await this.#connected().incrementalAlterConfigs({ resources });
  }

  /**
   * Gives the groups of the catalog a first offset on every partition where they have none: the beginning or the end, as
   * their `from` says. A group with members has begun already and is left alone; on an embedded broker one that
   * had members, too.
   *
   * @param {{ groups?: string[], parameters?: Record<string, string> }} [options]
   * @returns {Promise<{ created: object[], unchanged: object[], skipped: object[] }>} `{ group, topic }` each
   */
  async createConsumerGroups(options) {
    this.#connected();
    const { groups, parameters } = checkOptions(groupsShape, options, 'createConsumerGroups()');
    const wanted = groups ? groups.map((id) => this.#catalog.group(id)) : this.#catalog.groups;
    const result = { created: [], unchanged: [], skipped: [] };
    for (const group of wanted) {
      for (const id of group.topics) {
        const missing = this.#catalog.missingParameters(id, parameters);
        if (missing.length > 0) {
          result.skipped.push({ group: group.id, topic: this.#catalog.topic(id).name, missing });
          continue;
        }
        const topic = this.#catalog.nameOf(id, parameters);
        const created = await this.#begin(group, topic);
        result[created ? 'created' : 'unchanged'].push({ group: group.id, topic });
      }
    }
    return result;
  }

  async #begin({ id: groupId, from }, topic) {
    const admin = this.#connected();
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const without = partitions.filter(({ offset }) => offset === NO_OFFSET);
    if (without.length === 0) return false;
    const bounds = new Map(
      (await admin.fetchTopicOffsets(topic)).map((entry) => [entry.partition, entry]),
    );
    const offsets = without.map(({ partition }) => {
      const { low, high } = bounds.get(partition);
      return { partition, offset: from === 'earliest' ? low : high };
    });
    try {
      await admin.setOffsets({ groupId, topic, partitions: offsets });
    } catch (error) {
      // An embedded broker takes offsets of a group that had members from them alone, even when they have left.
      if (error.type === 'UNKNOWN_MEMBER_ID' || (await this.#hasMembers(groupId))) return false;
      throw trimStack(error);
    }
    return true;
  }

  async #hasMembers(groupId) {
    try {
      const { groups } = await this.#connected().describeGroups([groupId]);
      return groups[0].members.length > 0;
    } catch {
      return false;
    }
  }
}

/** What of a topic is not as the catalog wants it; settings that the catalog leaves to the broker are not looked at. */
function differences({ numPartitions, replicationFactor, configEntries }, partitions, configs) {
  const found = [];
  const compare = (setting, expected, actual) => {
    if (expected !== actual) found.push({ setting, expected, actual });
  };
  if (numPartitions > 0) compare('partitions', numPartitions, partitions.length);
  if (replicationFactor > 0) {
    compare('replicationFactor', replicationFactor, partitions[0].replicas.length);
  }
  for (const { name, value } of configs === undefined ? [] : configEntries) {
    compare(name, value, configs.get(name) ?? null);
  }
  return found;
}

module.exports = { TopicManager };
