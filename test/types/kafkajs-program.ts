// A program written for KafkaJS 2.2, compiled here against KafkaJS's own types. test/unit/types.test.js compiles it
// once more with nothing but the next import changed.
import {
  Admin,
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  AssignerProtocol,
  Batch,
  CompressionCodecs,
  CompressionTypes,
  ConfigResourceTypes,
  ConfigSource,
  Consumer,
  ConsumerConfig,
  ConsumerCrashEvent,
  ConsumerRunConfig,
  ConsumerSubscribeTopics,
  EachBatchPayload,
  EachMessagePayload,
  GroupDescription,
  ICustomPartitioner,
  IHeaders,
  InstrumentationEvent,
  ITopicConfig,
  Kafka,
  KafkaConfig,
  KafkaJSConnectionError,
  KafkaJSDeleteGroupsError,
  KafkaJSDeleteTopicRecordsError,
  KafkaJSError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
  KafkaMessage,
  LogEntry,
  Logger,
  Message,
  Offsets,
  PartitionerArgs,
  Partitioners,
  Producer,
  ProducerBatch,
  ProducerConfig,
  ProducerRecord,
  RecordMetadata,
  ResourcePatternTypes,
  RetryOptions,
  SASLOptions,
  TopicMessages,
  TopicPartitionOffsetAndMetadata,
  Transaction,
  logCreator,
  logLevel,
} from 'kafkajs';

// ── Kafka ────────────────────────────────────────────────────────────────────────────────────────

const toCustomLog: logCreator = (level: logLevel) => {
  const prefix = `level ${level}`;
  return ({ namespace, level: entryLevel, label, log }: LogEntry) => {
    const { message, timestamp, ...extra } = log;
    console.log(prefix, namespace, entryLevel === logLevel.ERROR, label, message, timestamp, extra);
  };
};

const retry: RetryOptions = {
  maxRetryTime: 30_000,
  initialRetryTime: 300,
  factor: 0.2,
  multiplier: 2,
  retries: 5,
  restartOnFailure: async (error: Error) => error.message !== 'stop',
};

const sasl: SASLOptions = { mechanism: 'scram-sha-256', username: 'u', password: 'p' };
const tokens: SASLOptions = {
  mechanism: 'oauthbearer',
  oauthBearerProvider: async () => ({ value: 'token' }),
};

const config: KafkaConfig = {
  clientId: 'my-app',
  brokers: ['kafka1:9092', 'kafka2:9092'],
  ssl: { rejectUnauthorized: false, ca: ['ca'], key: 'key', cert: 'cert' },
  sasl,
  connectionTimeout: 3_000,
  authenticationTimeout: 10_000,
  reauthenticationThreshold: 10_000,
  requestTimeout: 25_000,
  enforceRequestTimeout: false,
  retry,
  logLevel: logLevel.WARN,
  logCreator: toCustomLog,
};

const kafka = new Kafka(config);
const discovered = new Kafka({ brokers: async () => ['kafka:9092'], ssl: true, sasl: tokens });
const logger: Logger = kafka.logger();
logger.setLogLevel(logLevel.DEBUG);
logger.namespace('mine', logLevel.INFO).info('message', { extra: 1 });

// ── Producer ─────────────────────────────────────────────────────────────────────────────────────

const myPartitioner: ICustomPartitioner = () => {
  return ({ topic, partitionMetadata, message }: PartitionerArgs) =>
    message.key ? 0 : (partitionMetadata[0]?.partitionId ?? topic.length);
};

const producerConfig: ProducerConfig = {
  createPartitioner: myPartitioner,
  retry,
  metadataMaxAge: 300_000,
  allowAutoTopicCreation: true,
  transactionTimeout: 60_000,
  idempotent: true,
  maxInFlightRequests: 1,
  transactionalId: 'tx',
};

const headers: IHeaders = {
  'correlation-id': 'x',
  binary: Buffer.from('y'),
  repeated: ['a', Buffer.from('b')],
};
const message: Message = {
  key: 'k',
  value: Buffer.from('v'),
  partition: 0,
  headers,
  timestamp: Date.now().toString(),
};

