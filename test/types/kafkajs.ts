// Code as KafkaJS's documentation has it, import aside.

import {
  Kafka,
  Producer,
  Consumer,
  Admin,
  ProducerRecord,
  EachMessagePayload,
  CompressionTypes,
  Partitioners,
  PartitionAssigners,
  logLevel,
  KafkaJSError,
  KafkaJSProtocolError,
  KafkaJSNonRetriableError,
  RecordMetadata,
  LogEntry,
  ConfigResourceTypes,
  EmbeddedKafka,
} from 'easyflow-kafka';

const kafka = new Kafka({
  clientId: 'my-app',
  brokers: async () => ['kafka1:9092'],
  ssl: { rejectUnauthorized: false, ca: ['pem'], key: 'k', cert: 'c' },
  sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' },
  connectionTimeout: 3000,
  retry: { initialRetryTime: 100, retries: 8 },
  logLevel: logLevel.ERROR,
  logCreator:
    () =>
    ({ namespace, level, label, log }: LogEntry) => {
      console.log(namespace, level, label, log.message);
    },
  librdkafka: { 'linger.ms': 5 },
});

async function produce(): Promise<RecordMetadata[]> {
  const producer: Producer = kafka.producer({
    createPartitioner: Partitioners.LegacyPartitioner,
    idempotent: true,
    transactionalId: 't',
    maxInFlightRequests: 1,
    onQueueFull: 'reject',
  });
  const remove = producer.on(producer.events.CONNECT, (event) => console.log(event.timestamp));
  remove();
  await producer.connect();
  const record: ProducerRecord = {
    topic: 't',
    messages: [
      {
        key: 'k',
        value: 'v',
        headers: { a: 'b', c: Buffer.from('d'), e: ['f', Buffer.from('g')] },
      },
      { value: null, partition: 1, timestamp: Date.now().toString() },
    ],
    acks: 1,
    compression: CompressionTypes.GZIP,
    signal: new AbortController().signal,
  };
  const transaction = await producer.transaction();
  await transaction.send({ topic: 't', messages: [{ value: 'v' }] });
  await transaction.sendOffsets({
    consumerGroupId: 'g',
    topics: [{ topic: 't', partitions: [{ partition: 0, offset: '5' }] }],
  });
  await transaction.commit();
  producer.on(producer.events.STATISTICS, ({ payload }) =>
    console.log(payload.brokers[0]?.rttUs.p99),
  );
  return producer.send(record);
}

async function consume(): Promise<void> {
  const consumer: Consumer = kafka.consumer({
    groupId: 'g',
    partitionAssigners: [PartitionAssigners.cooperativeSticky],
    retry: { restartOnFailure: async () => true },
    groupInstanceId: 'i',
    onPartitionsRevoked: async (partitions, { lost }) => console.log(partitions[0]?.topic, lost),
  });
  await consumer.subscribe({ topics: ['t', /^u/], fromBeginning: true });
  consumer.on(consumer.events.CRASH, ({ payload }) => console.log(payload.restart, payload.error));
  consumer.on('consumer.group_join', ({ payload }) => console.log(payload.memberAssignment));
  await consumer.run({
    partitionsConsumedConcurrently: 3,
    eachMessage: async ({ topic, partition, message, heartbeat, pause }: EachMessagePayload) => {
      console.log(topic, partition, message.offset, message.value?.toString(), message.headers.a);
      await heartbeat();
      pause()();
    },
  });
  await consumer.run({
    eachBatch: async ({ batch, resolveOffset, isRunning, isStale, commitOffsetsIfNecessary }) => {
      for (const message of batch.messages) {
        if (!isRunning() || isStale()) break;
        resolveOffset(message.offset);
        await commitOffsetsIfNecessary();
      }
    },
  });
  consumer.seek({ topic: 't', partition: 0, offset: '5' });
  await consumer.commitOffsets([{ topic: 't', partition: 0, offset: '5', metadata: null }]);
  for await (const batch of consumer.batches({ autoCommit: false })) await batch.commit();
  for await (const message of consumer.stream()) console.log(message.json<{ id: string }>()?.id);
  const lag: string | null | undefined = (await consumer.lag())[0]?.lag;
  console.log(lag);
}

async function administer(): Promise<void> {
  const admin: Admin = kafka.admin();
  await admin.createTopics({ topics: [{ topic: 't', numPartitions: 3 }] });
  await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: 't' }],
  });
  const { controller } = await admin.describeCluster();
  console.log(controller);
}

function failures(error: unknown): number | undefined {
  if (error instanceof KafkaJSProtocolError) return error.code;
  if (error instanceof KafkaJSNonRetriableError) return undefined;
  if (error instanceof KafkaJSError && error.errorCode === 'ERR_KAFKA_QUEUE_FULL') return 0;
  return undefined;
}

async function embedded(): Promise<void> {
  const cluster = await EmbeddedKafka.start({
    brokers: 3,
    topics: ['a', { topic: 'b', partitions: 2 }],
  });
  cluster.pushRequestErrors('Produce', ['NOT_LEADER_FOR_PARTITION', 6]);
  await cluster.stop();
}

// @ts-expect-error: brokers are missing
new Kafka({ clientId: 'x', brokers: 5 });
// @ts-expect-error: no such option
kafka.producer({ idempotant: true });
// @ts-expect-error: a value is needed
({ topic: 't', messages: [{ key: 'k' }] }) satisfies ProducerRecord;

export { produce, consume, administer, failures, embedded };
