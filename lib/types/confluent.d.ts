// `require('easyflow-kafka').KafkaJS`, as `require('@confluentinc/kafka-javascript').KafkaJS`.

import {
  AclOperationTypes,
  Admin as KafkaJSAdmin,
  AdminConfig,
  ConsumerGroupStates,
  ConsumerGroupTypes,
  DeleteGroupsResult,
  IsolationLevel,
} from './admin';
import { ConfluentConfig, KafkaConfig, Logger, SeekEntry, TopicPartition } from './common';
import { Consumer as KafkaJSConsumer, ConsumerConfig } from './consumer';
import { KafkaJSError } from './errors';
import { Producer as KafkaJSProducer, ProducerConfig } from './producer';

export * from './shared';
export { PartitionAssigners as PartitionAssignors } from './consumer';
export { ErrorCodes, isKafkaJSError, isRebalancing } from './kafka';

export declare class Kafka {
  constructor(config?: ConfluentConfig<KafkaConfig> | KafkaConfig);
  producer(config?: ConfluentConfig<ProducerConfig & KafkaConfig> | ProducerConfig): Producer;
  consumer(config: ConfluentConfig<ConsumerConfig & KafkaConfig> | ConsumerConfig): Consumer;
  admin(config?: ConfluentConfig<AdminConfig & KafkaConfig> | AdminConfig): Admin;
  logger(): Logger;
}

export type Producer = Omit<KafkaJSProducer, 'dependentAdmin'> & { dependentAdmin(): Admin };
export type Consumer = Omit<KafkaJSConsumer, 'dependentAdmin'> & { dependentAdmin(): Admin };

export type Node = { id: number; host: string; port: number; rack?: string };

export type GroupOverview = {
  groupId: string;
  protocolType: string;
  isSimpleConsumerGroup: boolean;
  state: ConsumerGroupStates;
  type: ConsumerGroupTypes;
};

export type MemberAssignment = { topicPartitions: TopicPartition[] };

export type MemberDescription = {
  clientHost: string;
  clientId: string;
  memberId: string;
  memberAssignment: Buffer | null;
  memberMetadata: Buffer | null;
  groupInstanceId?: string | null;
  assignment: MemberAssignment;
  targetAssignment?: MemberAssignment;
};

export type GroupDescription = {
  groupId: string;
  error?: KafkaJSError;
  members: MemberDescription[];
  protocol: string;
  isSimpleConsumerGroup: boolean;
  protocolType: string;
  partitionAssignor: string;
  state: ConsumerGroupStates;
  type: ConsumerGroupTypes;
  coordinator: Node | null;
  authorizedOperations?: AclOperationTypes[];
};

export type GroupDescriptions = { groups: GroupDescription[] };

export type PartitionMetadata = {
  partitionErrorCode: number;
  partitionId: number;
  leader: number;
  leaderNode: Node | null;
  replicas: number[];
  replicaNodes: Node[];
  isr: number[];
  isrNodes: Node[];
};

export type Uuid = {
  mostSignificantBits: bigint;
  leastSignificantBits: bigint;
  base64str: string;
};

export type ITopicMetadata = {
  name: string;
  topicId: Uuid;
  isInternal: boolean;
  partitions: PartitionMetadata[];
  authorizedOperations?: AclOperationTypes[];
};

export type FetchOffsetsPartition = SeekEntry & {
  metadata: string | null;
  leaderEpoch: number | null;
  error: KafkaJSError | null;
};

export type DeleteRecordsResult = {
  topic: string;
  partition: number;
  lowWatermark: number;
  error: KafkaJSError | null;
};

/** Of a client that was made with options under `kafkaJS`: some results have another shape than KafkaJS's. */
export type Admin = Omit<
  KafkaJSAdmin,
  | 'listGroups'
  | 'describeGroups'
  | 'fetchTopicMetadata'
  | 'fetchOffsets'
  | 'fetchTopicOffsets'
  | 'fetchTopicOffsetsByTimestamp'
  | 'deleteTopicRecords'
> & {
  listGroups(options?: {
    timeout?: number;
    matchConsumerGroupStates?: ConsumerGroupStates[];
    matchConsumerGroupTypes?: ConsumerGroupTypes[];
  }): Promise<{ groups: GroupOverview[]; errors: KafkaJSError[] }>;
  describeGroups(
    groups: string[],
    options?: { timeout?: number; includeAuthorizedOperations?: boolean },
  ): Promise<GroupDescriptions>;
  fetchTopicMetadata(options?: {
    topics?: string[];
    includeAuthorizedOperations?: boolean;
    timeout?: number;
  }): Promise<ITopicMetadata[]>;
  fetchOffsets(options: {
    groupId: string;
    topics?: string[] | { topic: string; partitions: number[] }[];
    timeout?: number;
    requireStableOffsets?: boolean;
  }): Promise<{ topic: string; partitions: FetchOffsetsPartition[] }[]>;
  fetchTopicOffsets(
    topic: string,
    options?: { timeout?: number; isolationLevel?: IsolationLevel },
  ): Promise<(SeekEntry & { high: string; low: string })[]>;
  fetchTopicOffsetsByTimestamp(
    topic: string,
    timestamp?: number,
    options?: { timeout?: number; isolationLevel?: IsolationLevel },
  ): Promise<SeekEntry[]>;
  deleteTopicRecords(options: {
    topic: string;
    partitions: SeekEntry[];
    timeout?: number;
    operationTimeout?: number;
  }): Promise<DeleteRecordsResult[]>;
  deleteGroups(groupIds: string[], options?: { timeout?: number }): Promise<DeleteGroupsResult[]>;
};
