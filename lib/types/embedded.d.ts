export interface EmbeddedKafkaOptions {
  /** Number of brokers, ids from 1; 1 by default. */
  brokers?: number;
  /** Topics to make; names or with their own number of partitions. Others are made when a client asks for them. */
  topics?: (string | { topic: string; partitions?: number; replicationFactor?: number })[];
  /** Of the topics above; 4 by default. */
  partitions?: number;
  /** Properties of the librdkafka instance that hosts the cluster. */
  config?: Record<string, string | number | boolean>;
}

export type EmbeddedApi =
  | 'Produce'
  | 'Fetch'
  | 'ListOffsets'
  | 'Metadata'
  | 'OffsetCommit'
  | 'OffsetFetch'
  | 'FindCoordinator'
  | 'JoinGroup'
  | 'Heartbeat'
  | 'LeaveGroup'
  | 'SyncGroup'
  | 'SaslHandshake'
  | 'ApiVersions'
  | 'InitProducerId'
  | 'AddPartitionsToTxn'
  | 'AddOffsetsToTxn'
  | 'EndTxn'
  | 'TxnOffsetCommit'
  | 'ConsumerGroupHeartbeat'
  | (number & {});

/** A code, or librdkafka's name of it; '_TRANSPORT': the broker hangs up. */
export type EmbeddedError = number | string;

/** A Kafka cluster inside the process, for tests and demos. Its limits: docs/embedded-kafka.md. */
export declare class EmbeddedKafka {
  constructor(options?: EmbeddedKafkaOptions);
  static start(options?: EmbeddedKafkaOptions): Promise<EmbeddedKafka>;
  start(): Promise<this>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  readonly running: boolean;
  /** 'host:port,…' */
  readonly bootstrapServers: string;
  /** For `new Kafka({ brokers })`. */
  readonly brokers: string[];
  readonly brokerIds: number[];

  createTopic(
    topic: string | { topic: string; partitions?: number; replicationFactor?: number },
    options?: { partitions?: number; replicationFactor?: number },
  ): void;
  deleteTopic(topic: string): void;
  setTopicError(topic: string, error: EmbeddedError): void;
  /** -1: the partition has no leader. */
  setPartitionLeader(topic: string, partition: number, brokerId: number): void;
  setPartitionFollower(topic: string, partition: number, brokerId: number): void;
  setPartitionFollowerWatermarks(
    topic: string,
    partition: number,
    watermarks: { low?: string; high?: string },
  ): void;
  deleteRecords(topic: string, partition: number, beforeOffset: string | number | bigint): void;

  /** Without an id: all brokers. */
  brokerDown(brokerId?: number): void;
  brokerUp(brokerId?: number): void;
  setBrokerRtt(rttMs: number, brokerId?: number): void;
  setBrokerRack(rack: string, brokerId?: number): void;
  addBroker(brokerId: number): void;
  decommissionBroker(brokerId: number): void;

  /** The next requests of a kind fail, one error each. */
  pushRequestErrors(api: EmbeddedApi, errors: EmbeddedError[]): void;
  pushBrokerRequestErrors(
    brokerId: number,
    api: EmbeddedApi,
    errors: { error: EmbeddedError; rttMs?: number }[],
  ): void;
  pushPartitionRequestErrors(
    topic: string,
    partition: number,
    api: EmbeddedApi,
    errors: EmbeddedError[],
  ): void;
  clearRequestErrors(api: EmbeddedApi): void;
  setGroupCoordinator(groupId: string, brokerId: number): void;
  setTransactionCoordinator(transactionalId: string, brokerId: number): void;
  setController(brokerId: number): void;
  /** -1, -1: brokers do not know the request. */
  setApiVersion(api: EmbeddedApi, min: number, max: number): void;
  setGroupInitialRebalanceDelay(delayMs: number): void;

  startRequestTracking(): void;
  stopRequestTracking(): void;
  requests(): { brokerId: number; apiKey: number; timestampMs: number }[];
  clearRequests(): void;

  /** Any operation of native/core/embedded_cluster.h. */
  call(operation: string, args?: object): any;
}
