'use strict';

// Programs written for @confluentinc/kafka-javascript's promisified API: `KafkaJS` of the package, KafkaJS's options in a
// `kafkaJS` block, librdkafka's properties beside it.

const pkg = require('../../lib');
const { until, unique } = require('../shared/clients');

const { Kafka, CompressionTypes, ErrorCodes, PartitionAssignors, isKafkaJSError, logLevel } =
  pkg.KafkaJS;
const brokers = () => process.env.EASYFLOW_TEST_BOOTSTRAP.split(',');

describe('confluent-kafka-javascript programs on real Kafka', () => {
  const open = [];
  const own = (client) => {
    open.push(client);
    return client;
  };
  beforeEach(() => {
    process.env.KAFKAJS_LOG_LEVEL = 'NOTHING';
  });
  afterEach(async () => {
    delete process.env.KAFKAJS_LOG_LEVEL;
    await Promise.all(open.splice(0).map((client) => client.disconnect()));
  });
  const quiet = () => ({ kafkaJS: { brokers: brokers(), logLevel: logLevel.NOTHING } });

  async function valuesOf(topic, count) {
    const consumer = own(
      new Kafka(quiet()).consumer({ kafkaJS: { groupId: unique('reader'), fromBeginning: true } }),
    );
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    const values = [];
    await consumer.run({
      eachMessage: async ({ message }) => void values.push(`${message.value}`),
    });
    await until(() => values.length >= count, `${count} messages`);
    await consumer.disconnect();
    return values;
  }

  test('quick start with librdkafka properties alone', async () => {
    const topic = unique('quick-start');
    const producer = own(new Kafka().producer({ 'bootstrap.servers': brokers().join(',') }));
    await producer.connect();
    const deliveryReports = await producer.send({
      topic,
      messages: [
        { value: 'v222', partition: 0 },
        { value: 'v11', partition: 0, key: 'x' },
      ],
    });
    expect(deliveryReports).toMatchObject([{ topicName: topic, partition: 0, baseOffset: '0' }]);
    const consumer = own(
      new Kafka().consumer({
        'bootstrap.servers': brokers().join(','),
        'group.id': unique('test'),
        'auto.offset.reset': 'earliest',
      }),
    );
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    const seen = [];
    consumer.run({
      eachMessage: async ({ partition, message }) => {
        seen.push([partition, message.offset, message.key?.toString(), message.value.toString()]);
      },
    });
    await until(() => seen.length === 2, 'two messages');
    expect(seen).toEqual([
      [0, '0', undefined, 'v222'],
      [0, '1', 'x', 'v11'],
    ]);
  });

  test('a program migrated from KafkaJS: acks, compression, timeout of the producer; fromBeginning of the consumer', async () => {
    const topic = unique('migrated');
    const groupId = unique('group');
    const kafka = new Kafka({
      kafkaJS: { clientId: 'my-app', brokers: brokers(), logLevel: logLevel.NOTHING },
    });
    const producer = own(
      kafka.producer({
        kafkaJS: { acks: 1, compression: CompressionTypes.GZIP, timeout: 30_000 },
        'linger.ms': 5,
      }),
    );
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'Hello!' }, { value: 'Hello again!' }] });
    const consumer = own(
      kafka.consumer({
        kafkaJS: {
          groupId,
          fromBeginning: true,
          autoCommit: true,
          autoCommitInterval: 200,
          partitionAssignors: [PartitionAssignors.roundRobin],
        },
      }),
    );
    await consumer.connect();
    await consumer.subscribe({ topic });
    const seen = [];
    await consumer.run({ eachMessage: async ({ message }) => void seen.push(`${message.value}`) });
    await until(() => seen.length === 2, 'two messages');
    expect(seen).toEqual(['Hello!', 'Hello again!']);
    const committed = async () => (await consumer.committed([{ topic, partition: 0 }]))[0].offset;
    while ((await committed()) !== '2');
    expect(consumer.assignment()).toEqual([{ topic, partition: 0 }]);
  });

  test('autoCommit: false, and commitOffsets() without arguments commits what was handled', async () => {
    const topic = unique('manual');
    const kafka = new Kafka(quiet());
    const producer = own(kafka.producer());
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'a' }, { value: 'b' }] });
    const consumer = own(
      kafka.consumer({
        kafkaJS: { groupId: unique('group'), fromBeginning: true, autoCommit: false },
      }),
    );
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    let seen = 0;
    await consumer.run({ eachMessage: async () => void (seen += 1) });
    await until(() => seen === 2, 'two messages');
    const offset = async () => (await consumer.committed([{ topic, partition: 0 }]))[0].offset;
    expect(await offset()).toBe(null);
    await consumer.commitOffsets([{ topic, partition: 0, offset: '1' }]);
    expect(await offset()).toBe('1');
    await consumer.commitOffsets();
    expect(await offset()).toBe('2');
  });

  test('many sends without await, then flush()', async () => {
    const topic = unique('flush');
    const producer = own(new Kafka(quiet()).producer({ 'linger.ms': 100 }));
    await producer.connect();
    for (let i = 0; i < 500; i += 1) producer.send({ topic, messages: [{ value: `${i}` }] });
    await producer.flush({ timeout: 20_000 });
    expect(await valuesOf(topic, 500)).toEqual(Array.from({ length: 500 }, (_, i) => `${i}`));
  });

  test('a transaction: sends of the producer join it, sendOffsets() takes the consumer', async () => {
    const [input, output] = [unique('input'), unique('output')];
    const groupId = unique('group');
    const kafka = new Kafka(quiet());
    const plain = own(kafka.producer());
    await plain.connect();
    await plain.send({ topic: input, messages: [{ value: '1' }, { value: '2' }] });
    const producer = own(kafka.producer({ kafkaJS: { transactionalId: unique('tx') } }));
    await producer.connect();
    const consumer = own(
      kafka.consumer({ kafkaJS: { groupId, fromBeginning: true, autoCommit: false } }),
    );
    await consumer.connect();
    await consumer.subscribe({ topics: [input] });
    let done = 0;
    await consumer.run({
      eachMessage: async ({ topic, partition, message }) => {
        const transaction = await producer.transaction();
        await transaction.send({ topic: output, messages: [{ value: `${message.value}0` }] });
        await producer.send({ topic: output, messages: [{ value: `${message.value}1` }] });
        await transaction.sendOffsets({
          consumer,
          topics: [{ topic, partitions: [{ partition, offset: `${Number(message.offset) + 1}` }] }],
        });
        if (done === 0 && !consumer.failed) {
          consumer.failed = true;
          await transaction.abort();
          throw new Error('again, please');
        }
        await producer.commit();
        done += 1;
      },
    });
    await until(() => done === 2, 'two transactions');
    expect(await valuesOf(output, 4)).toEqual(['10', '11', '20', '21']);
    const [{ offset }] = await consumer.committed([{ topic: input, partition: 0 }]);
    expect(offset).toBe('2');
  });

  test('admin: results in its shapes', async () => {
    const topic = unique('admin');
    const groupId = unique('group');
    const kafka = new Kafka(quiet());
    const admin = own(kafka.admin());
    await admin.connect();
    expect(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })).toBe(true);
    const [metadata] = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(metadata).toMatchObject({
      name: topic,
      isInternal: false,
      topicId: { base64str: expect.any(String), mostSignificantBits: expect.any(BigInt) },
    });
    const [partition] = metadata.partitions;
    expect(partition.leaderNode).toEqual({
      id: partition.leader,
      host: expect.any(String),
      port: expect.any(Number),
    });
    expect(partition.isrNodes).toEqual([partition.leaderNode]);
    expect(await admin.listTopics()).toContain(topic);

    const producer = own(kafka.producer());
    await producer.connect();
    await producer.send({
      topic,
      messages: [
        { value: 'a', partition: 0 },
        { value: 'b', partition: 0 },
      ],
    });
    const consumer = own(kafka.consumer({ kafkaJS: { groupId, fromBeginning: true } }));
    expect(consumer.rebalanceProtocol()).toBe('NONE');
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    let seen = 0;
    await consumer.run({ eachMessage: async () => void (seen += 1) });
    await until(() => seen === 2, 'two messages');
    await consumer.commitOffsets();
    expect(consumer.rebalanceProtocol()).toBe('EAGER');

    const { ConsumerGroupStates, ConsumerGroupTypes, IsolationLevel } = pkg.KafkaJS;
    const listed = await admin.listGroups({
      matchConsumerGroupStates: [ConsumerGroupStates.STABLE],
    });
    expect(listed.errors).toEqual([]);
    expect(listed.groups).toContainEqual({
      groupId,
      protocolType: 'consumer',
      isSimpleConsumerGroup: false,
      state: ConsumerGroupStates.STABLE,
      type: ConsumerGroupTypes.CLASSIC,
    });
    const { groups } = await admin.describeGroups([groupId]);
    expect(groups).toMatchObject([
      {
        groupId,
        state: ConsumerGroupStates.STABLE,
        coordinator: { id: expect.any(Number) },
        members: [
          {
            assignment: {
              topicPartitions: [
                { topic, partition: 0 },
                { topic, partition: 1 },
              ],
            },
          },
        ],
      },
    ]);
    expect(
      await admin.fetchOffsets({ groupId, topics: [{ topic, partitions: [0] }] }),
    ).toMatchObject([
      { topic, partitions: [{ partition: 0, offset: '2', metadata: null, error: null }] },
    ]);
    expect(
      await admin.fetchTopicOffsets(topic, { isolationLevel: IsolationLevel.READ_COMMITTED }),
    ).toMatchObject([{ high: '2' }, { high: '0' }]);
    await expect(admin.fetchTopicOffsets(topic, { isolationLevel: 7 })).rejects.toThrow(
      'Expected a value of IsolationLevel for isolationLevel but received 7',
    );
    expect(
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] }),
    ).toEqual([{ topic, partition: 0, lowWatermark: 1, error: null }]);
    await consumer.disconnect();
    expect(await admin.deleteGroups([groupId])).toMatchObject([{ groupId }]);
    await admin.deleteTopics({ topics: [topic] });
  });

  test('dependentAdmin(): connects while its client is connected and ends with it', async () => {
    const producer = own(new Kafka(quiet()).producer());
    const admin = own(producer.dependentAdmin());
    await expect(admin.connect()).rejects.toMatchObject({ errorCode: 'ERR_KAFKA_NOT_CONNECTED' });
    await producer.connect();
    await admin.connect();
    expect(Array.isArray(await admin.listTopics())).toBe(true);
    const ended = new Promise((resolve) => {
      admin.on(admin.events.DISCONNECT, resolve);
    });
    await producer.disconnect();
    await ended;
  });

  test('errors by code, and by what they are', async () => {
    const kafka = new Kafka(quiet());
    const topic = unique('errors');
    const admin = own(kafka.admin());
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const producer = own(kafka.producer({ 'topic.metadata.propagation.max.ms': 300 }));
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'x' }] });
    const error = await producer
      .send({ topic, messages: [{ value: 'x', partition: 77 }] })
      .catch((e) => e);
    expect(isKafkaJSError(error)).toBe(true);
    expect(error.code).toBe(ErrorCodes.ERR_UNKNOWN_TOPIC_OR_PART);
    expect(() => kafka.producer({ kafkaJS: {}, 'linger.msx': 5 })).toThrow(/linger\.msx/);
  });
});
