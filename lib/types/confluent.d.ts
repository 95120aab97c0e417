// `require('easyflow-kafka').KafkaJS`, as `require('@confluentinc/kafka-javascript').KafkaJS`.

export * from './shared';
export { PartitionAssigners as PartitionAssignors } from './consumer';
export { ErrorCodes, isKafkaJSError, isRebalancing } from './kafka';
