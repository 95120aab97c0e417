'use strict';

// eachBatch for throughput: https://kafka.js.org/docs/consuming#a-name-each-batch-a-eachbatch.
// Batches in one send(): https://kafka.js.org/docs/producing#a-name-producing-messages-a-producing-messages.
// Transactions: https://kafka.js.org/docs/transactions. Everything else is the default, as the documentation leaves it.

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';

const { Kafka, logLevel } = require('kafkajs');
const { kafkaJsSide } = require('../lib/kafkajs-shape');
const { runSide } = require('../lib/side');

const side = kafkaJsSide({
  kafka: ({ brokers }) => new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR }),
  producer: () => ({}),
  consumer: ({ groupId }) => ({ groupId }),
  subscription: ({ topic }) => ({ topic, fromBeginning: true }),
  sendOptions: { acks: -1 },
  transactional: ({ groupId }) => ({
    transactionalId: groupId,
    idempotent: true,
    maxInFlightRequests: 1,
  }),
  group: ({ groupId }) => ({ consumerGroupId: groupId }),
  manualCommit: { autoCommit: false },
});

module.exports = side;

if (require.main === module) runSide(side);
