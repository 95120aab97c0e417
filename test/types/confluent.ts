// Code as @confluentinc/kafka-javascript's documentation has it, import aside.

import { KafkaJS } from 'easyflow-kafka';

const { Kafka, CompressionTypes, PartitionAssignors, ErrorCodes, logLevel } = KafkaJS;

const kafka = new Kafka({
  kafkaJS: {
    clientId: 'web',
    brokers: ['kafka:9092'],
    ssl: true,
    sasl: { mechanism: 'plain', username: 'u', password: 'p' },
    logLevel: logLevel.INFO,
  },
  'socket.keepalive.enable': true,
});

const producer: KafkaJS.Producer = kafka.producer({
  kafkaJS: { acks: 1, compression: CompressionTypes.GZIP, allowAutoTopicCreation: true },
  'linger.ms': 5,
});

const consumer: KafkaJS.Consumer = kafka.consumer({
  kafkaJS: {
    groupId: 'g',
    fromBeginning: true,
    autoCommit: true,
    autoCommitInterval: 5000,
    partitionAssignors: [PartitionAssignors.cooperativeSticky],
  },
  'auto.offset.reset': 'earliest',
  rebalance_cb: true,
});

const byProperties = new KafkaJS.Kafka({
  'bootstrap.servers': 'kafka:9092',
  'security.protocol': 'SASL_SSL',
  'sasl.mechanisms': 'PLAIN',
});

async function run(): Promise<void> {
  await producer.connect();
  await producer.send({ topic: 't', messages: [{ key: 'k', value: JSON.stringify({}) }] });
  await producer.flush({ timeout: 5000 });
  const transaction = await producer.transaction();
  await transaction.sendOffsets({ consumer, topics: [] });
  await consumer.subscribe({ topics: ['t'] });
  consumer.setSaslCredentials({ username: 'u', password: 'p' });
  const protocol: 'NONE' | 'EAGER' | 'COOPERATIVE' = consumer.rebalanceProtocol();
  const admin: KafkaJS.Admin = consumer.dependentAdmin();
  const [topic] = await admin.fetchTopicMetadata({ topics: ['t'], timeout: 5000 });
  console.log(protocol, topic?.topicId.base64str, topic?.partitions[0]?.leaderNode?.host);
  const { groups } = await admin.listGroups({
    matchConsumerGroupStates: [KafkaJS.ConsumerGroupStates.STABLE],
  });
  console.log(groups[0]?.isSimpleConsumerGroup);
  const [deleted] = await admin.deleteTopicRecords({
    topic: 't',
    partitions: [{ partition: 0, offset: '-1' }],
  });
  console.log(deleted?.lowWatermark);
  try {
    await consumer.run({ eachMessage: async ({ message }) => console.log(message.value) });
  } catch (error) {
    if (error instanceof KafkaJS.KafkaJSError)
      console.log(error.code === ErrorCodes.ERR__TIMED_OUT);
  }
}

export { run, byProperties };
