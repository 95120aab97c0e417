import { Readable } from 'node:stream';
import {
  ClientConfig,
  ConnectEvent,
  DisconnectEvent,
  IHeaders,
  InstrumentationEvent,
  Logger,
  Offsets,
  OffsetsByTopicPartition,
  RemoveInstrumentationEventListener,
  RequestEvent,
  RequestQueueSizeEvent,
  RequestTimeoutEvent,
  RetryOptions,
  SaslCredentials,
  TopicOffsets,
  TopicPartition,
  TopicPartitionOffset,
  TopicPartitionOffsetAndMetadata,
  TopicPartitions,
  ValueOf,
} from './common';
import { Admin, GroupDescription } from './admin';
import { StatisticsEvent } from './statistics';

/** Names of librdkafka's assignors; assigners written in JavaScript are not supported. */
export type PartitionAssigner = 'roundrobin' | 'range' | 'sticky' | 'cooperative-sticky';

export declare const PartitionAssigners: {
  roundRobin: 'roundrobin';
  range: 'range';
  /** Few moves, and everything is given back at a rebalance, as Java's `StickyAssignor` does. */
  sticky: 'sticky';
  /** Few moves, and only what moves is given back. */
  cooperativeSticky: 'cooperative-sticky';
};

export interface ISerializer<T> {
  encode(value: T): Buffer;
  decode(buffer: Buffer): T | null;
}

export type Assignment = { [topic: string]: number[] };
export type MemberMetadata = { version: number; topics: string[]; userData: Buffer };
export type MemberAssignment = { version: number; assignment: Assignment; userData: Buffer };

/** Decodes memberMetadata and memberAssignment of describeGroups(). */
export declare const AssignerProtocol: {
  MemberMetadata: ISerializer<MemberMetadata>;
  MemberAssignment: ISerializer<MemberAssignment>;
};

export interface ConsumerConfig extends ClientConfig {
  groupId: string;
  partitionAssigners?: PartitionAssigner[];
  /** @confluentinc/kafka-javascript's other spelling. */
  partitionAssignors?: PartitionAssigner[];
  metadataMaxAge?: number;
  sessionTimeout?: number;
  /** How long handlers may take once a rebalance wants their partition; also max.poll.interval.ms. */
  rebalanceTimeout?: number;
  heartbeatInterval?: number;
  maxBytesPerPartition?: number;
  minBytes?: number;
  maxBytes?: number;
  maxWaitTimeInMs?: number;
  retry?: RetryOptions & { restartOnFailure?: (err: Error) => Promise<boolean> };
  allowAutoTopicCreation?: boolean;
  maxInFlightRequests?: number | null;
  readUncommitted?: boolean;
  rackId?: string;
  /** Defaults of subscribe() and run(), where @confluentinc/kafka-javascript has them. */
  fromBeginning?: boolean;
  autoCommit?: boolean;
  autoCommitInterval?: number | null;
  autoCommitThreshold?: number | null;
  /** Static membership: a member that restarts within the session timeout keeps its partitions. */
  groupInstanceId?: string;
  /** 'consumer': the protocol of KIP-848, in which the broker assigns. */
  groupProtocol?: 'classic' | 'consumer';
  groupRemoteAssignor?: string;
  /** Size of a batch: 4,096 messages, 1 MiB, and how long to wait for more (0: hand out what is there). */
  maxBatchMessages?: number;
  maxBatchBytes?: number;
  maxBatchWaitMs?: number;
  /** Bytes of batches that handlers (or kept messages) hold; 64 MiB. */
  maxOutstandingBytes?: number;
  onPartitionsAssigned?: (partitions: TopicPartition[]) => void | Promise<void>;
  /** Awaited before the partitions go; `lost`: they belong to another member already, commits are refused. */
  onPartitionsRevoked?: (
    partitions: TopicPartition[],
    context: { lost: boolean },
  ) => void | Promise<void>;
}

/**
 * One record. Buffers are views into the batch's memory: keep `detach()` instead of a message. With `lazyMessages`, which
 * `batches()` and `stream()` use, the fields are accessors of a class: `{ ...message }` copies nothing, `toObject()` does what
 * it means.
 */
export interface KafkaMessage {
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestamp: string;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
  readonly attributes: number;
  readonly size: number;
  /** The value as UTF-8 text; null for a tombstone. */
  text(): string | null;
  /** The value parsed as JSON; null for a tombstone. */
  json<T = any>(): T | null;
  /** A plain object with KafkaJS's fields. */
  toObject(): DetachedMessage;
  /** A plain object with copies of the bytes. */
  detach(): DetachedMessage;
}

/** KafkaJS's names of what messages are in its two formats. */
export type RecordBatchEntry = KafkaMessage;
export type MessageSetEntry = KafkaMessage;

export interface DetachedMessage {
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
  timestamp: string;
  attributes: number;
  offset: string;
}

