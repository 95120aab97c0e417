'use strict';

const { EmbeddedKafka, Kafka, logLevel } = require('../../../lib');

const ACL = {
  resourceType: 2,
  resourceName: 't',
  resourcePatternType: 3,
  principal: 'User:x',
  host: '*',
  operation: 3,
  permissionType: 3,
};

describe('Arguments of the admin client', () => {
  // Not connected: a wrong argument is found before anything is sent.
  const admin = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING }).admin();

  test.each([
    ['createTopics', [{}], 'Invalid topics array undefined'],
    ['createTopics', [{ topics: [{ topic: 5 }] }], 'the topic names have to be a valid string'],
    [
      'createTopics',
      [{ topics: [{ topic: 'a' }, { topic: 'a' }] }],
      'multiple entries for the same topic',
    ],
    [
      'createTopics',
      [{ topics: [{ topic: 'a', configEntries: {} }] }],
      'Invalid configEntries for topic "a", must be an array',
    ],
    [
      'createTopics',
      [{ topics: [{ topic: 'a', configEntries: [{ name: 'x' }] }] }],
      'Entry 0 must have a valid "value" property',
    ],
    ['createTopics', [{ topics: [{ topic: 'a', numPartitions: '3' }] }], 'must be integers'],
    ['deleteTopics', [{ topics: 'a' }], 'Invalid topics array a'],
    ['deleteTopics', [{ topics: [1] }], 'the names must be a valid string'],
    ['createPartitions', [{}], 'Invalid topic partitions array undefined'],
    ['createPartitions', [{ topicPartitions: [] }], 'Empty topic partitions array'],
    ['createPartitions', [{ topicPartitions: [{ topic: 'a' }] }], 'Invalid count for topic "a"'],
    ['fetchTopicMetadata', [{ topics: [''] }], 'Invalid topic '],
    ['fetchTopicOffsets', [], 'Invalid topic undefined'],
    ['fetchTopicOffsetsByTimestamp', ['t', 'yesterday'], 'Expected milliseconds for timestamp'],
    ['fetchOffsets', [{}], 'Invalid groupId undefined'],
    ['fetchOffsets', [{ groupId: 'g', topics: 't' }], 'Expected topics array to be set'],
    [
      'setOffsets',
      [{ groupId: 'g', topic: 't' }],
      'Invalid partitions, expected a non-empty array of { partition, offset } but received undefined',
    ],
    [
      'setOffsets',
      [{ groupId: 'g', topic: 't', partitions: [{ partition: 0, offset: 'x' }] }],
      'expected a long',
    ],
    [
      'setOffsets',
      [{ groupId: 'g', topic: 't', partitions: [{ partition: 0, offset: '-7' }] }],
      'negative',
    ],
    ['resetOffsets', [{ groupId: 'g' }], 'Invalid topic undefined'],
    ['describeConfigs', [{}], 'Invalid resources array undefined'],
    ['describeConfigs', [{ resources: [] }], 'Resources array cannot be empty'],
    ['describeConfigs', [{ resources: [{ type: 1, name: 'a' }] }], 'Invalid resource type 1'],
    ['describeConfigs', [{ resources: [{ type: 2 }] }], 'Invalid resource name undefined'],
    [
      'describeConfigs',
      [{ resources: [{ type: 2, name: 'a', configNames: 'x' }] }],
      'Invalid resource configNames x',
    ],
    [
      'alterConfigs',
      [{ resources: [{ type: 2, name: 'a' }] }],
      'Invalid resource configEntries undefined',
    ],
    [
      'alterConfigs',
      [{ resources: [{ type: 2, name: 'a', configEntries: [{ name: 'x', value: 1 }] }] }],
      'Invalid resource config value',
    ],
    ['describeGroups', ['g'], 'Invalid groupIds array g'],
    ['deleteGroups', [[1]], 'Invalid groupId 1'],
    [
      'deleteTopicRecords',
      [{ topic: 't' }],
      'Invalid partitions, expected a non-empty array of { partition, offset } but received undefined',
    ],
    ['createAcls', [{ acl: [] }], 'Empty ACL array'],
    ['createAcls', [{ acl: [{ ...ACL, host: 1 }] }], 'the hosts have to be a valid string'],
    ['createAcls', [{ acl: [{ ...ACL, operation: 99 }] }], 'Invalid operation type 99'],
    ['describeAcls', [{ ...ACL, permissionType: 9 }], 'Invalid permission type 9'],
    ['deleteAcls', [{}], 'Invalid ACL Filter array undefined'],
    ['deleteAcls', [{ filters: [{ ...ACL, resourceType: 77 }] }], 'Invalid resource type 77'],
  ])('%s(%j): %s', async (method, args, message) => {
    await expect(admin[method](...args)).rejects.toMatchObject({
      name: 'KafkaJSInvalidOptionError',
      retriable: false,
      message: expect.stringContaining(message),
    });
  });

  test.each(['alterPartitionReassignments', 'listPartitionReassignments'])(
    '%s says that it is not supported',
    async (method) => {
      await expect(admin[method]({ topics: [] })).rejects.toMatchObject({
        errorCode: 'ERR_KAFKA_UNSUPPORTED',
      });
    },
  );

  test('a call without connect() says so', async () => {
    await expect(admin.listTopics()).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_NOT_CONNECTED',
    });
  });
});

describe('Admin on EmbeddedKafka', () => {
  let embedded;
  let admin;
  beforeAll(async () => {
    embedded = await EmbeddedKafka.start({ topics: [{ topic: 't', partitions: 2 }] });
    admin = new Kafka({ brokers: embedded.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await embedded.stop();
  });

  test('answers what the mock brokers know', async () => {
    expect(await admin.listTopics()).toEqual(['t']);
    expect((await admin.fetchTopicMetadata({ topics: ['t'] })).topics[0].partitions).toHaveLength(
      2,
    );
    expect(await admin.fetchTopicOffsets('t')).toEqual([
      { partition: 0, offset: '0', high: '0', low: '0' },
      { partition: 1, offset: '0', high: '0', low: '0' },
    ]);
    expect((await admin.describeCluster()).brokers).toHaveLength(1);
    await admin.setOffsets({
      groupId: 'g',
      topic: 't',
      partitions: [{ partition: 1, offset: '4' }],
    });
    expect(await admin.fetchOffsets({ groupId: 'g', topics: ['t'] })).toEqual([
      {
        topic: 't',
        partitions: [
          { partition: 0, offset: '-1', metadata: null },
          { partition: 1, offset: '4', metadata: null },
        ],
      },
    ]);
  });

  test.each([
    ['createTopics', [{ topics: [{ topic: 'x' }] }]],
    ['listGroups', []],
    ['describeGroups', [['g']]],
    ['deleteGroups', [['g']]],
    ['describeConfigs', [{ resources: [{ type: 2, name: 't' }] }]],
    ['createAcls', [{ acl: [ACL] }]],
  ])('%s says that an embedded broker does not answer it', async (method, args) => {
    await expect(admin[method](...args)).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_API_NOT_SUPPORTED',
    });
  });

  test('methods work without their object, as those of KafkaJS do', async () => {
    const { listTopics, on, events } = admin;
    expect(await listTopics()).toContain('t');
    on(events.DISCONNECT, () => {})();
  });
});
