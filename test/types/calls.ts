// Every public call that KafkaJS does not have, with the exact type of what it gives.

import {
  Admin,
  ConsumerConfig,
  Consumer,
  DetachedMessage,
  EmbeddedKafka,
  IteratedBatch,
  Kafka,
  KafkaJSAbortedError,
  KafkaJSClosedError,
  KafkaJSError,
  KafkaJSQueueFullError,
  KafkaJSUnsupportedError,
  KafkaMessage,
  PartitionAssigners,
  Producer,
  ProducerConfig,
  TopicPartition,
  Transaction,
  features,
  librdkafkaVersion,
} from 'easyflow-kafka';

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only where the value's type is exactly this one. */
function expectType<Expected>() {
  return <Actual>(
    _value: Actual,
    ..._same: Same<Actual, Expected> extends true ? [] : [never]
  ) => {};
}

expectType<string>()(librdkafkaVersion);
expectType<string>()(features);

const kafka = new Kafka({
  brokers: ['b:9092'],
  disconnectTimeout: 1_000,
  librdkafka: { 'socket.keepalive.enable': true, 'metadata.max.age.ms': 5 },
});
const { signal } = new AbortController();

const producerOptions: ProducerConfig = {
  acks: 1,
  compression: 'zstd',
  timeout: 1_000,
  maxQueuedBytes: 1 << 20,
  maxQueuedMessages: 1_000,
  onQueueFull: 'reject',
  disconnectTimeout: 1_000,
  statisticsIntervalMs: 1_000,
  librdkafka: { 'linger.ms': 0 },
};

export async function producerCalls(producer: Producer, consumer: Consumer): Promise<void> {
  expectType<Producer>()(kafka.producer(producerOptions));
  expectType<void>()(await producer.flush());
  expectType<void>()(await producer.flush({ timeout: 100, signal }));
  expectType<{ bytes: number; messages: number; waitingSends: number }>()(producer.queued);
  await producer.send({
    topic: 't',
    signal,
    messages: [
      { key: new Uint8Array(1), value: 'v', timestamp: 5n },
      { value: null, timestamp: new Date(), headers: { none: null, some: ['a', null] } },
      { value: 'v', timestamp: 1, partition: null, key: null, headers: null },
    ],
  });
  const transaction = await producer.transaction();
  expectType<Transaction>()(transaction);
  await transaction.sendOffsets({ consumer, topics: [] });
  expectType<boolean>()(producer.isActive());
  await producer.commit();
  await producer.abort();
  await producer.sendOffsets({ consumer, topics: [] });
  producer.on(producer.events.STATISTICS, ({ payload }) => {
    expectType<number>()(payload.brokers[0]!.rttUs.p99);
  });
  // @ts-expect-error: no such way
  kafka.producer({ onQueueFull: 'drop' });
  // @ts-expect-error: neither consumer nor consumerGroupId
  await transaction.sendOffsets({ topics: [] });
}

const consumerOptions: ConsumerConfig = {
  groupId: 'g',
  groupInstanceId: 'i',
  groupProtocol: 'consumer',
  groupRemoteAssignor: 'uniform',
  partitionAssigners: [PartitionAssigners.cooperativeSticky, 'range'],
  maxBatchMessages: 100,
  maxBatchBytes: 1 << 20,
  maxBatchWaitMs: 10,
  maxOutstandingBytes: 1 << 24,
  onPartitionsAssigned: (partitions) => expectType<TopicPartition[]>()(partitions),
  onPartitionsRevoked: async (partitions, { lost }) => {
    expectType<TopicPartition[]>()(partitions);
    expectType<boolean>()(lost);
  },
};

export async function consumerCalls(consumer: Consumer): Promise<void> {
  expectType<Consumer>()(kafka.consumer(consumerOptions));
  await consumer.assign([
    { topic: 't', partition: 0, offset: '5' },
    { topic: 't', partition: 1 },
  ]);
  for await (const batch of consumer.batches({ signal, partitionsConsumedConcurrently: 2 })) {
    expectType<IteratedBatch>()(batch);
    expectType<number>()(batch.length);
    for (const message of batch) expectType<KafkaMessage>()(message);
    batch.resolveOffset(batch.lastOffset());
    expectType<boolean>()(batch.isStale());
    expectType<() => void>()(batch.pause());
    expectType<void>()(await batch.commit());
  }
  const stream = consumer.stream({ highWaterMark: 10, signal });
  for await (const message of stream) {
    expectType<KafkaMessage>()(message);
    expectType<string | null>()(message.text());
    expectType<{ id: number } | null>()(message.json<{ id: number }>());
    expectType<DetachedMessage>()(message.detach());
    expectType<DetachedMessage>()(message.toObject());
    expectType<'CreateTime' | 'LogAppendTime'>()(message.timestampType);
  }
  stream.destroy();
  expectType<() => void>()(await consumer.drain({ signal }));
  expectType<void>()(await consumer.stop());
  expectType<TopicPartition[]>()(consumer.assignment());
  const [committed] = await consumer.committed([{ topic: 't', partition: 0 }], 1_000);
  expectType<string | null | undefined>()(committed?.offset);
  const [lag] = await consumer.lag();
  expectType<string | null | undefined>()(lag?.lag);
  // @ts-expect-error: a partition is a number
  await consumer.assign([{ topic: 't', partition: '0' }]);
  // @ts-expect-error: no such assignor
  kafka.consumer({ groupId: 'g', partitionAssigners: ['mine'] });
}

export async function embeddedCalls(): Promise<void> {
  await using started = await EmbeddedKafka.start({ brokers: 3, topics: ['t'], partitions: 2 });
  expectType<string[]>()(started.brokers);
  expectType<string>()(started.bootstrapServers);
  expectType<boolean>()(started.running);
  started.createTopic('u', { partitions: 3 });
  started.createTopic({ topic: 'v', partitions: 3, replicationFactor: 1 });
  started.deleteTopic('v');
  started.brokerDown(1);
  started.brokerUp();
  started.setBrokerRtt(100, 2);
  started.pushBrokerRequestErrors(1, 'Fetch', [{ error: '_TRANSPORT', rttMs: 5 }]);
  started.setGroupCoordinator('g', 2);
  started.startRequestTracking();
  expectType<number | undefined>()(started.requests()[0]?.apiKey);
  // @ts-expect-error: no such request
  started.pushRequestErrors('Producer', [1]);
}

export function adminIsThere(): Admin {
  return kafka.admin({ retry: { retries: 1 }, statisticsIntervalMs: 0 });
}

export function errors(error: unknown): string {
  if (error instanceof KafkaJSQueueFullError) return error.errorCode;
  if (error instanceof KafkaJSAbortedError || error instanceof KafkaJSClosedError)
    return error.name;
  if (error instanceof KafkaJSUnsupportedError) return error.option ?? '';
  if (error instanceof KafkaJSError) {
    expectType<boolean>()(error.fatal);
    expectType<boolean>()(error.abortable);
    expectType<string | number | undefined>()(error.code);
  }
  return '';
}
