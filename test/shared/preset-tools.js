'use strict';

// What the tests of the presets share: the variables of a document's .env, and its topics and groups.

const { logLevel } = require('../../lib');
const { TopicManager } = require('../../lib/service');

const OURS = /^(KAFKA_|DEMO_ORG_ID$|TASK_STATUS_TOPIC$|WEB_CRAWL_REQUEST_TOPIC$|DEBUG$)/;

/** The programs of a document run with these variables and none of the machine's. */
function environment(variables) {
  const before = new Map();
  const set = (name, value) => {
    if (!before.has(name)) before.set(name, process.env[name]);
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  beforeAll(() => {
    for (const name of Object.keys(process.env)) if (OURS.test(name)) set(name, undefined);
    const quiet = { KAFKA_LOG_LEVEL: 'NOTHING', KAFKAJS_LOG_LEVEL: 'NOTHING' };
    for (const [name, value] of Object.entries({ ...quiet, ...variables() })) set(name, value);
  });
  afterAll(() => {
    for (const [name, value] of before) set(name, value);
  });
}

/**
 * Topics and first offsets of the groups, as `topics setup` makes them: a group that begins at the end misses nothing that
 * is published while it joins.
 */
async function setUp(broker, catalog) {
  const brokers = broker.bootstrap.split(',');
  const manager = new TopicManager({ brokers, logLevel: logLevel.NOTHING }, { catalog });
  await manager.connect();
  try {
    await manager.createAllTopics();
    await manager.createConsumerGroups();
  } finally {
    await manager.disconnect();
  }
}

/** For `clients.readUntil()`. */
async function partitionsOf(clients, topic) {
  const admin = await clients.admin();
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0].partitions.length;
}

module.exports = { environment, setUp, partitionsOf };
