'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
const { once } = require('node:events');
const readline = require('node:readline');
const { EmbeddedKafka, Kafka, logLevel } = require('../../../lib');
const { TopicManager, loadCatalog } = require('../../../lib/service');

let cluster;
let manager;

beforeEach(async () => {
  cluster = await EmbeddedKafka.start();
});
afterEach(async () => {
  await manager?.disconnect();
  await cluster.stop();
});

const options = (brokers = cluster.brokers) => ({
  clientId: 'setup',
  brokers,
  logLevel: logLevel.NOTHING,
});

async function connected(settings, kafka = options()) {
  manager = new TopicManager(kafka, settings);
  await manager.connect();
  return manager;
}

async function partitionsOf(topics, brokers) {
  const admin = new Kafka(options(brokers)).admin();
  await admin.connect();
  try {
    const described = await admin.fetchTopicMetadata({ topics });
    return described.topics.map(({ name, partitions }) => [name, partitions.length]);
  } finally {
    await admin.disconnect();
  }
}

test('makes every topic with its dead letters, and nothing the second time', async () => {
  await connected({ catalog: 'spm' });
  const first = await manager.createAllTopics();
  const topics = loadCatalog('spm').topics.map(({ name }) => name);
  expect(first).toEqual({
    created: [...topics, ...topics.map((name) => `dlq.${name}`)].sort(),
    unchanged: [],
    different: [],
    skipped: [],
  });
  expect(await partitionsOf(['task-events', 'dlq.task-events'])).toEqual([
    ['task-events', 3],
    ['dlq.task-events', 1],
  ]);
  const second = await manager.createAllTopics({ alterRetention: true });
  expect(second).toEqual({ ...first, created: [], unchanged: first.created });
});

test('says what of an existing topic is different and leaves it alone', async () => {
  cluster.createTopic({ topic: 'task-events', partitions: 2 });
  await connected({ catalog: 'spm' });
  const { created, different } = await manager.createAllTopics();
  expect(created).not.toContain('task-events');
  expect(different).toEqual([
    {
      name: 'task-events',
      differences: [{ setting: 'partitions', expected: 3, actual: 2 }],
      altered: false,
    },
  ]);
  expect(await partitionsOf(['task-events'])).toEqual([['task-events', 2]]);
});

test('makes the topics of an organization when there is one', async () => {
  await connected({ catalog: 'officeflow' });
  const common = await manager.createAllTopics();
  expect(common.skipped.map(({ name, missing }) => [name, ...missing])).toEqual([
    ['employee.onboard.{org}', 'org'],
    ['employee.exit.{org}', 'org'],
    ['employee.transfer.{org}', 'org'],
    ['employee.update.{org}', 'org'],
  ]);
  expect(common.created).not.toContain('dlq.audit.events');
  const demo = await manager.createAllTopics({ parameters: { org: 'demo-org-123' } });
  expect(demo.created).toEqual(
    ['exit', 'onboard', 'transfer', 'update']
      .flatMap((what) => `dlq.employee.${what}.demo-org-123`)
      .concat(
        ['exit', 'onboard', 'transfer', 'update'].map((what) => `employee.${what}.demo-org-123`),
      ),
  );
  expect(demo.skipped).toEqual([]);
});

test('parameters and the environment’s names are those of the manager', async () => {
  const catalog = loadCatalog('task-manager').withEnvironment({ TASK_STATUS_TOPIC: 'prod.status' });
  await connected({ catalog });
  const { created } = await manager.createAllTopics();
  expect(created).toEqual([
    'dlq.prod.status',
    'dlq.requests-web-crawl',
    'prod.status',
    'requests-web-crawl',
  ]);
  await manager.disconnect();
  await connected({ catalog: 'officeflow', parameters: { org: 'acme' } });
  expect((await manager.createAllTopics()).created).toContain('employee.exit.acme');
});

test('an own replication factor holds for all topics', async () => {
  await cluster.stop();
  cluster = await EmbeddedKafka.start({ brokers: 3 });
  await connected({ catalog: 'spm', replicationFactor: 2 });
  await manager.createAllTopics();
  await manager.disconnect();
  await connected({ catalog: 'spm' });
  const { different } = await manager.createAllTopics();
  expect(different).toHaveLength(10);
  expect(different[0].differences).toEqual([
    { setting: 'replicationFactor', expected: 1, actual: 2 },
  ]);
});

