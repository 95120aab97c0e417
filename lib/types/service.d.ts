import { EventEmitter } from 'node:events';
import { Admin } from './admin';
import { IHeaders } from './common';
import { Kafka } from './kafka';
import { RecordMetadata } from './producer';
import { Catalog, CatalogData } from './service-catalog';
import { Configuration, ServiceOptions } from './service-config';
import { DLQHandler } from './service-dead-letters';
import {
  HttpHandlerOptions,
  MetricJson,
  MetricsRegistry,
  ProcessingRates,
  ServiceHandler,
} from './service-monitoring';
import {
  CircuitBreaker,
  CircuitBreakerOptions,
  ConcurrencyLimitOptions,
  IdempotencyStore,
  RateLimitOptions,
  RetryPolicyOptions,
} from './service-policies';

/** Where the catalog has a topic for it (`own`), a service tells: */
export interface ReportOptions {
  /** Its start and end, and its dead letters. Default true. */
  audit?: boolean;
  /** Messages that it gave up. Default true. */
  errors?: boolean;
  /** How often its figures; 0: never. Default 60,000. */
  metricsIntervalMs?: number;
  /** How often its health; 0: never. Default 60,000. */
  healthIntervalMs?: number;
}

export interface KafkaServiceOptions extends ServiceOptions {
  /** The name of a shipped catalog, the path of a file, or data. */
  catalog: string | URL | CatalogData | Catalog;
  /** Default `process.env`. */
  env?: Record<string, string | undefined>;
  /** A client.properties; null: none. */
  file?: string | null;
  /** Settings that count where nothing else gives them. */
  defaults?: ServiceOptions;
  /** Of all subscriptions, unless they have their own. */
  policies?: SubscriptionPolicies;
  /** A Registry of prom-client, which has the service's metrics until shutdown(). Default: one of its own. */
  metricsRegistry?: MetricsRegistry;
  /** The service tells of itself on the catalog's own topics. Default false. */
  reports?: boolean | ReportOptions;
  /** initialize() makes the catalog's topics that are missing. Default false. */
  createTopics?: boolean;
  /** SIGTERM and SIGINT shut down first. Default false. */
  shutdownOnSignals?: boolean;
  /** How long handlers have to finish. Default 30,000. */
  shutdownTimeoutMs?: number;
}

/** An event without its envelope. */
export interface NeutralEvent<T = Record<string, unknown>> {
  type: string;
  data: T;
  metadata?: Record<string, unknown>;
  key?: string | Buffer | null;
  headers?: IHeaders;
  timestamp?: string;
  partition?: number;
}

export interface PublishOptions {
  headers?: IHeaders;
  timestamp?: string;
  partition?: number;
  /** Default true: what does not fit the schema is refused. */
  validate?: boolean;
}

/** What a handler is told beside the event. */
export interface EventMetadata {
  /** Where the message was first, also when it comes from a delay topic. */
  topic: string;
  partition: number;
  offset: string;
  key: string | null;
  headers: IHeaders;
  timestamp: string;
  type: string | null;
  eventId: string | null;
  correlationId: string;
  traceId: string;
  /** 1 for the first. */
  attempt: number;
  group: string;
  heartbeat(): Promise<void>;
  /** Aborted when the partition goes or the service shuts down. */
  signal: AbortSignal;
  /**
   * With `idempotency`: the event is done when the transaction of `client` commits.
   *
   * @throws `ERR_KAFKA_CLAIM_LOST` where it was done before, or is another worker's by now: roll back and throw it on
   */
  complete?(options?: { client?: any }): Promise<void>;
}

export type EventHandler<E = any> = (event: E, metadata: EventMetadata) => unknown;

