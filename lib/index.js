'use strict';

const { Kafka } = require('./clients/kafka');
const { Partitioners } = require('./clients/producer/partitioners');
const { CompressionTypes, CompressionCodecs } = require('./clients/compression-types');
const { logLevel } = require('./clients/log-level');
const { AssignerProtocol } = require('./clients/assigner-protocol');
const { PartitionAssigners } = require('./options/config/consumer');
const { EmbeddedKafka } = require('./embedded-kafka');
const { classes, ErrorCodes, isKafkaJSError, isRebalancing } = require('./errors');
const enums = require('./clients/enums');
const native = require('./binding');

const shared = {
  Kafka,
  PartitionAssigners,
  AssignerProtocol,
  Partitioners,
  CompressionTypes,
  CompressionCodecs,
  logLevel,
  ...enums,
  ...classes,
};

/** As `require('@confluentinc/kafka-javascript').KafkaJS`. */
const KafkaJS = {
  ...shared,
  PartitionAssignors: PartitionAssigners,
  ErrorCodes,
  isKafkaJSError,
  isRebalancing,
};

module.exports = {
  ...shared,
  KafkaJS,
  EmbeddedKafka,
  /** Loaded when it is touched: a client alone needs nothing of what the hub needs. */
  get StatusHub() {
    return require('./hub').StatusHub;
  },
  librdkafkaVersion: native.librdkafkaVersion,
  features: native.features,
};
