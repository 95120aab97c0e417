import * as tls from 'node:tls';

/** A property of librdkafka: https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md */
export type LibrdkafkaValue = string | number | boolean | string[] | null | undefined;

/** Names with a dot, and the few without one. Unknown names are refused at run time, with the nearest known one. */
export interface LibrdkafkaProperties {
  [name: `${string}.${string}`]: LibrdkafkaValue;
  acks?: number | string;
  debug?: string;
  retries?: number;
  partitioner?: string;
  log_level?: number;
  stats_cb?: ((statistics: any) => void) | boolean;
  dr_cb?: ((...args: any[]) => void) | boolean;
  dr_msg_cb?: ((...args: any[]) => void) | boolean;
  event_cb?: ((...args: any[]) => void) | boolean;
  error_cb?: ((...args: any[]) => void) | boolean;
  rebalance_cb?: ((...args: any[]) => void) | boolean;
  offset_commit_cb?: ((...args: any[]) => void) | boolean;
  oauthbearer_token_refresh_cb?: (config: string) => Promise<OauthbearerProviderResponse>;
}

export interface PassThrough {
  /** Any property of librdkafka; wins over everything else. */
  librdkafka?: Record<string, LibrdkafkaValue>;
}

/** @confluentinc/kafka-javascript's form: KafkaJS's options in a block, properties of librdkafka beside it. */
export type ConfluentConfig<Options> = { kafkaJS?: Partial<Options> } & LibrdkafkaProperties;

export declare enum logLevel {
  NOTHING = 0,
  ERROR = 1,
  WARN = 2,
  INFO = 4,
  DEBUG = 5,
}

export interface LogEntry {
  namespace: string;
  level: logLevel;
  label: string;
  log: LoggerEntryContent;
}

export interface LoggerEntryContent {
  readonly timestamp: string;
  readonly message: string;
  [key: string]: any;
}

export type logCreator = (logLevel: logLevel) => (entry: LogEntry) => void;

export type Logger = {
  info: (message: string, extra?: object) => void;
  error: (message: string, extra?: object) => void;
  warn: (message: string, extra?: object) => void;
  debug: (message: string, extra?: object) => void;
  namespace: (namespace: string, logLevel?: logLevel) => Logger;
  setLogLevel: (logLevel: logLevel) => void;
};

export type BrokersFunction = () => string[] | Promise<string[]>;

export interface OauthbearerProviderResponse {
  value: string;
  /** Taken from the token's `sub` where it is a JWT. */
  principal?: string;
  /** Epoch milliseconds when it expires, or how many it lives; taken from the token's `exp` where it is a JWT. */
  lifetime?: number;
  extensions?: Map<string, string> | { [key: string]: string };
}

export type SASLMechanismOptionsMap = {
  plain: { username: string; password: string };
  'scram-sha-256': { username: string; password: string };
  'scram-sha-512': { username: string; password: string };
  oauthbearer: {
    oauthBearerProvider: (config?: string) => Promise<OauthbearerProviderResponse>;
  };
};

export type SASLMechanism = keyof SASLMechanismOptionsMap;
type SASLMechanismOptions<T> = T extends SASLMechanism
  ? { mechanism: T | Uppercase<T> } & SASLMechanismOptionsMap[T]
  : never;
export type SASLOptions = SASLMechanismOptions<SASLMechanism>;

/** What of tls.ConnectionOptions librdkafka can do; the rest is refused with a typed error. */
export type SSLOptions = Pick<
  tls.ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'ciphers' | 'sigalgs' | 'ecdhCurve'
>;

export interface RetryOptions {
  maxRetryTime?: number;
  initialRetryTime?: number;
  factor?: number;
  multiplier?: number;
  retries?: number;
  restartOnFailure?: (e: Error) => Promise<boolean>;
}

export interface SaslCredentials {
  username: string;
  password: string;
}

export interface KafkaConfig extends PassThrough {
  brokers: string[] | BrokersFunction;
  ssl?: SSLOptions | boolean;
  sasl?: SASLOptions | false | null;
  clientId?: string;
  connectionTimeout?: number;
  authenticationTimeout?: number;
  reauthenticationThreshold?: number;
  requestTimeout?: number;
  enforceRequestTimeout?: boolean;
  retry?: RetryOptions;
  logLevel?: logLevel;
  logCreator?: logCreator;
  /** A logger instead of a logCreator, as @confluentinc/kafka-javascript takes it. */
  logger?: Logger;
  /** How long disconnect() may take at most. */
  disconnectTimeout?: number;
}

/** Options that every client has. */
export interface ClientConfig extends PassThrough {
  retry?: RetryOptions;
  logLevel?: logLevel;
  /** Emit `events.STATISTICS` this often; 0 (the default): never. */
  statisticsIntervalMs?: number;
  disconnectTimeout?: number;
}

export interface InstrumentationEvent<T> {
  id: string;
  type: string;
  timestamp: number;
  payload: T;
}

export type RemoveInstrumentationEventListener<T> = () => void;

export type ConnectEvent = InstrumentationEvent<null>;
export type DisconnectEvent = InstrumentationEvent<null>;
/** A request and its answer. What librdkafka does not tell is null: when a request was made. */
export type RequestEvent = InstrumentationEvent<{
  apiKey: number;
  apiName: string;
  apiVersion: number;
  broker: string;
  clientId: string;
  correlationId: number;
  createdAt: null;
  duration: number;
  pendingDuration: null;
  sentAt: number;
  size: number;
}>;
/** A request that was not sent, or not answered, in time. */
export type RequestTimeoutEvent = InstrumentationEvent<{
  apiKey: number;
  apiName: string;
  apiVersion: number;
  broker: string;
  clientId: string;
  correlationId: number;
  createdAt: null;
  pendingDuration: null;
  sentAt: null;
}>;
/** Comes with statistics only: set `statisticsIntervalMs`. Requests that wait for being sent to a broker. */
export type RequestQueueSizeEvent = InstrumentationEvent<{
  broker: string;
  clientId: string;
  queueSize: number;
}>;

export interface IHeaders {
  [key: string]: Buffer | string | (Buffer | string | null)[] | null | undefined;
}

export type PartitionMetadata = {
  partitionErrorCode: number;
  partitionId: number;
  leader: number;
  replicas: number[];
  isr: number[];
  offlineReplicas?: number[];
};

export interface PartitionOffset {
  partition: number;
  offset: string;
}

export interface TopicOffsets {
  topic: string;
  partitions: PartitionOffset[];
}

export interface Offsets {
  topics: TopicOffsets[];
}

export interface OffsetsByTopicPartition {
  topics: TopicOffsets[];
}

export type TopicPartitions = { topic: string; partitions: number[] };
export type TopicPartition = { topic: string; partition: number };
export type TopicPartitionOffset = TopicPartition & { offset: string };
export type TopicPartitionOffsetAndMetadata = TopicPartitionOffset & { metadata?: string | null };
export type SeekEntry = PartitionOffset;

export type ValueOf<T> = T[keyof T];
