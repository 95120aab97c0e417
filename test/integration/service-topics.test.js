'use strict';

const { ConfigResourceTypes, Kafka, logLevel } = require('../../lib');
const { TopicManager, acls, catalogs, loadCatalog } = require('../../lib/service');

const { eventually } = require('../shared/clients');

const DAY_MS = 86_400_000;

describe('TopicManager on real Kafka', () => {
  const kafka = new Kafka({
    brokers: process.env.EASYFLOW_TEST_BOOTSTRAP.split(','),
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  const unique = `t${process.pid}x${Date.now()}`;
  const managers = [];

  beforeAll(() => admin.connect());
  afterEach(async () => {
    for (const manager of managers.splice(0)) await manager.disconnect();
  });
  afterAll(() => admin.disconnect());

  async function connected(catalog, options) {
    const manager = new TopicManager(kafka, { catalog, ...options });
    managers.push(manager);
    await manager.connect();
    return manager;
  }

  /** A shipped catalog whose topics have names of this run. */
  function renamed(name) {
    const catalog = loadCatalog(name);
    return catalog.withTopicNames(
      Object.fromEntries(catalog.topics.map(({ id, name: topic }) => [id, `${unique}.${topic}`])),
    );
  }

  async function settingsOf(topic, ...names) {
    const { resources } = await admin.describeConfigs({
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: names }],
    });
    const entries = resources[0].configEntries.map((e) => [e.configName, e.configValue]);
    return Object.fromEntries(entries);
  }

  test.each(catalogs)('makes all topics of %s once', async (name) => {
    const manager = await connected(renamed(name), { parameters: { org: 'demo-org-123' } });
    const first = await manager.createAllTopics();
    expect(first).toMatchObject({ unchanged: [], different: [], skipped: [] });
    expect(first.created.length).toBeGreaterThanOrEqual(manager.catalog.topics.length);
    expect(await admin.listTopics()).toEqual(expect.arrayContaining(first.created));
    expect(await manager.createAllTopics()).toEqual({
      created: [],
      unchanged: first.created,
      different: [],
      skipped: [],
    });
  });

  test('partitions and retention are the catalog’s, or the broker’s', async () => {
    await (await connected(renamed('spm'))).createAllTopics();
    const topic = `${unique}.notification-events`;
    expect(await settingsOf(topic, 'retention.ms', 'cleanup.policy')).toEqual({
      'retention.ms': String(14 * DAY_MS),
      'cleanup.policy': 'delete',
    });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic, `dlq.${topic}`] });
    expect(topics.map(({ partitions }) => partitions.length)).toEqual([3, 1]);
  });

  test('retention is altered only when told, everything else never', async () => {
    const catalog = loadCatalog({
      name: 'small',
      version: '1.0.0',
      topics: [
        {
          id: `${unique}.altered`,
          envelope: 'bare',
          events: 'made',
          partitions: 3,
          retentionMs: 1_000_000,
          config: { 'max.message.bytes': 2_000_000 },
        },
      ],
      events: { made: { schema: {} } },
    });
    const [{ name }] = catalog.topics;
    const configEntries = [
      { name: 'retention.ms', value: '5000' },
      { name: 'segment.ms', value: '60000' },
    ];
    await admin.createTopics({ topics: [{ topic: name, numPartitions: 1, configEntries }] });
    const manager = await connected(catalog);
    const differences = [
      { setting: 'partitions', expected: 3, actual: 1 },
      { setting: 'max.message.bytes', expected: '2000000', actual: '1048588' },
      { setting: 'retention.ms', expected: '1000000', actual: '5000' },
    ];
    const asked = ['retention.ms', 'segment.ms', 'max.message.bytes'];
    const before = await settingsOf(name, ...asked);

    const told = (altered) => [{ name, differences, altered }];
    expect((await manager.createAllTopics()).different).toEqual(told(false));
    expect(await settingsOf(name, ...asked)).toEqual(before);
    expect((await manager.createAllTopics({ alterRetention: true })).different).toEqual(told(true));
    const altered = { ...before, 'retention.ms': '1000000' };
    await eventually(() => settingsOf(name, ...asked), altered);
    const { different } = await manager.createAllTopics({ alterRetention: true });
    expect(different).toEqual([{ name, differences: differences.slice(0, 2), altered: false }]);
  });

  test('two that set up at once do not disturb each other', async () => {
    const topics = Array.from({ length: 10 }, (_, i) => ({
      id: `${unique}.race-${i}`,
      envelope: 'bare',
      events: 'made',
      partitions: 1,
    }));
    const catalog = loadCatalog({
      name: 'race',
      version: '1.0.0',
      topics,
      events: { made: { schema: {} } },
    });
    const both = await Promise.all([connected(catalog), connected(catalog)]);
    const reports = await Promise.all(both.map((manager) => manager.createAllTopics()));
    const created = reports.flatMap((report) => report.created);
    expect(created.sort()).toEqual(topics.map(({ id }) => id).sort());
    for (const { different } of reports) expect(different).toEqual([]);
  });

  test('groups begin at the beginning or at the end; one with members is left alone', async () => {
    const catalog = loadCatalog({
      name: 'groups',
      version: '1.0.0',
      topics: [{ id: `${unique}.grouped`, envelope: 'bare', events: 'made', partitions: 1 }],
      events: { made: { schema: {} } },
      groups: ['earliest', 'latest', 'busy'].map((id) => ({
        id: `${unique}-${id}`,
        topics: `${unique}.grouped`,
        from: id === 'earliest' ? 'earliest' : 'latest',
      })),
    });
    const [{ name: topic }] = catalog.topics;
    const manager = await connected(catalog);
    await manager.createAllTopics();
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: '1' }, { value: '2' }] });
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: `${unique}-busy` });
    const joined = new Promise((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, resolve);
    });
    await consumer.connect();
    await consumer.subscribe({ topic });
    await consumer.run({ autoCommit: false, eachMessage: async () => {} });
    await joined;

    const pair = (id) => ({ group: `${unique}-${id}`, topic });
    expect(await manager.createConsumerGroups()).toEqual({
      created: [pair('earliest'), pair('latest')],
      unchanged: [pair('busy')],
      skipped: [],
    });
    await consumer.disconnect();
    const offset = async (id) =>
      (await admin.fetchOffsets({ groupId: `${unique}-${id}`, topics: [topic] }))[0].partitions[0]
        .offset;
    expect(await offset('earliest')).toBe('0');
    expect(await offset('latest')).toBe('2');
  });

  test('a catalog’s entries are what createAcls takes', async () => {
    // This broker has no authorizer: it answers, so that the request was well-formed.
    await expect(admin.createAcls({ acl: acls(loadCatalog('officeflow')) })).rejects.toMatchObject({
      type: 'SECURITY_DISABLED',
    });
  });
});
