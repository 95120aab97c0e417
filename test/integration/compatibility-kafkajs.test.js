'use strict';

// Programs in the way of KafkaJS's documentation (getting started, producing, consuming, transactions, admin, testing,
// retries, events, loggers): only the import is ours.

const kafkajs = require('../../lib');
const { eventually, until, unique } = require('../shared/clients');

const { Kafka, CompressionTypes, ConfigResourceTypes, Partitioners, logLevel } = kafkajs;
const brokers = () => process.env.EASYFLOW_TEST_BOOTSTRAP.split(',');

describe('KafkaJS programs on real Kafka', () => {
  let kafka;
  const open = [];
  const own = (client) => {
    open.push(client);
    return client;
  };

  beforeEach(() => {
    kafka = new Kafka({ clientId: 'my-app', brokers: brokers(), logLevel: logLevel.NOTHING });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.disconnect()));
  });

  const committedOffsets = async (groupId, topic) => {
    const admin = own(kafka.admin());
    await admin.connect();
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return partitions.map(({ offset }) => offset);
  };

  test('getting started: the topic makes itself, the consumer reads from its beginning', async () => {
    const topic = unique('getting-started');
    const producer = own(kafka.producer());
    const consumer = own(kafka.consumer({ groupId: unique('test-group') }));
    const seen = [];
    const run = async () => {
      await producer.connect();
      await producer.send({ topic, messages: [{ value: 'Hello KafkaJS user!' }] });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ topic: from, partition, message }) => {
          seen.push({ from, partition, offset: message.offset, value: message.value.toString() });
        },
      });
    };
    await run();
    await until(() => seen.length === 1, 'the message');
    expect(seen).toEqual([
      { from: topic, partition: 0, offset: '0', value: 'Hello KafkaJS user!' },
    ]);
  });

  test('a consumer that is there first sees what a topic gets later', async () => {
    const topic = unique('first');
    const consumer = own(kafka.consumer({ groupId: unique('group') }));
    const seen = [];
    const joined = new Promise((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        if (payload.memberAssignment[topic]) resolve(payload);
      });
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void seen.push(`${message.value}`) });
    const producer = own(kafka.producer());
    await producer.connect();
    await producer.send({ topic, messages: [{ key: 'key1', value: 'hello world' }] });
    expect(await joined).toMatchObject({ memberAssignment: { [topic]: [0] } });
    await until(() => seen.length === 1, 'the message');
    expect(seen).toEqual(['hello world']);
  });

  test('producing: keys, headers, partitions, compression, sendBatch', async () => {
    const [a, b] = [unique('topic-a'), unique('topic-b')];
    const admin = own(kafka.admin());
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: a, numPartitions: 2 }, { topic: b }] });
    const producer = own(
      kafka.producer({ allowAutoTopicCreation: false, transactionTimeout: 30_000 }),
    );
    await producer.connect();
    await producer.send({
      topic: a,
      compression: CompressionTypes.GZIP,
      messages: [
        { key: 'key1', value: 'hello world', partition: 0 },
        {
          key: 'key2',
          value: 'hey hey!',
          partition: 1,
          headers: { 'correlation-id': '2bfb68bb', 'system-id': 'my-system', list: ['1', '2'] },
        },
      ],
    });
    const topicMessages = [
      { topic: a, messages: [{ key: 'key', value: 'hello topic-a', partition: 0 }] },
      { topic: b, messages: [{ key: 'key', value: 'hello topic-b', timestamp: '1522187654321' }] },
    ];
    await producer.sendBatch({ topicMessages });
    const consumer = own(kafka.consumer({ groupId: unique('group') }));
    await consumer.connect();
    await consumer.subscribe({ topics: [a, b], fromBeginning: true });
    const seen = [];
    await consumer.run({
      eachMessage: async ({ topic, partition, message }) => {
        seen.push({
          topic,
          partition,
          key: message.key.toString(),
          value: message.value.toString(),
          timestamp: message.timestamp,
          headers: JSON.parse(
            JSON.stringify(message.headers, (_, value) =>
              value?.type === 'Buffer' ? Buffer.from(value.data).toString() : value,
            ),
          ),
        });
      },
    });
    await until(() => seen.length === 4, 'four messages');
    const byValue = Object.fromEntries(seen.map((entry) => [entry.value, entry]));
    expect(byValue['hello world']).toMatchObject({ topic: a, partition: 0, key: 'key1' });
    expect(byValue['hey hey!']).toMatchObject({
      topic: a,
      partition: 1,
      headers: { 'correlation-id': '2bfb68bb', 'system-id': 'my-system', list: ['1', '2'] },
    });
    expect(byValue['hello topic-b']).toMatchObject({ topic: b, timestamp: '1522187654321' });
  });

  test('a custom partitioner, and the one of KafkaJS 1', async () => {
    const topic = unique('partitioned');
    const admin = own(kafka.admin());
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
    const MyPartitioner = () => {
      return ({ partitionMetadata, message }) => {
        expect(partitionMetadata.map(({ partitionId, leader }) => [partitionId, leader])).toEqual(
          expect.arrayContaining([
            [0, 1],
            [1, 1],
            [2, 1],
          ]),
        );
        return message.key === 'vip' ? 2 : 0;
      };
    };
    const producer = own(kafka.producer({ createPartitioner: MyPartitioner }));
    await producer.connect();
    expect(await producer.send({ topic, messages: [{ key: 'vip', value: '1' }] })).toMatchObject([
      { partition: 2 },
    ]);
    const legacy = own(kafka.producer({ createPartitioner: Partitioners.LegacyPartitioner }));
    await legacy.connect();
    const partition = Partitioners.LegacyPartitioner()({
      topic,
      partitionMetadata: [0, 1, 2].map((partitionId) => ({ partitionId, leader: 1 })),
      message: { key: 'order-17', value: '' },
    });
    expect(await legacy.send({ topic, messages: [{ key: 'order-17', value: '2' }] })).toMatchObject(
      [{ partition }],
    );
  });

  test('eachBatch: resolve one by one, stop in the middle, the next run goes on there', async () => {
    const topic = unique('batches');
    const groupId = unique('group');
    const producer = own(kafka.producer());
    await producer.connect();
    await producer.send({
      topic,
      messages: Array.from({ length: 100 }, (_, i) => ({ key: `${i}`, value: `${i}` })),
    });
    const consumer = own(kafka.consumer({ groupId }));
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const processed = [];
    let stopping;
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
        expect(batch).toMatchObject({ topic, partition: 0, highWatermark: '100' });
        for (const message of batch.messages) {
          if (!isRunning() || isStale()) break;
          processed.push(Number(message.value.toString()));
          resolveOffset(message.offset);
          await heartbeat();
          if (processed.length === 42) stopping = consumer.stop();
        }
      },
    });
    await until(() => stopping !== undefined, 'message 42');
    await stopping;
    expect(processed).toHaveLength(42);
    expect(await committedOffsets(groupId, topic)).toEqual(['42']);
    await consumer.run({
      partitionsConsumedConcurrently: 3,
      eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets }) => {
        for (const message of batch.messages) {
          processed.push(Number(message.value.toString()));
          resolveOffset(message.offset);
        }
        await commitOffsetsIfNecessary(uncommittedOffsets());
      },
    });
    await until(() => processed.length === 100, 'the rest');
    expect(processed).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test('manual commits: autoCommit off, commitOffsets of the message behind the last one', async () => {
    const topic = unique('manual');
    const groupId = unique('group');
    const producer = own(kafka.producer());
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] });
    const consumer = own(kafka.consumer({ groupId }));
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const seen = [];
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        seen.push(`${message.value}`);
        if (seen.length !== 2) return;
        await consumer.commitOffsets([
          { topic, partition, offset: (Number(message.offset) + 1).toString() },
        ]);
      },
    });
    await until(() => seen.length === 3, 'three messages');
    await consumer.disconnect();
    expect(await committedOffsets(groupId, topic)).toEqual(['2']);
  });

  test('autoCommitThreshold and autoCommitInterval', async () => {
    const topic = unique('auto-commit');
    const groupId = unique('group');
    const producer = own(kafka.producer());
    await producer.connect();
    await producer.send({
      topic,
      messages: Array.from({ length: 250 }, (_, i) => ({ value: `${i}` })),
    });
    const consumer = own(kafka.consumer({ groupId }));
    const commits = [];
    consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload }) => {
      commits.push(Number(payload.topics[0].partitions[0].offset));
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    let seen = 0;
    await consumer.run({
      autoCommitInterval: 60_000,
      autoCommitThreshold: 100,
      eachMessage: async () => void (seen += 1),
    });
    // The threshold commits long before the interval; messages go on while a commit is on its way.
    await until(() => seen === 250 && commits.at(-1) >= 200, 'commits');
    expect(commits).toEqual([...commits].sort((a, b) => a - b));
    await consumer.disconnect();
    expect(await committedOffsets(groupId, topic)).toEqual(['250']);
  });

  test('pause while another system is down, resume when it is back', async () => {
    const topic = unique('jobs');
    const producer = own(kafka.producer());
    await producer.connect();
    await producer.send({ topic, messages: [{ value: '0' }, { value: '1' }, { value: '2' }] });
    const consumer = own(kafka.consumer({ groupId: unique('group') }));
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const done = [];
    let down = true;
    let resume;
    await consumer.run({
      eachMessage: async ({ message, pause }) => {
        if (down && `${message.value}` === '1') {
          resume = pause();
          throw new Error('too many requests');
        }
        done.push(`${message.value}`);
      },
    });
    await until(() => resume !== undefined, 'the pause');
    expect(consumer.paused()).toEqual([{ topic, partitions: [0] }]);
    expect(done).toEqual(['0']);
    down = false;
    resume();
    await until(() => done.length === 3, 'the rest');
    expect(done).toEqual(['0', '1', '2']);
  });

  test('seek right after run()', async () => {
    const topic = unique('seek');
    const producer = own(kafka.producer());
    await producer.connect();
    await producer.send({
      topic,
      messages: Array.from({ length: 20 }, (_, i) => ({ value: `${i}` })),
    });
    const consumer = own(kafka.consumer({ groupId: unique('group') }));
    await consumer.connect();
    await consumer.subscribe({ topic });
    const seen = [];
    consumer.run({ eachMessage: async ({ message }) => void seen.push(message.offset) });
    consumer.seek({ topic, partition: 0, offset: '15' });
    await until(() => seen.length === 5, 'five messages');
    expect(seen).toEqual(['15', '16', '17', '18', '19']);
  });

  test('a regular expression subscribes to what matches', async () => {
    const prefix = unique('events');
    const topics = ['eu', 'us', 'other'].map((name) => `${prefix}-${name}`);
    const producer = own(kafka.producer());
    await producer.connect();
    for (const topic of topics) await producer.send({ topic, messages: [{ value: topic }] });
    const consumer = own(kafka.consumer({ groupId: unique('group') }));
    await consumer.connect();
    await consumer.subscribe({
      topics: [new RegExp(`${prefix}-(eu|us)$`, 'i')],
      fromBeginning: true,
    });
    const seen = [];
    await consumer.run({ eachMessage: async ({ topic }) => void seen.push(topic) });
    await until(() => seen.length === 2, 'two topics');
    expect(seen.sort()).toEqual(topics.slice(0, 2));
  });

  test('describeGroup and its assignment, decoded', async () => {
    const topic = unique('described');
    const groupId = unique('group');
    const admin = own(kafka.admin());
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
    const consumer = own(kafka.consumer({ groupId }));
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    await consumer.run({ eachMessage: async () => {} });
    await until(() => consumer.assignment().length === 2, 'the assignment');
    const data = await consumer.describeGroup();
    expect(data).toMatchObject({
      errorCode: 0,
      groupId,
      protocolType: 'consumer',
      state: 'Stable',
      members: [{ clientId: 'my-app', clientHost: expect.any(String) }],
    });
    const { AssignerProtocol } = kafkajs;
    const { assignment } = AssignerProtocol.MemberAssignment.decode(
      data.members[0].memberAssignment,
    );
    expect(assignment).toEqual({ [topic]: [0, 1] });
    const { groups } = await admin.describeGroups([groupId]);
    expect(groups).toMatchObject([{ groupId, state: 'Stable' }]);
  });

  test('a transaction with its offsets; the catch of the documentation aborts', async () => {
    const [input, output] = [unique('input'), unique('output')];
    const groupId = unique('group');
    const producer = own(
      kafka.producer({
        transactionalId: unique('my-transactional-producer'),
        maxInFlightRequests: 1,
        idempotent: true,
      }),
    );
    await producer.connect();
    const attempt = async (fail, value, offset) => {
      const transaction = await producer.transaction();
      try {
        await transaction.send({ topic: output, messages: [{ value }] });
        await transaction.sendOffsets({
          consumerGroupId: groupId,
          topics: [{ topic: input, partitions: [{ partition: 0, offset }] }],
        });
        if (fail) throw new Error('business rule');
        await transaction.commit();
      } catch {
        await transaction.abort();
      }
    };
    await own(kafka.admin()).connect();
    const maker = own(kafka.producer());
    await maker.connect();
    await maker.send({ topic: input, messages: [{ value: 'x' }] });
    await attempt(true, 'aborted', '1');
    await attempt(false, 'committed', '2');
    // The commit is answered before its markers are written.
    await eventually(() => committedOffsets(groupId, input), ['2']);
    await maker.send({ topic: output, messages: [{ value: 'end' }] });
    const consumer = own(kafka.consumer({ groupId: unique('group'), readUncommitted: false }));
    await consumer.connect();
    await consumer.subscribe({ topics: [output], fromBeginning: true });
    const seen = [];
    await consumer.run({ eachMessage: async ({ message }) => void seen.push(`${message.value}`) });
    await until(() => seen.at(-1) === 'end', 'the end');
    expect(seen).toEqual(['committed', 'end']);
  });

  test('the admin client, method after method', async () => {
    const topic = unique('custom-topic');
    const groupId = unique('group');
    const admin = own(kafka.admin());
    await admin.connect();
    const config = { topics: [{ topic, numPartitions: 2 }], waitForLeaders: true };
    expect(await admin.createTopics(config)).toBe(true);
    expect(await admin.createTopics(config)).toBe(false);
    expect(await admin.listTopics()).toContain(topic);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    const count = async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0].partitions.length;
    };
    while ((await count()) !== 4);
    const producer = own(kafka.producer());
    await producer.connect();
    const messages = [0, 0, 0, 1].map((partition, i) => ({
      partition,
      value: `${i}`,
      timestamp: `${1_000 + i}`,
    }));
    await producer.send({ topic, messages });
    const offsets = await admin.fetchTopicOffsets(topic);
    expect(offsets.find(({ partition }) => partition === 0)).toEqual({
      partition: 0,
      offset: '3',
      high: '3',
      low: '0',
    });
    const later = await admin.fetchTopicOffsetsByTimestamp(topic, 1_001);
    expect(later.find(({ partition }) => partition === 0)).toEqual({ partition: 0, offset: '1' });
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '2' }] });
    expect((await committedOffsets(groupId, topic))[0]).toBe('2');
    await admin.resetOffsets({ groupId, topic, earliest: true });
    const resolved = await admin.fetchOffsets({ groupId, topics: [topic], resolveOffsets: true });
    expect(resolved[0].partitions.find(({ partition }) => partition === 0).offset).toBe('0');
    const cluster = await admin.describeCluster();
    expect(cluster).toMatchObject({
      brokers: [{ nodeId: 1, host: '127.0.0.1', port: expect.any(Number) }],
      controller: expect.any(Number),
      clusterId: expect.any(String),
    });
    await admin.alterConfigs({
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
    });
    const policy = async () => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          { type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['cleanup.policy'] },
        ],
      });
      return resources[0].configEntries[0];
    };
    while ((await policy()).configValue !== 'compact');
    expect(await policy()).toMatchObject({ configName: 'cleanup.policy', configValue: 'compact' });
    await admin.alterConfigs({
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [{ name: 'cleanup.policy', value: 'delete' }],
        },
      ],
    });
    while ((await policy()).configValue !== 'delete');
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    const [first] = (await admin.fetchTopicOffsets(topic)).filter(
      ({ partition }) => partition === 0,
    );
    expect(first).toMatchObject({ low: '2', high: '3' });
    expect((await admin.listGroups()).groups).toEqual(
      expect.arrayContaining([expect.objectContaining({ groupId })]),
    );
    expect(await admin.deleteGroups([groupId])).toMatchObject([{ groupId, errorCode: 0 }]);
    await admin.deleteTopics({ topics: [topic] });
    while ((await admin.listTopics()).includes(topic));
  });

  test('errors are told apart as the documentation does it', async () => {
    const { KafkaJSError, KafkaJSNonRetriableError, KafkaJSProtocolError } = kafkajs;
    const admin = own(kafka.admin());
    await admin.connect();
    const failure = await admin.fetchTopicMetadata({ topics: [unique('missing')] }).catch((e) => e);
    expect(failure).toBeInstanceOf(KafkaJSProtocolError);
    expect(failure).toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION', code: 3 });
    const deleted = await admin.deleteGroups([unique('a')]).catch((e) => e);
    expect(deleted).toMatchObject({
      name: 'KafkaJSDeleteGroupsError',
      groups: [{ error: expect.any(KafkaJSError) }],
    });
    expect(() => kafka.consumer({})).toThrow(KafkaJSNonRetriableError);
  });

  test('a custom logger gets namespace, level, label and log', async () => {
    const lines = [];
    const MyLogCreator = (level) => {
      expect(level).toBe(logLevel.DEBUG);
      return ({ namespace, level: own, label, log }) => {
        const { message, ...extra } = log;
        lines.push({ namespace, own, label, message, extra });
      };
    };
    const logging = new Kafka({
      clientId: 'my-app',
      brokers: brokers(),
      logLevel: logLevel.DEBUG,
      logCreator: MyLogCreator,
    });
    const producer = own(logging.producer());
    await producer.connect();
    producer.logger().info('hello', { a: 1 });
    expect(lines).toContainEqual(
      expect.objectContaining({
        own: logLevel.INFO,
        label: 'INFO',
        message: 'hello',
        extra: expect.objectContaining({ a: 1, timestamp: expect.any(String) }),
      }),
    );
  });

  test('a test in the way of its chapter on testing: produce, consume, compare', async () => {
    const topic = unique('test-topic');
    const expected = Array.from({ length: 10 }, (_, i) => ({ key: `k${i}`, value: `v${i}` }));
    const producer = own(kafka.producer());
    const consumer = own(kafka.consumer({ groupId: unique('consumer-group') }));
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const consumed = [];
    const all = new Promise((resolve) => {
      consumer.run({
        eachMessage: async ({ message }) => {
          consumed.push({ key: message.key.toString(), value: message.value.toString() });
          if (consumed.length === expected.length) resolve();
        },
      });
    });
    await producer.connect();
    await producer.send({ topic, messages: expected });
    await all;
    expect(consumed).toEqual(expected);
  });
});
