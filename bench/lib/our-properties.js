'use strict';

// The librdkafka properties that our client sets for default options, so that C runs with the same.

const { kafkaOptions, clientOptions } = require('../../lib/options/kafka-options');
const { producerConfig } = require('../../lib/options/config/producer');
const { consumerConfig } = require('../../lib/options/config/consumer');
const { logLevel } = require('../../lib/clients/log-level');

const ERROR_LEVEL = logLevel.ERROR;

function ourProperties({ brokers, groupId }) {
  const shared = kafkaOptions({ brokers: [brokers], logLevel: ERROR_LEVEL });
  const of = (kind, make, given) => {
    const { kafka, options } = clientOptions(shared, kind, given);
    return make(kafka, options, [brokers]).entries;
  };
  return {
    producer: of('producer', producerConfig, {}),
    // subscribe({ fromBeginning: true }) of the other sides.
    consumer: [
      ...of('consumer', consumerConfig, { groupId }).filter(
        ([name]) => name !== 'auto.offset.reset',
      ),
      ['auto.offset.reset', 'earliest'],
    ],
  };
}

module.exports = { ourProperties };
