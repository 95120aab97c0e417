'use strict';

// Numbers of the Kafka protocol that KafkaJS exports for the admin client.

const numbered = (entries) => Object.freeze({ ...entries });

const AclResourceTypes = numbered({
  UNKNOWN: 0,
  ANY: 1,
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
});
const AclOperationTypes = numbered({
  UNKNOWN: 0,
  ANY: 1,
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
});
const AclPermissionTypes = numbered({ UNKNOWN: 0, ANY: 1, DENY: 2, ALLOW: 3 });
const ResourcePatternTypes = numbered({ UNKNOWN: 0, ANY: 1, MATCH: 2, LITERAL: 3, PREFIXED: 4 });
const ConfigResourceTypes = numbered({ UNKNOWN: 0, TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8 });
const ConfigSource = numbered({
  UNKNOWN: 0,
  TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
});

// confluent's numbers are librdkafka's own.
const ConsumerGroupStates = numbered({
  UNKNOWN: 0,
  PREPARING_REBALANCE: 1,
  COMPLETING_REBALANCE: 2,
  STABLE: 3,
  DEAD: 4,
  EMPTY: 5,
});
const ConsumerGroupTypes = numbered({ UNKNOWN: 0, CONSUMER: 1, CLASSIC: 2 });
const IsolationLevel = numbered({ READ_UNCOMMITTED: 0, READ_COMMITTED: 1 });

module.exports = {
  AclResourceTypes,
  AclOperationTypes,
  AclPermissionTypes,
  ResourcePatternTypes,
  ConfigResourceTypes,
  ConfigSource,
  ConsumerGroupStates,
  ConsumerGroupTypes,
  IsolationLevel,
};
