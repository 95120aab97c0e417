'use strict';

// Its documents are in its package. MIGRATION.md, "Producer": send() without awaiting each for throughput, and
// `linger.ms: 0` where every message is awaited; compression belongs to the producer. MIGRATION.md, "run": batches have at
// most 32 messages unless `js.consumer.max.batch.size` says otherwise. MIGRATION.md, "Transactions": sendOffsets() takes
// the consumer. INTRODUCTION.md, "Producer": a longer linger for larger batches.

const { Kafka, logLevel } = require('@confluentinc/kafka-javascript').KafkaJS;
const { kafkaJsSide } = require('../lib/kafkajs-shape');
const { runSide } = require('../lib/side');

const MAX_BATCH_MESSAGES = 1_024;

const takesBatches = ({ eachBatch, work }) => eachBatch || work === 'transactions';

const side = kafkaJsSide({
  kafka: ({ brokers }) => new Kafka({ kafkaJS: { brokers: [brokers], logLevel: logLevel.ERROR } }),
  producer: ({ work, compression = 'none' }) => ({
    kafkaJS: { acks: -1, compression },
    ...(work === 'produce-single' && { 'linger.ms': 0 }),
  }),
  consumer: (args) => ({
    kafkaJS: {
      groupId: args.groupId,
      fromBeginning: true,
      ...(args.work === 'transactions' && { autoCommit: false }),
    },
    ...(takesBatches(args) && { 'js.consumer.max.batch.size': MAX_BATCH_MESSAGES }),
  }),
  subscription: ({ topic }) => ({ topic }),
  sendOptions: {},
  // send() replaces the value by a Buffer and the headers by its own form of them, so none can be sent twice.
  writesIntoMessages: true,
  transactional: ({ groupId }) => ({ kafkaJS: { transactionalId: groupId } }),
  group: ({ consumer }) => ({ consumer }),
  manualCommit: {},
});

module.exports = side;

if (require.main === module) runSide(side);