async function produce(): Promise<RecordMetadata[]> {
  const producer: Producer = kafka.producer(producerConfig);
  kafka.producer();
  kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  kafka.producer({ createPartitioner: Partitioners.LegacyPartitioner });
  kafka.producer({ createPartitioner: Partitioners.JavaCompatiblePartitioner });
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: async (encoder: { buffer: Buffer }) => encoder.buffer,
    decompress: async (buffer: Buffer) => buffer,
  });
  const record: ProducerRecord = {
    topic: 't',
    messages: [message, { value: null }],
    acks: -1,
    timeout: 30_000,
    compression: CompressionTypes.GZIP,
  };
  await producer.connect();
  const [first] = await producer.send(record);
  const offset: string | undefined = first?.baseOffset;
  const code: number | undefined = first?.errorCode;
  console.log(first?.topicName, first?.partition, offset, code, first?.logAppendTime);
  const topicMessages: TopicMessages[] = [{ topic: 't', messages: [message] }];
  const batch: ProducerBatch = { acks: 1, timeout: 1, compression: 2, topicMessages };
  const result = await producer.sendBatch(batch);
  const idempotent: boolean = producer.isIdempotent();
  console.log(idempotent);

  const transaction: Transaction = await producer.transaction();
  try {
    await transaction.send(record);
    await transaction.sendBatch(batch);
    const offsets: Offsets = {
      topics: [{ topic: 't', partitions: [{ partition: 0, offset: '5' }] }],
    };
    await transaction.sendOffsets({ consumerGroupId: 'g', ...offsets });
    await transaction.commit();
  } catch {
    if (transaction.isActive()) await transaction.abort();
  }
  const { CONNECT, DISCONNECT, REQUEST, REQUEST_TIMEOUT, REQUEST_QUEUE_SIZE } = producer.events;
  const removeListener = producer.on(CONNECT, (event) => console.log(event.id, event.timestamp));
  producer.on(DISCONNECT, () => {});
  producer.on(REQUEST, ({ payload }) => console.log(payload.apiName, payload.duration));
  producer.on(REQUEST_TIMEOUT, ({ payload }) => console.log(payload.broker));
  producer.on(REQUEST_QUEUE_SIZE, ({ payload }) => console.log(payload.queueSize));
  removeListener();
  producer.logger().error('e');
  await producer.disconnect();
  return result;
}

// ── Consumer ─────────────────────────────────────────────────────────────────────────────────────

const consumerConfig: ConsumerConfig = {
  groupId: 'g',
  metadataMaxAge: 300_000,
  sessionTimeout: 30_000,
  rebalanceTimeout: 60_000,
  heartbeatInterval: 3_000,
  maxBytesPerPartition: 1_048_576,
  minBytes: 1,
  maxBytes: 10_485_760,
  maxWaitTimeInMs: 5_000,
  retry,
  allowAutoTopicCreation: true,
  maxInFlightRequests: 1,
  readUncommitted: false,
  rackId: 'rack',
};

async function eachMessage({
  topic,
  partition,
  message: { key, value, headers: own, offset, timestamp, attributes },
  heartbeat,
  pause,
}: EachMessagePayload): Promise<void> {
  const resume = pause();
  setTimeout(resume, 1_000);
  await heartbeat();
  console.log(topic, partition, key?.toString(), value?.toString(), offset, timestamp, attributes);
  const header = own?.['correlation-id'];
  console.log(header?.toString(), Array.isArray(header) && header.length);
}

async function eachBatch(payload: EachBatchPayload): Promise<void> {
  const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, isRunning, isStale } = payload;
  const typed: Batch = batch;
  console.log(typed.highWatermark, typed.isEmpty(), typed.firstOffset(), typed.lastOffset());
  console.log(typed.offsetLag(), typed.offsetLagLow(), typed.topic, typed.partition);
  for (const each of batch.messages) {
    if (!isRunning() || isStale()) break;
    const kept: KafkaMessage = each;
    resolveOffset(kept.offset);
    await heartbeat();
  }
  await commitOffsetsIfNecessary();
  await commitOffsetsIfNecessary(payload.uncommittedOffsets());
  payload.pause()();
}

async function consume(): Promise<void> {
  const consumer: Consumer = kafka.consumer(consumerConfig);
  await consumer.connect();
  const topics: ConsumerSubscribeTopics = { topics: ['t', /^u-.*/i], fromBeginning: true };
  await consumer.subscribe(topics);
  await consumer.subscribe({ topic: 'old', fromBeginning: false });
  const run: ConsumerRunConfig = {
    autoCommit: true,
    autoCommitInterval: 5_000,
    autoCommitThreshold: 100,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 3,
    eachBatch,
  };
  await consumer.run(run);
  await consumer.run({ eachMessage });
  consumer.pause([{ topic: 't' }, { topic: 'u', partitions: [1, 2] }]);
  const paused: { topic: string; partitions: number[] }[] = consumer.paused();
  consumer.resume(paused);
  consumer.seek({ topic: 't', partition: 0, offset: '12384' });
  const commits: TopicPartitionOffsetAndMetadata[] = [
    { topic: 't', partition: 0, offset: '31004', metadata: 'm' },
  ];
  await consumer.commitOffsets(commits);
  const description: GroupDescription = await consumer.describeGroup();
  for (const member of description.members) {
    const assigned = AssignerProtocol.MemberAssignment.decode(member.memberAssignment);
    const metadata = AssignerProtocol.MemberMetadata.decode(member.memberMetadata);
    console.log(member.memberId, assigned?.assignment['t'], metadata?.topics);
  }
  const { events } = consumer;
  consumer.on(events.HEARTBEAT, ({ payload }) => console.log(payload.memberId));
  consumer.on(events.COMMIT_OFFSETS, ({ payload }) => console.log(payload.topics[0]?.partitions));
  consumer.on(events.GROUP_JOIN, ({ payload }) => console.log(payload.memberAssignment['t']));
  consumer.on(events.FETCH_START, () => {});
  consumer.on(events.FETCH, ({ payload }) => console.log(payload.numberOfBatches));
  consumer.on(events.START_BATCH_PROCESS, ({ payload }) => console.log(payload.firstOffset));
  consumer.on(events.END_BATCH_PROCESS, ({ payload }) => console.log(payload.duration));
  consumer.on(events.STOP, () => {});
  consumer.on(events.CONNECT, () => {});
  consumer.on(events.DISCONNECT, () => {});
  consumer.on(events.REBALANCING, ({ payload }) => console.log(payload.groupId));
  consumer.on(events.RECEIVED_UNSUBSCRIBED_TOPICS, ({ payload }) =>
    console.log(payload.topicsNotSubscribed),
  );
  consumer.on(events.CRASH, (event: ConsumerCrashEvent) => {
    const { error, restart, groupId } = event.payload;
    console.log(error.message, restart, groupId);
  });
  await consumer.stop();
  await consumer.disconnect();
}