test('groups begin where the catalog says, once', async () => {
  cluster.createTopic({ topic: 'automation-tasks', partitions: 1 });
  cluster.createTopic({ topic: 'status-updates', partitions: 1 });
  const kafka = new Kafka(options());
  const producer = kafka.producer();
  await producer.connect();
  for (const topic of ['automation-tasks', 'status-updates']) {
    await producer.send({ topic, messages: [{ value: '1' }, { value: '2' }] });
  }
  await connected({ catalog: 'easyflow' }, kafka);
  await manager.createAllTopics();
  const groups = ['easyflow-workers', 'easyflow-dashboard'];
  const first = await manager.createConsumerGroups({ groups });
  expect(first.created).toEqual([
    { group: 'easyflow-workers', topic: 'automation-tasks' },
    ...['automation-results', 'workflow-events', 'status-updates'].map((topic) => ({
      group: 'easyflow-dashboard',
      topic,
    })),
  ]);

  const admin = kafka.admin();
  await admin.connect();
  const offset = async (groupId, topic) =>
    (await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions[0].offset;
  expect(await offset('easyflow-workers', 'automation-tasks')).toBe('0');
  expect(await offset('easyflow-dashboard', 'status-updates')).toBe('2');

  await producer.send({ topic: 'status-updates', messages: [{ value: '3' }] });
  const second = await manager.createConsumerGroups({ groups });
  expect(second).toEqual({ created: [], unchanged: first.created, skipped: [] });
  expect(await offset('easyflow-dashboard', 'status-updates')).toBe('2');
  await admin.disconnect();
  await producer.disconnect();
});

test('a group that has begun, and that its members have left, is no mistake', async () => {
  const kafka = new Kafka(options());
  await connected({ catalog: 'easyflow' }, kafka);
  await manager.createAllTopics();
  const consumer = kafka.consumer({ groupId: 'easyflow-dashboard' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'status-updates' });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ eachMessage: async () => {} });
  await joined;
  await consumer.disconnect();

  const topics = ['automation-results', 'workflow-events', 'status-updates'];
  const begun = await manager.createConsumerGroups({ groups: ['easyflow-dashboard'] });
  expect(begun.unchanged.map(({ topic }) => topic)).toEqual(topics);
});

test('groups of templated topics wait for an organization', async () => {
  await connected({ catalog: 'officeflow' });
  await manager.createAllTopics();
  const { skipped, created } = await manager.createConsumerGroups({ groups: ['workflow-engine'] });
  expect(skipped[0]).toEqual({
    group: 'workflow-engine',
    topic: 'employee.onboard.{org}',
    missing: ['org'],
  });
  expect(created).toContainEqual({ group: 'workflow-engine', topic: 'node.execute.result' });
});

test('an embedded broker of another process makes them with its own partitions, and that is said', async () => {
  const host = spawn(
    process.execPath,
    [
      '-e',
      `require(${JSON.stringify(path.join(__dirname, '../../../lib'))}).EmbeddedKafka.start()
        .then((cluster) => console.log(cluster.bootstrapServers));
       process.stdin.resume().on('end', () => process.exit());`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  try {
    const [servers] = await once(readline.createInterface({ input: host.stdout }), 'line');
    await connected({ catalog: 'spm' }, options([servers]));
    const { created, different, unchanged } = await manager.createAllTopics();
    expect(created).toHaveLength(10);
    expect(unchanged).toEqual([]);
    expect(different.find(({ name }) => name === 'task-events').differences).toEqual([
      { setting: 'partitions', expected: 3, actual: 4 },
    ]);
    expect(await partitionsOf(['task-events'], [servers])).toEqual([['task-events', 4]]);
  } finally {
    host.stdin.end();
    await once(host, 'exit');
  }
});

test('wrong use is named', async () => {
  expect(() => new TopicManager(options())).toThrow(
    /Expected a name, a path or an object for catalog/,
  );
  expect(() => new TopicManager(options(), { catalog: 'spn' })).toThrow(/did you mean spm/);
  expect(() => new TopicManager(options(), { catalog: 'spm', parameter: {} })).toThrow(
    /did you mean "parameters"/,
  );
  expect(() => new TopicManager({ broker: [] }, { catalog: 'spm' })).toThrow(
    /did you mean "brokers"/,
  );
  manager = new TopicManager(options(), { catalog: 'spm' });
  await expect(manager.createAllTopics()).rejects.toMatchObject({
    errorCode: 'ERR_KAFKA_NOT_CONNECTED',
  });
  await manager.connect();
  await expect(manager.createAllTopics({ alterRetension: true })).rejects.toThrow(
    /did you mean "alterRetention"/,
  );
  await expect(manager.createConsumerGroups({ groups: ['x'] })).rejects.toThrow(
    /for group but received "x"/,
  );
  await manager.disconnect();
  await manager.disconnect();
});
