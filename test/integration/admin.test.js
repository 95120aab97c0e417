'use strict';

const {
  AssignerProtocol,
  ConfigResourceTypes,
  ConfigSource,
  Kafka,
  logLevel,
} = require('../../lib');
const { eventually, until } = require('../shared/clients');

describe('Admin on real Kafka', () => {
  const kafka = new Kafka({
    brokers: process.env.EASYFLOW_TEST_BOOTSTRAP.split(','),
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  let number = 0;
  const newName = (what) => `${what}-${process.pid}-${Date.now()}-${number++}`;

  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());

  async function newTopic(numPartitions = 2) {
    const topic = newName('admin');
    expect(await admin.createTopics({ topics: [{ topic, numPartitions }] })).toBe(true);
    return topic;
  }

  async function produce(topic, values, partition = 0) {
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
    await producer.disconnect();
  }

  test('topics are made once, with configuration, and deleted', async () => {
    const topic = newName('made');
    const options = {
      topics: [
        { topic, numPartitions: 3, configEntries: [{ name: 'retention.ms', value: '123456' }] },
      ],
    };
    expect(await admin.createTopics({ ...options, validateOnly: true })).toBe(true);
    expect(await admin.listTopics()).not.toContain(topic);
    expect(await admin.createTopics(options)).toBe(true);
    expect(await admin.createTopics(options)).toBe(false);
    expect(await admin.listTopics()).toContain(topic);
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(topics).toEqual([
      {
        name: topic,
        partitions: [0, 1, 2].map((partitionId) => ({
          partitionErrorCode: 0,
          partitionId,
          leader: 1,
          replicas: [1],
          isr: [1],
          offlineReplicas: [],
        })),
      },
    ]);
    await admin.deleteTopics({ topics: [topic] });
    await expect(admin.deleteTopics({ topics: [topic] })).rejects.toMatchObject({
      name: 'KafkaJSProtocolError',
      type: 'UNKNOWN_TOPIC_OR_PARTITION',
      code: 3,
    });
    await expect(admin.fetchTopicMetadata({ topics: [topic] })).rejects.toMatchObject({
      type: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
  });

  test('a topic that cannot be made is named in an aggregate', async () => {
    const good = newName('good');
    const bad = newName('bad');
    const made = admin.createTopics({
      topics: [{ topic: good }, { topic: bad, configEntries: [{ name: 'nonsense', value: '1' }] }],
    });
    await expect(made).rejects.toMatchObject({
      name: 'KafkaJSAggregateError',
      errors: [
        expect.objectContaining({
          name: 'KafkaJSCreateTopicError',
          topic: bad,
          type: 'INVALID_CONFIG',
        }),
      ],
    });
  });

  test('partitions grow and never shrink', async () => {
    const topic = await newTopic(1);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    await expect(
      admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }),
    ).rejects.toMatchObject({ type: 'INVALID_PARTITIONS' });
    await eventually(async () => (await admin.fetchTopicOffsets(topic)).length, 4);
  });

  test('offsets of a topic, by time too, and records deleted below an offset', async () => {
    const topic = await newTopic();
    const before = Date.now();
    await produce(topic, ['a', 'b', 'c']);
    expect(await admin.fetchTopicOffsets(topic)).toEqual([
      { partition: 0, offset: '3', high: '3', low: '0' },
      { partition: 1, offset: '0', high: '0', low: '0' },
    ]);
    expect(await admin.fetchTopicOffsetsByTimestamp(topic, before - 1)).toEqual([
      { partition: 0, offset: '0' },
      { partition: 1, offset: '0' },
    ]);
    expect((await admin.fetchTopicOffsetsByTimestamp(topic, Date.now() + 60_000))[0].offset).toBe(
      '3',
    );
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    expect((await admin.fetchTopicOffsets(topic))[0].low).toBe('2');
    await expect(
      admin.deleteTopicRecords({ topic, partitions: [{ partition: 9, offset: '0' }] }),
    ).rejects.toMatchObject({
      name: 'KafkaJSDeleteTopicRecordsError',
      partitions: [expect.objectContaining({ partition: 9, offset: '0' })],
    });
  });

  test("a group's offsets are set, read, resolved, reset and forgotten", async () => {
    const topic = await newTopic();
    const groupId = newName('group');
    await produce(topic, ['a', 'b', 'c']);
    await admin.setOffsets({
      groupId,
      topic,
      partitions: [
        { partition: 0, offset: '1' },
        { partition: 1, offset: '-1' },
      ],
    });
    const offsets = async (extra) => {
      const [entry] = await admin.fetchOffsets({ groupId, topics: [topic], ...extra });
      expect(entry.topic).toBe(topic);
      return entry.partitions.map(({ offset }) => offset);
    };
    expect(await offsets()).toEqual(['1', '0']);
    expect(await admin.fetchOffsets({ groupId })).toEqual(
      await admin.fetchOffsets({ groupId, topics: [topic] }),
    );
    await admin.resetOffsets({ groupId, topic, earliest: true });
    expect(await offsets()).toEqual(['0', '0']);
    await admin.resetOffsets({ groupId, topic });
    expect(await offsets()).toEqual(['3', '0']);
    await admin.deleteOffsets({ groupId, topic, partitions: [0] });
    expect(await offsets()).toEqual(['-1', '0']);
    expect(await offsets({ resolveOffsets: true })).toEqual(['3', '0']);
    expect(await offsets()).toEqual(['3', '0']);
  });

  test('a running group is listed and described; its offsets stay its own', async () => {
    const topic = await newTopic();
    const groupId = newName('running');
    const consumer = kafka.consumer({ groupId });
    await consumer.connect();
    await consumer.subscribe({ topic });
    await consumer.run({ eachMessage() {} });
    const { groups: listed } = await admin.listGroups();
    expect(listed).toContainEqual({ groupId, protocolType: 'consumer' });
    const described = await consumer.describeGroup();
    expect(await admin.describeGroups([groupId])).toEqual({ groups: [described] });
    expect(described).toMatchObject({
      errorCode: 0,
      groupId,
      state: 'Stable',
      protocolType: 'consumer',
      protocol: 'roundrobin',
    });
    const { memberAssignment, memberMetadata } = described.members[0];
    expect(AssignerProtocol.MemberAssignment.decode(memberAssignment).assignment).toEqual({
      [topic]: [0, 1],
    });
    expect(AssignerProtocol.MemberMetadata.decode(memberMetadata).topics).toEqual([topic]);
    await expect(admin.resetOffsets({ groupId, topic })).rejects.toThrow(
      'The consumer group must have no running instances, current state: Stable',
    );
    await expect(admin.deleteGroups([groupId])).rejects.toMatchObject({
      name: 'KafkaJSDeleteGroupsError',
      groups: [
        { groupId, errorCode: 68, error: expect.objectContaining({ type: 'NON_EMPTY_GROUP' }) },
      ],
    });
    await consumer.disconnect();
    expect(await admin.deleteGroups([groupId])).toEqual([{ groupId, errorCode: 0 }]);
    const { groups } = await admin.describeGroups([groupId]);
    expect(groups[0].state).toBe('Dead');
  });

  test('a group of the newer protocol is described in the same shape', async () => {
    const topic = await newTopic();
    const groupId = newName('kip848');
    const consumer = kafka.consumer({ groupId, groupProtocol: 'consumer' });
    await consumer.connect();
    await consumer.subscribe({ topic });
    await consumer.run({ eachMessage() {} });
    await until(() => consumer.assignment().length === 2);
    const described = async () => (await admin.describeGroups([groupId])).groups;
    // The member has its partitions before the group knows that it took them.
    await eventually(described, [
      expect.objectContaining({ groupId, state: 'Stable', protocolType: 'consumer' }),
    ]);
    const groups = await described();
    const { assignment } = AssignerProtocol.MemberAssignment.decode(
      groups[0].members[0].memberAssignment,
    );
    expect(assignment[topic].sort()).toEqual([0, 1]);
    await consumer.disconnect();
  });

  test('configurations are described and altered', async () => {
    const topic = await newTopic(1);
    const { TOPIC } = ConfigResourceTypes;
    const describe = async () => {
      const { resources } = await admin.describeConfigs({
        resources: [{ type: TOPIC, name: topic, configNames: ['retention.ms', 'cleanup.policy'] }],
        includeSynonyms: false,
      });
      expect(resources[0]).toMatchObject({
        errorCode: 0,
        resourceName: topic,
        resourceType: TOPIC,
      });
      return Object.fromEntries(
        resources[0].configEntries.map(({ configName, configValue, configSource }) => [
          configName,
          [configValue, configSource],
        ]),
      );
    };
    const before = await describe();
    expect(Object.keys(before).sort()).toEqual(['cleanup.policy', 'retention.ms']);
    expect(before['cleanup.policy']).toEqual(['delete', ConfigSource.DEFAULT_CONFIG]);
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        { type: TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: '5000000' }] },
      ],
    });
    await admin.incrementalAlterConfigs({
      resources: [
        { type: TOPIC, name: topic, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] },
      ],
    });
    await eventually(describe, {
      'retention.ms': ['5000000', ConfigSource.TOPIC_CONFIG],
      'cleanup.policy': ['compact', ConfigSource.TOPIC_CONFIG],
    });
    await expect(
      admin.alterConfigs({
        resources: [
          { type: TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: 'soon' }] },
        ],
      }),
    ).rejects.toMatchObject({ type: 'INVALID_CONFIG' });
  });

  test('the cluster is described', async () => {
    const { brokers, controller, clusterId } = await admin.describeCluster();
    expect(brokers).toEqual([{ nodeId: 1, host: expect.any(String), port: expect.any(Number) }]);
    expect(controller).toBe(1);
    expect(clusterId).not.toBe('');
  });

  test('without an authorizer ACLs are refused in plain words', async () => {
    await expect(
      admin.createAcls({
        acl: [
          {
            resourceType: 2,
            resourceName: 't',
            resourcePatternType: 3,
            principal: 'User:x',
            host: '*',
            operation: 3,
            permissionType: 3,
          },
        ],
      }),
    ).rejects.toMatchObject({ type: 'SECURITY_DISABLED', code: 54 });
    await expect(
      admin.describeAcls({
        resourceType: 1,
        resourcePatternType: 1,
        operation: 1,
        permissionType: 1,
      }),
    ).rejects.toMatchObject({ type: 'SECURITY_DISABLED', code: 54 });
  });

  test('synonyms of a configuration say where its value would come from', async () => {
    const topic = await newTopic(1);
    const synonymsOf = async (includeSynonyms) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms,
        resources: [
          { type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['max.message.bytes'] },
        ],
      });
      return resources[0].configEntries[0].configSynonyms;
    };
    expect(await synonymsOf(true)).toEqual([
      { configName: 'message.max.bytes', configValue: expect.any(String), configSource: 5 },
    ]);
    expect(await synonymsOf(false)).toEqual([]);
  });
});