export type Batch = {
  topic: string;
  partition: number;
  readonly highWatermark: string;
  readonly messages: KafkaMessage[];
  /** Number of messages. */
  readonly length: number;
  isEmpty(): boolean;
  firstOffset(): string | null;
  lastOffset(): string;
  offsetLag(): string;
  offsetLagLow(): string;
  [Symbol.iterator](): Iterator<KafkaMessage>;
};

/** What consumer.batches() gives. */
export type IteratedBatch = Batch & {
  resolveOffset(offset: string): void;
  isStale(): boolean;
  pause(): () => void;
  heartbeat(): Promise<void>;
  /** Resolves the whole batch and commits it. */
  commit(): Promise<void>;
};

export interface EachMessagePayload {
  topic: string;
  partition: number;
  message: KafkaMessage;
  heartbeat(): Promise<void>;
  pause(): () => void;
}

export interface EachBatchPayload {
  batch: Batch;
  resolveOffset(offset: string): void;
  heartbeat(): Promise<void>;
  pause(): () => void;
  commitOffsetsIfNecessary(offsets?: Offsets): Promise<void>;
  uncommittedOffsets(): OffsetsByTopicPartition;
  isRunning(): boolean;
  isStale(): boolean;
}

export type ConsumerEachMessagePayload = EachMessagePayload;
export type ConsumerEachBatchPayload = EachBatchPayload;
export type EachBatchHandler = (payload: EachBatchPayload) => void | Promise<void>;
export type EachMessageHandler = (payload: EachMessagePayload) => void | Promise<void>;

export type ConsumerRunConfig = {
  autoCommit?: boolean;
  autoCommitInterval?: number | null;
  autoCommitThreshold?: number | null;
  eachBatchAutoResolve?: boolean;
  /**
   * Messages of batches make their fields when they are touched: faster where a handler reads one or two of them, but
   * `{ ...message }` copies nothing. Default: false for `eachBatch`, true for `batches()` and
   * `stream()`.
   */
  lazyMessages?: boolean;
  partitionsConsumedConcurrently?: number;
  eachBatch?: EachBatchHandler;
  eachMessage?: EachMessageHandler;
};

/** Of batches() and stream(): those of run() without a handler. */
export type ConsumerIterateConfig = Omit<ConsumerRunConfig, 'eachBatch' | 'eachMessage'> & {
  signal?: AbortSignal;
};

/** @deprecated Replaced by ConsumerSubscribeTopics */
export type ConsumerSubscribeTopic = {
  topic: string | RegExp;
  fromBeginning?: boolean;
  replace?: boolean;
};
export type ConsumerSubscribeTopics = {
  topics: (string | RegExp)[];
  fromBeginning?: boolean;
  replace?: boolean;
};

export type PartitionLag = TopicPartition & {
  /** Next offset that a handler will see, the partition's end when there is none left; null: unknown. */
  position: string | null;
  low: string | null;
  high: string | null;
  lag: string | null;
};

export type ConsumerEvents = {
  HEARTBEAT: 'consumer.heartbeat';
  COMMIT_OFFSETS: 'consumer.commit_offsets';
  GROUP_JOIN: 'consumer.group_join';
  FETCH_START: 'consumer.fetch_start';
  FETCH: 'consumer.fetch';
  START_BATCH_PROCESS: 'consumer.start_batch_process';
  END_BATCH_PROCESS: 'consumer.end_batch_process';
  CONNECT: 'consumer.connect';
  DISCONNECT: 'consumer.disconnect';
  STOP: 'consumer.stop';
  CRASH: 'consumer.crash';
  REBALANCING: 'consumer.rebalancing';
  RECEIVED_UNSUBSCRIBED_TOPICS: 'consumer.received_unsubscribed_topics';
  REQUEST: 'consumer.network.request';
  REQUEST_TIMEOUT: 'consumer.network.request_timeout';
  REQUEST_QUEUE_SIZE: 'consumer.network.request_queue_size';
  STATISTICS: 'consumer.statistics';
};

export type ConsumerHeartbeatEvent = InstrumentationEvent<{
  groupId: string;
  memberId: string;
  groupGenerationId: number;
}>;
export type ConsumerCommitOffsetsEvent = InstrumentationEvent<{
  groupId: string;
  memberId: string;
  groupGenerationId: number;
  topics: TopicOffsets[];
}>;
export interface IMemberAssignment {
  [key: string]: number[];
}
export type ConsumerGroupJoinEvent = InstrumentationEvent<{
  duration: number;
  groupId: string;
  /** Librdkafka tells neither whether this member leads the group nor who does. */
  isLeader: null;
  leaderId: null;
  /** The assignor; null where the configuration leaves the choice to the group (several, or groupProtocol: 'consumer'). */
  groupProtocol: string | null;
  memberId: string;
  memberAssignment: IMemberAssignment;
}>;
/** Comes with its FETCH event: when a fetch begins is not seen. */
export type ConsumerFetchStartEvent = InstrumentationEvent<{ nodeId: number }>;
export type ConsumerFetchEvent = InstrumentationEvent<{
  numberOfBatches: number;
  duration: number;
  nodeId: number;
}>;
interface IBatchProcessEvent {
  topic: string;
  partition: number;
  highWatermark: string;
  offsetLag: string;
  offsetLagLow: string;
  batchSize: number;
  firstOffset: string;
  lastOffset: string;
}
export type ConsumerStartBatchProcessEvent = InstrumentationEvent<IBatchProcessEvent>;
export type ConsumerEndBatchProcessEvent = InstrumentationEvent<
  IBatchProcessEvent & { duration: number }
