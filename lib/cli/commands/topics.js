'use strict';

const { ConfigResourceTypes } = require('../../clients/enums');
const { TopicManager } = require('../../service/topic-manager');
const { table } = require('../output');
const { integer, withCatalog, withConnection } = require('../options');
const { isNotSupported } = require('../unsupported');

async function setup(session) {
  const { alterRetention, groups, replicationFactor } = session.options;
  const manager = new TopicManager(session.kafka, {
    catalog: session.catalog(),
    replicationFactor,
  });
  session.onClose(() => manager.disconnect());
  session.cutShort(() => manager.disconnect());
  await manager.connect();
  const topics = await manager.createAllTopics({ alterRetention: alterRetention === true });
  const document = { topics };
  if (groups) document.groups = await manager.createConsumerGroups();
  await session.output.result(document, showSetup);
}

function showSetup({ topics, groups }) {
  const rows = [
    ...topics.created.map((name) => ['created', name, '']),
    ...topics.unchanged.map((name) => ['unchanged', name, '']),
    ...topics.different.map(({ name, differences, altered }) => [
      'different',
      name,
      differences.map((each) => showDifference(each, altered)).join('; '),
    ]),
    ...topics.skipped.map(({ name, missing }) => ['skipped', name, showMissing(missing)]),
  ];
  let text = table(['result', 'topic', 'detail'], rows);
  if (groups !== undefined) {
    const groupRows = ['created', 'unchanged', 'skipped'].flatMap((result) =>
      groups[result].map(({ group, topic, missing }) => [
        result,
        group,
        topic,
        missing === undefined ? '' : showMissing(missing),
      ]),
    );
    text += `\n${table(['result', 'group', 'topic', 'detail'], groupRows)}`;
  }
  return text;
}

const showMissing = (missing) => `needs a value for ${missing.join(', ')} (--org)`;

function showDifference({ setting, expected, actual }, altered) {
  const now = altered && setting === 'retention.ms' ? `altered from ${actual}` : `is ${actual}`;
  return `${setting} ${now}, the catalog says ${expected}`;
}

async function list(session) {
  const admin = await session.admin();
  const { topics } = await admin.fetchTopicMetadata();
  const rows = topics
    .filter(({ name }) => session.options.internal || !name.startsWith('__'))
    .map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions.length,
      replicationFactor: partitions[0]?.replicas.length ?? 0,
    }))
    .sort((a, b) => (a.topic < b.topic ? -1 : 1));
  await session.output.result(rows, () =>
    table(['topic', 'partitions', 'replicas'], rows.map(Object.values)),
  );
}

/** Settings that are not the broker's defaults; null where the broker tells none. */
async function settingsOf(admin, names) {
  try {
    const { resources } = await admin.describeConfigs({
      resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
    });
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        Object.fromEntries(
          configEntries
            .filter(({ isDefault }) => !isDefault)
            .map(({ configName, configValue }) => [configName, configValue]),
        ),
      ]),
    );
  } catch (error) {
    if (isNotSupported(error)) return null;
    throw error;
  }
}

async function describe(session, names) {
  const admin = await session.admin();
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const settings = await settingsOf(admin, names);
  const document = [];
  for (const { name, partitions } of topics) {
    const offsets = new Map(
      (await admin.fetchTopicOffsets(name)).map((entry) => [entry.partition, entry]),
    );
    document.push({
      topic: name,
      settings: settings?.get(name) ?? null,
      partitions: partitions
        .map(({ partitionId, leader, replicas, isr }) => ({
          partition: partitionId,
          leader,
          replicas,
          inSync: isr,
          low: offsets.get(partitionId)?.low ?? null,
          high: offsets.get(partitionId)?.high ?? null,
        }))
        .sort((a, b) => a.partition - b.partition),
    });
  }
  await session.output.result(document, (all) => all.map(showTopic).join('\n'));
}

function showTopic({ topic, settings, partitions }) {
  const columns = ['partition', 'leader', 'replicas', 'in sync', 'first offset', 'next offset'];
  const lines = Object.entries(settings ?? {}).map(([name, value]) => `  ${name} = ${value}\n`);
  return `${topic}\n${lines.join('')}${table(columns, partitions.map(Object.values))}`;
}

function register(program, action) {
  const topics = program.command('topics').description('topics of a cluster');
  withCatalog(withConnection(topics.command('setup')), { isRequired: true })
    .description("makes a catalog's topics, where they are missing")
    .option('--alter-retention', "gives topics that are there the catalog's retention")
    .option('--groups', "gives the catalog's groups a first offset where they have none")
    .option('--replication-factor <n>', "instead of the catalog's", integer(1, 100))
    .action(action(setup));
  withConnection(topics.command('list'))
    .description('names, partitions, replicas')
    .option('--internal', "Kafka's own too")
    .action(action(list));
  withConnection(topics.command('describe'))
    .description('settings, leaders, offsets')
    .argument('<topic...>')
    .action(action(describe));
}

module.exports = { register };