export interface SubscriptionPolicies {
  /** Else what the catalog's group says, else the configuration; false. */
  fromBeginning?: boolean;
  /** How many partitions are handled side by side. Default 16. */
  partitionsConsumedConcurrently?: number;
  retry?: RetryPolicyOptions & {
    /** 'in-place' keeps the order of a partition; 'delay-topics' lets the messages behind go on. */
    mode?: 'in-place' | 'delay-topics';
    /** Of delay topics: before the second, third and every later attempt. Default 5 s, 1 min, 10 min. */
    delaysMs?: number[];
  };
  breaker?: CircuitBreaker | CircuitBreakerOptions;
  /** By the message's key unless `key` names another. */
  rateLimit?: RateLimitOptions & { key?: (event: any) => unknown };
  concurrencyLimit?: ConcurrencyLimitOptions & { key?: (event: any) => unknown };
  idempotency?: {
    /** Default: in memory, of this process. */
    store?: IdempotencyStore;
    /** Default: the envelope's id, else where the message was first. */
    id?: (event: any) => string;
    leaseMs?: number;
  };
  /** Default true: a payload that does not fit its schema goes to the dead-letter topic. */
  validate?: boolean;
  /** Default false: messages without a value are passed over. */
  tombstones?: boolean;
}

export interface GroupHealth {
  groupId: string;
  state: 'idle' | 'joining' | 'consuming' | 'crashed' | 'stopped' | 'unknown';
  failure?: string;
  /** `lag` is null until the first fetch. */
  partitions: { topic: string; partition: number; lag: number | null }[];
  lag: number | null;
}

export interface ServiceHealth {
  status: 'up' | 'degraded' | 'down';
  connected: boolean;
  producer: boolean;
  /** Groups that are consumed. */
  consumers: number;
  brokers: string;
  cluster?: { id: string; brokers: number };
  /** Why the status is not 'up'. */
  reasons: string[];
  groups: GroupHealth[];
  processing: ProcessingRates;
}

export type ServiceState = 'idle' | 'ready' | 'closing' | 'closed';

/** Events: 'ready', 'closing', 'closed'. */
export declare class KafkaService extends EventEmitter {
  /** @throws ConfigurationError that lists everything that is wrong */
  constructor(options: KafkaServiceOptions);
  readonly state: ServiceState;
  readonly catalog: Catalog;
  readonly configuration: Configuration;
  readonly kafka: Kafka;
  /** Connects. Calling it again changes nothing; publish and subscribe call it. */
  initialize(): Promise<void>;
  /** An event in the shape of its topic's envelope. @throws InvalidEventError and sends nothing */
  publishEvent(
    topic: string,
    event: object,
    key?: string | Buffer | { toString(): string } | null,
    options?: PublishOptions,
  ): Promise<RecordMetadata>;
  /** Events without their envelope: all are checked before any is sent. */
  publish(
    topic: string,
    events: NeutralEvent | NeutralEvent[],
    options?: Pick<PublishOptions, 'validate'>,
  ): Promise<RecordMetadata[]>;
  /** Topics: names, ids of the catalog, names with `*` for one part, regular expressions. */
  subscribe(
    topics: string | RegExp | (string | RegExp)[],
    group: string | undefined,
    handler: EventHandler | Record<string, EventHandler>,
    options?: SubscriptionPolicies,
  ): Promise<void>;
  /** Never rejects. */
  healthCheck(): Promise<ServiceHealth>;
  /** healthCheck() as of the last second, for probes. */
  recentHealth(): Promise<ServiceHealth>;
  /** Has the audit tell what this handler does, where `reports` are on. */
  auditDeadLetters(handler: DLQHandler): void;
  /** For Prometheus: everything in the Registry. @throws KafkaJSUnsupportedError without prom-client */
  metrics(): Promise<string>;
  /** prom-client's objects: `{ name, help, type, aggregator, values: [{ labels, value }] }`. */
  metricsJson(): Promise<MetricJson[]>;
  /** Content-Type of metrics(). */
  readonly metricsContentType: string;
  /** Handlers of health and metrics by path, for `app.get(path, handler)`. */
  httpHandlers(options?: HttpHandlerOptions): Record<string, ServiceHandler>;
  /** Connected; of this service, do not disconnect it. */
  admin(): Promise<Admin>;
  shutdown(): Promise<void>;
}

/** The service of this process for these options, until it is shut down. */
export declare function getKafkaService(options: KafkaServiceOptions): KafkaService;
