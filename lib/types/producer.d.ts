import {
  ClientConfig,
  ConnectEvent,
  DisconnectEvent,
  IHeaders,
  InstrumentationEvent,
  Logger,
  Offsets,
  PartitionMetadata,
  RemoveInstrumentationEventListener,
  RequestEvent,
  RequestQueueSizeEvent,
  RequestTimeoutEvent,
  SaslCredentials,
  ValueOf,
} from './common';
import { Admin } from './admin';
import { Consumer } from './consumer';
import { StatisticsEvent } from './statistics';

export declare enum CompressionTypes {
  None = 0,
  GZIP = 1,
  Snappy = 2,
  LZ4 = 3,
  ZSTD = 4,
}

/** All codecs are built in; assignments are kept for code written for KafkaJS and never called. */
export declare const CompressionCodecs: { [type: number]: () => any };

export interface Message {
  key?: Buffer | Uint8Array | string | null;
  value: Buffer | Uint8Array | string | null;
  partition?: number | null;
  /** Names are read as C strings: one with a NUL character is refused, and one of somebody else's is shown up to it. */
  headers?: IHeaders | null;
  /** Milliseconds since 1970. */
  /** Milliseconds since 1970, 0 included; without one it is now. */
  timestamp?: string | number | bigint | Date | null;
}

export interface PartitionerArgs {
  topic: string;
  partitionMetadata: PartitionMetadata[];
  message: Message;
}

export type ICustomPartitioner = () => (args: PartitionerArgs) => number;
export type DefaultPartitioner = ICustomPartitioner;
export type LegacyPartitioner = ICustomPartitioner;

export declare const Partitioners: {
  /** Java's murmur2, in native code. The default. */
  DefaultPartitioner: DefaultPartitioner;
  /** The one of KafkaJS 1. */
  LegacyPartitioner: LegacyPartitioner;
  /** @deprecated Use DefaultPartitioner instead */
  JavaCompatiblePartitioner: DefaultPartitioner;
};

type Compression = CompressionTypes | 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd' | (number & {});

export interface ProducerConfig extends ClientConfig {
  createPartitioner?: ICustomPartitioner;
  metadataMaxAge?: number;
  allowAutoTopicCreation?: boolean;
  /** On unless `acks` is not -1, `retry.retries` is 0, or false is given. */
  idempotent?: boolean;
  transactionalId?: string;
  transactionTimeout?: number;
  maxInFlightRequests?: number | null;
  /** Defaults of send(); other values there use one more native producer. */
  acks?: -1 | 0 | 1 | (number & {});
  compression?: Compression;
  timeout?: number;
  /** Limits of what is accepted and not acknowledged: 64 MiB and 500,000 messages. */
  maxQueuedBytes?: number;
  maxQueuedMessages?: number;
  /** What send() does over these limits: wait for its turn (the default), or reject with ERR_KAFKA_QUEUE_FULL. */
  onQueueFull?: 'wait' | 'reject';
}

interface SendOptions {
  acks?: number;
  timeout?: number;
  compression?: Compression;
  /** Takes back a send that waits; a send that was handed over is not waited for any more. */
  signal?: AbortSignal;
}

export interface ProducerRecord extends SendOptions {
  topic: string;
  messages: Message[];
}

export interface TopicMessages {
  topic: string;
  messages: Message[];
}

export interface ProducerBatch extends SendOptions {
  topicMessages?: TopicMessages[];
}

export type RecordMetadata = {
  topicName: string;
  partition: number;
  errorCode: number;
  offset?: string;
  timestamp?: string;
  /** Of the first message of this call in the partition; '-1' with `acks: 0`. */
  baseOffset?: string;
  logAppendTime?: string;
  logStartOffset?: string;
  /** Only in `results` of an error. */
  acknowledged?: number;
  failed?: number;
};

type Sender = {
  send(record: ProducerRecord): Promise<RecordMetadata[]>;
  sendBatch(batch: ProducerBatch): Promise<RecordMetadata[]>;
};

export type ProducerEvents = {
  CONNECT: 'producer.connect';
  DISCONNECT: 'producer.disconnect';
  REQUEST: 'producer.network.request';
  REQUEST_TIMEOUT: 'producer.network.request_timeout';
  REQUEST_QUEUE_SIZE: 'producer.network.request_queue_size';
  STATISTICS: 'producer.statistics';
};

/** With `consumer` the broker refuses offsets of a member that was replaced; a group id alone cannot tell. */
export type TransactionOffsets = Offsets &
  (
    | { consumerGroupId: string; consumer?: undefined }
    | { consumer: Omit<Consumer, 'dependentAdmin'>; consumerGroupId?: string }
  );

export type Producer = Sender & {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isIdempotent(): boolean;
  /** Resolves when everything accepted so far is settled; KafkaJSTimeout after `timeout` (500 ms). */
  /** @confluentinc/kafka-javascript's: for the next login, which is that of the next connection to a broker. */
  setSaslCredentials(credentials: SaslCredentials): void;
  /** @confluentinc/kafka-javascript's: an admin client that lives no longer than this producer is connected. */
  dependentAdmin(): Admin;
  flush(options?: { timeout?: number; signal?: AbortSignal }): Promise<void>;
  /** What is accepted and not acknowledged. */
  readonly queued: { bytes: number; messages: number; waitingSends: number };
  readonly events: ProducerEvents;
  on(
    eventName: ProducerEvents['CONNECT'],
    listener: (event: ConnectEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>;
  on(
    eventName: ProducerEvents['DISCONNECT'],
    listener: (event: DisconnectEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>;
  on(
    eventName: ProducerEvents['REQUEST'],
    listener: (event: RequestEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>;
  on(
    eventName: ProducerEvents['REQUEST_QUEUE_SIZE'],
    listener: (event: RequestQueueSizeEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>;
  on(
    eventName: ProducerEvents['REQUEST_TIMEOUT'],
    listener: (event: RequestTimeoutEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>;
  on(
    eventName: ProducerEvents['STATISTICS'],
    listener: (event: StatisticsEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>;
  on(
    eventName: ValueOf<ProducerEvents>,
    listener: (event: InstrumentationEvent<any>) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>;
  transaction(): Promise<Transaction>;
  /** Of the open transaction, as @confluentinc/kafka-javascript has them on the producer. */
  commit(): Promise<void>;
  abort(): Promise<void>;
  sendOffsets(offsets: TransactionOffsets): Promise<void>;
  isActive(): boolean;
  logger(): Logger;
};

export type Transaction = Sender & {
  sendOffsets(offsets: TransactionOffsets): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
  isActive(): boolean;
};