>;
export type ConsumerCrashEvent = InstrumentationEvent<{
  error: Error;
  groupId: string;
  restart: boolean;
}>;
export type ConsumerRebalancingEvent = InstrumentationEvent<{ groupId: string; memberId: string }>;
export type ConsumerReceivedUnsubcribedTopicsEvent = InstrumentationEvent<{
  groupId: string;
  generationId: number;
  memberId: string;
  assignedTopics: string[];
  topicsSubscribed: string[];
  topicsNotSubscribed: string[];
}>;

interface ConsumerEventMap {
  HEARTBEAT: ConsumerHeartbeatEvent;
  COMMIT_OFFSETS: ConsumerCommitOffsetsEvent;
  GROUP_JOIN: ConsumerGroupJoinEvent;
  FETCH_START: ConsumerFetchStartEvent;
  FETCH: ConsumerFetchEvent;
  START_BATCH_PROCESS: ConsumerStartBatchProcessEvent;
  END_BATCH_PROCESS: ConsumerEndBatchProcessEvent;
  CONNECT: ConnectEvent;
  DISCONNECT: DisconnectEvent;
  STOP: InstrumentationEvent<null>;
  CRASH: ConsumerCrashEvent;
  REBALANCING: ConsumerRebalancingEvent;
  RECEIVED_UNSUBSCRIBED_TOPICS: ConsumerReceivedUnsubcribedTopicsEvent;
  REQUEST: RequestEvent;
  REQUEST_TIMEOUT: RequestTimeoutEvent;
  REQUEST_QUEUE_SIZE: RequestQueueSizeEvent;
  STATISTICS: StatisticsEvent;
}

type KeyOf<Name> = {
  [Key in keyof ConsumerEvents]: ConsumerEvents[Key] extends Name ? Key : never;
}[keyof ConsumerEvents];

export type Consumer = {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  subscribe(subscription: ConsumerSubscribeTopics | ConsumerSubscribeTopic): Promise<void>;
  /** These partitions instead of a subscription, without the group. */
  assign(partitions: (TopicPartition & { offset?: string })[]): Promise<void>;
  /** Handlers that run may finish, offsets are committed, the group is left; the connection stays. */
  stop(): Promise<void>;
  run(config?: ConsumerRunConfig): Promise<void>;
  /** Hands out nothing new, waits for handlers, commits; the result lets it go on. */
  drain(options?: { signal?: AbortSignal }): Promise<() => void>;
  /** A batch counts as handled when the next one is asked for. */
  batches(config?: ConsumerIterateConfig): AsyncGenerator<IteratedBatch, void, void>;
  /** A Readable of messages. */
  stream(
    config?: ConsumerIterateConfig & { highWaterMark?: number },
  ): Readable & AsyncIterable<KafkaMessage>;
  commitOffsets(topicPartitions?: TopicPartitionOffsetAndMetadata[]): Promise<void>;
  committed(
    topicPartitions?: TopicPartition[],
    timeoutMs?: number,
  ): Promise<(TopicPartition & { offset: string | null; metadata: string | null })[]>;
  seek(topicPartitionOffset: TopicPartitionOffset): void;
  assignment(): TopicPartition[];
  lag(): Promise<PartitionLag[]>;
  describeGroup(): Promise<GroupDescription>;
  /** @confluentinc/kafka-javascript's: 'NONE' outside a group. */
  rebalanceProtocol(): 'NONE' | 'EAGER' | 'COOPERATIVE';
  /** @confluentinc/kafka-javascript's: for the next login, which is that of the next connection to a broker. */
  setSaslCredentials(credentials: SaslCredentials): void;
  /** @confluentinc/kafka-javascript's: an admin client that lives no longer than this consumer is connected. */
  dependentAdmin(): Admin;
  pause(topics: { topic: string; partitions?: number[] }[]): () => void;
  paused(): TopicPartitions[];
  resume(topics: { topic: string; partitions?: number[] }[]): void;
  on<Name extends ValueOf<ConsumerEvents>>(
    eventName: Name,
    listener: (event: ConsumerEventMap[KeyOf<Name>]) => void,
  ): RemoveInstrumentationEventListener<Name>;
  logger(): Logger;
  readonly events: ConsumerEvents;
};