// ── Admin ────────────────────────────────────────────────────────────────────────────────────────

const acl = {
  resourceType: AclResourceTypes.TOPIC,
  resourceName: 't',
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal: 'User:bob',
  host: '*',
  operation: AclOperationTypes.ALL,
  permissionType: AclPermissionTypes.DENY,
};

async function administer(): Promise<void> {
  const admin: Admin = discovered.admin({ retry });
  await admin.connect();
  const names: string[] = await admin.listTopics();
  const topic: ITopicConfig = {
    topic: 't',
    numPartitions: 3,
    replicationFactor: 1,
    replicaAssignment: [{ partition: 0, replicas: [0, 1] }],
    configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
  };
  const created: boolean = await admin.createTopics({
    validateOnly: false,
    waitForLeaders: true,
    timeout: 5_000,
    topics: [topic],
  });
  await admin.deleteTopics({ topics: names, timeout: 5_000 });
  const more: boolean = await admin.createPartitions({
    topicPartitions: [{ topic: 't', count: 6, assignments: [[0], [1]] }],
  });
  const { topics } = await admin.fetchTopicMetadata({ topics: ['t'] });
  console.log(created, more, topics[0]?.partitions[0]?.leader, topics[0]?.name);
  const offsets = await admin.fetchTopicOffsets('t');
  console.log(offsets[0]?.high, offsets[0]?.low, offsets[0]?.offset, offsets[0]?.partition);
  await admin.fetchTopicOffsetsByTimestamp('t', Date.now());
  const committed = await admin.fetchOffsets({ groupId: 'g', topics: ['t'], resolveOffsets: true });
  console.log(committed[0]?.partitions[0]?.metadata);
  await admin.setOffsets({ groupId: 'g', topic: 't', partitions: [{ partition: 0, offset: '3' }] });
  await admin.resetOffsets({ groupId: 'g', topic: 't', earliest: true });
  const cluster = await admin.describeCluster();
  console.log(cluster.brokers[0]?.nodeId, cluster.controller, cluster.clusterId);
  const described = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: 't', configNames: ['cleanup.policy'] }],
  });
  const entry = described.resources[0]?.configEntries[0];
  console.log(entry?.configName, entry?.configSource === ConfigSource.DEFAULT_CONFIG);
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: 't',
        configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
      },
    ],
  });
  const { groups } = await admin.listGroups();
  const descriptions = await admin.describeGroups(groups.map(({ groupId }) => groupId));
  console.log(descriptions.groups[0]?.state, groups[0]?.protocolType);
  await admin.deleteGroups(['g']);
  await admin.deleteTopicRecords({ topic: 't', partitions: [{ partition: 0, offset: '30' }] });
  await admin.createAcls({ acl: [acl] });
  const acls = await admin.describeAcls(acl);
  console.log(acls.resources[0]?.acls[0]?.principal);
  const deleted = await admin.deleteAcls({ filters: [acl] });
  console.log(deleted.filterResponses[0]?.matchingAcls[0]?.host);
  await admin.alterPartitionReassignments({
    topics: [{ topic: 't', partitionAssignment: [{ partition: 0, replicas: [1] }] }],
  });
  const moving = await admin.listPartitionReassignments({
    topics: [{ topic: 't', partitions: [0] }],
  });
  console.log(moving.topics[0]?.partitions[0]?.addingReplicas);
  admin.on(admin.events.CONNECT, (event: InstrumentationEvent<unknown>) => console.log(event.type));
  admin.logger().info('i');
  await admin.disconnect();
}

// ── Errors ───────────────────────────────────────────────────────────────────────────────────────

function describe(error: unknown): string {
  if (error instanceof KafkaJSNumberOfRetriesExceeded) return `${error.retryCount}`;
  if (error instanceof KafkaJSProtocolError) return `${error.type} ${error.code}`;
  if (error instanceof KafkaJSConnectionError) return error.broker;
  if (error instanceof KafkaJSDeleteGroupsError) return `${error.groups[0]?.groupId}`;
  if (error instanceof KafkaJSDeleteTopicRecordsError) return error.message;
  if (error instanceof KafkaJSNonRetriableError) return error.name;
  if (error instanceof KafkaJSError) return `${error.retriable} ${error.helpUrl}`;
  throw new KafkaJSNonRetriableError('unknown');
}

export { produce, consume, administer, describe };
