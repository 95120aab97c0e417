'use strict';

// The librdkafka properties that our client sets for the same options, so that C runs with the same.

const { kafkaOptions, clientOptions } = require('../../lib/options/kafka-options');
const { producerConfig } = require('../../lib/options/config/producer');
const { consumerConfig } = require('../../lib/options/config/consumer');
const { logLevel } = require('../../lib/clients/log-level');

const ERROR_LEVEL = logLevel.ERROR;

/** Of a case's arguments; `work` and `compression` are the two that have properties of their own. */
function ourProperties({ brokers, groupId, work, compression = 'none' }) {
  const shared = kafkaOptions({ brokers: [brokers], logLevel: ERROR_LEVEL });
  const of = (kind, make, given) => {
    const { kafka, options } = clientOptions(shared, kind, given);
    return make(kafka, options, [brokers]).entries;
  };
  const transactional = work === 'transactions' && {
    transactionalId: groupId,
    idempotent: true,
    maxInFlightRequests: 1,
  };
  return {
    producer: of('producer', producerConfig, { compression, ...transactional }),
    // subscribe({ fromBeginning: true }) of the other sides.
    consumer: [
      // An end of a partition would be an error to C's loop over messages.
      ...of('consumer', consumerConfig, { groupId }).filter(
        ([name]) => name !== 'auto.offset.reset' && name !== 'enable.partition.eof',
      ),
      ['auto.offset.reset', 'earliest'],
    ],
  };
}

module.exports = { ourProperties };
