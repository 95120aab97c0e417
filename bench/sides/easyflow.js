'use strict';

// docs/consumer.md and examples/transactions.js of this package. Everything else is the default.

const { Kafka, logLevel } = require('../..');
const { kafkaJsSide } = require('../lib/kafkajs-shape');
const { runSide } = require('../lib/side');

const side = kafkaJsSide({
  kafka: ({ brokers }) => new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR }),
  producer: ({ compression = 'none' }) => ({ compression }),
  consumer: ({ groupId }) => ({ groupId }),
  subscription: ({ topic }) => ({ topic, fromBeginning: true }),
  sendOptions: {},
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
