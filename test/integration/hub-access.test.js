'use strict';

// What a hub's principal needs on a broker with an authorizer.

const { setTimeout: delay } = require('node:timers/promises');
const {
  AclOperationTypes: OPERATION,
  AclPermissionTypes: PERMISSION,
  AclResourceTypes: RESOURCE,
  Kafka,
  logLevel,
  ResourcePatternTypes: PATTERN,
} = require('../../lib');
const { startKafka } = require('../../scripts/real-kafka');
const { rejection } = require('../shared/clients');
const { everybody, hubTools, message } = require('../shared/hub-tools');

const VIEWER = { username: 'viewer', password: 'viewer-secret', mechanism: 'scram-sha-512' };

let kafka;
let admin;
const broker = {
  get bootstrap() {
    return kafka.bootstrapServers;
  },
  createTopic: (topic, numPartitions) => admin.createTopics({ topics: [{ topic, numPartitions }] }),
};

beforeAll(async () => {
  kafka = await startKafka({
    listeners: [{ name: 'LOGIN', protocol: 'SASL_PLAINTEXT' }],
    users: [{ name: VIEWER.username, password: VIEWER.password, mechanism: 'SCRAM-SHA-512' }],
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'auto.create.topics.enable': false,
      'listener.name.login.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    },
  });
  admin = new Kafka({ brokers: [kafka.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});
afterAll(async () => {
  await admin?.disconnect();
  await kafka?.stop();
});

const tools = hubTools(broker);

const allow = (topic, operation) => ({
  resourceType: RESOURCE.TOPIC,
  resourceName: topic,
  resourcePatternType: PATTERN.LITERAL,
  principal: `User:${VIEWER.username}`,
  host: '*',
  operation,
  permissionType: PERMISSION.ALLOW,
});

/** Resolves when the broker knows: the controller, which takes the change, answers sooner. */
async function grant(topic, ...operations) {
  const acl = operations.map((operation) => allow(topic, operation));
  await admin.createAcls({ acl });
  for (const entry of acl) {
    while ((await admin.describeAcls(entry)).resources.length === 0) await delay(10);
  }
}

function hubOf(topic) {
  const viewer = tools.kafka({ brokers: [kafka.listeners.LOGIN], sasl: VIEWER });
  const hub = tools.newHub(topic, { ...everybody, from: 'beginning' }, {}, viewer);
  const errors = [];
  hub.on('error', (error) => errors.push(error.message));
  return { hub, errors };
}

test('a right to read the topic is enough: none to a group, none to settings', async () => {
  const topic = await tools.newTopic();
  await grant(topic, OPERATION.READ, OPERATION.DESCRIBE);
  await tools.send(topic, message({ id: 1 }));
  const { hub, errors } = hubOf(topic);
  const { attaching, open } = await tools.attach(hub, { isSecure: false });
  await attaching;
  await hub.whenReady();
  const client = await open();
  expect((await client.snapshot()).items).toHaveLength(1);
  await tools.send(topic, message({ id: 2 }));
  expect(await client.next('update')).toMatchObject({ channel: 'task/2' });
  expect(errors).toEqual([]);
});

test('without it attach() says what is missing', async () => {
  const topic = await tools.newTopic();
  const { hub } = hubOf(topic);
  const { attaching } = await tools.attach(hub, { isSecure: false });
  expect(await rejection(attaching)).toMatchObject({
    errorCode: 'ERR_KAFKA_AUTHORIZATION',
    topic,
  });
});
