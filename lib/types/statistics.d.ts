import { InstrumentationEvent } from './common';

/** librdkafka's statistics with units in the names; `events.STATISTICS` of a client with `statisticsIntervalMs`. */
export interface WindowStatistics {
  min: number;
  max: number;
  avg: number;
  sum: number;
  stddev: number;
  p50: number;
  p75: number;
  p90: number;
  p95: number;
  p99: number;
  p99_99: number;
  count: number;
  outOfRange: number;
}

export interface BrokerStatistics {
  name: string;
  nodeId: number;
  nodeName: string;
  source: string;
  state: string;
  stateAgeUs: number;
  outbufCount: number;
  outbufMessageCount: number;
  waitResponseCount: number;
  waitResponseMessageCount: number;
  txRequests: number;
  txBytes: number;
  txErrors: number;
  txRetries: number;
  txIdleUs: number;
  requestTimeouts: number;
  rxResponses: number;
  rxBytes: number;
  rxErrors: number;
  rxCorrelationIdErrors: number;
  rxPartial: number;
  rxIdleUs: number;
  wakeups: number;
  connects: number;
  disconnects: number;
  internalLatencyUs: WindowStatistics;
  outbufLatencyUs: WindowStatistics;
  rttUs: WindowStatistics;
  throttleMs: WindowStatistics;
}

/** Offsets are -1001 and lags -1 while they are unknown. */
export interface PartitionStatistics {
  partition: number;
  broker: number;
  leader: number;
  queueCount: number;
  queueBytes: number;
  transmitQueueCount: number;
  transmitQueueBytes: number;
  fetchQueueCount: number;
  fetchQueueBytes: number;
  fetchState: string;
  queryOffset: number;
  nextOffset: number;
  appOffset: number;
  storedOffset: number;
  committedOffset: number;
  eofOffset: number;
  lowWatermark: number;
  highWatermark: number;
  lastStableOffset: number;
  consumerLag: number;
  consumerLagStored: number;
  leaderEpoch: number;
  txMessages: number;
  txBytes: number;
  rxMessages: number;
  rxBytes: number;
  rxOutdatedDrops: number;
  messagesInFlight: number;
}

export interface TopicStatistics {
  topic: string;
  ageMs: number;
  metadataAgeMs: number;
  batchSizeBytes: WindowStatistics;
  batchMessageCount: WindowStatistics;
  partitions: PartitionStatistics[];
}

export interface ConsumerGroupStatistics {
  state: string;
  stateAgeMs: number;
  joinState: string;
  rebalanceAgeMs: number;
  rebalanceCount: number;
  rebalanceReason: string;
  assignmentSize: number;
}

export interface ExactlyOnceStatistics {
  idempotentState: string;
  idempotentStateAgeMs: number;
  transactionState: string;
  transactionStateAgeMs: number;
  transactionMayEnqueue: boolean;
  producerId: number;
  producerEpoch: number;
  epochCount: number;
}

export interface Statistics {
  name: string;
  clientId: string;
  type: 'producer' | 'consumer';
  tsUs: number;
  timeSeconds: number;
  ageUs: number;
  replyQueue: number;
  messageCount: number;
  messageBytes: number;
  messageMax: number;
  messageBytesMax: number;
  txRequests: number;
  txBytes: number;
  rxResponses: number;
  rxBytes: number;
  txMessages: number;
  txMessageBytes: number;
  rxMessages: number;
  rxMessageBytes: number;
  metadataCacheCount: number;
  brokers: BrokerStatistics[];
  topics: TopicStatistics[];
  consumerGroup: ConsumerGroupStatistics | null;
  exactlyOnce: ExactlyOnceStatistics | null;
}

export type StatisticsEvent = InstrumentationEvent<Statistics>;
