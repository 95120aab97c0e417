import { PartitionMetadata } from './common';
import { DeleteGroupsResult } from './admin';
import { RecordMetadata } from './producer';

export interface KafkaJSErrorMetadata {
  retriable?: boolean;
  fatal?: boolean;
  abortable?: boolean;
  cause?: Error;
  errorCode?: string;
  topic?: string;
  partitionId?: number;
  metadata?: PartitionMetadata;
}

export interface KafkaJSOffsetOutOfRangeMetadata {
  topic: string;
  partition: number;
}

export interface KafkaJSNumberOfRetriesExceededMetadata {
  retryCount: number;
  retryTime: number;
}

export interface KafkaJSConnectionErrorMetadata {
  broker?: string;
  code?: string;
}

export interface KafkaJSRequestTimeoutErrorMetadata {
  broker: string;
  clientId: string;
  correlationId: number;
  createdAt: number;
  sentAt: number;
  pendingDuration: number;
}

export interface KafkaJSTopicMetadataNotLoadedMetadata {
  topic: string;
}

export interface KafkaJSStaleTopicMetadataAssignmentMetadata {
  topic: string;
  unknownPartitions: PartitionMetadata[];
}

export interface KafkaJSServerDoesNotSupportApiKeyMetadata {
  apiKey: number;
  apiName: string;
}

/** All fields and codes: docs/errors.md. */
export declare class KafkaJSError extends Error {
  readonly message: Error['message'];
  readonly name: string;
  readonly retriable: boolean;
  /** The client is unusable from now on. */
  readonly fatal: boolean;
  /** The open transaction has to be aborted. */
  readonly abortable: boolean;
  /** Stable string, ERR_KAFKA_…: what programs should look at. */
  readonly errorCode: string;
  /** KafkaJS's name of a protocol error. */
  readonly type?: string;
  /** Number of the protocol error; negative: of librdkafka; a string for sockets. */
  readonly code?: number | string;
  readonly librdkafkaName?: string;
  readonly helpUrl?: string;
  readonly cause?: Error;
  readonly topic?: string;
  readonly partition?: number;
  /** Of a rejected send(). */
  readonly results?: RecordMetadata[];
  constructor(e: Error | string, metadata?: KafkaJSErrorMetadata);
}

export declare class KafkaJSNonRetriableError extends KafkaJSError {}

export declare class KafkaJSProtocolError extends KafkaJSError {
  readonly code: number;
  readonly type: string;
  /** The group that GROUP_AUTHORIZATION_FAILED is about. */
  readonly groupId?: string;
}

export declare class KafkaJSOffsetOutOfRange extends KafkaJSProtocolError {
  readonly topic: string;
  readonly partition: number;
  constructor(e: Error | string, metadata?: KafkaJSOffsetOutOfRangeMetadata);
}

export declare class KafkaJSMemberIdRequired extends KafkaJSProtocolError {
  readonly memberId: string;
}

export declare class KafkaJSCreateTopicError extends KafkaJSProtocolError {
  readonly topic: string;
  constructor(e: Error | string, topicName?: string);
}

export declare class KafkaJSAlterPartitionReassignmentsError extends KafkaJSProtocolError {
  readonly topic: string;
  readonly partition: number;
  constructor(e: Error | string, topic?: string, partition?: number);
}

export declare class KafkaJSNumberOfRetriesExceeded extends KafkaJSNonRetriableError {
  readonly retryCount: number;
  readonly retryTime: number;
  constructor(e: Error | string, metadata?: KafkaJSNumberOfRetriesExceededMetadata);
}

export declare class KafkaJSConnectionError extends KafkaJSError {
  readonly broker: string;
  readonly code?: string;
  constructor(e: Error | string, metadata?: KafkaJSConnectionErrorMetadata);
}

export declare class KafkaJSConnectionClosedError extends KafkaJSConnectionError {
  readonly host: string;
  readonly port: number;
}

export declare class KafkaJSRequestTimeoutError extends KafkaJSError {
  readonly broker: string;
  readonly correlationId: number;
  readonly createdAt: number;
  readonly sentAt: number;
  readonly pendingDuration: number;
}

export declare class KafkaJSMetadataNotLoaded extends KafkaJSError {}

export declare class KafkaJSTopicMetadataNotLoaded extends KafkaJSMetadataNotLoaded {
  readonly topic: string;
  constructor(e: Error | string, metadata?: KafkaJSTopicMetadataNotLoadedMetadata);
}

export declare class KafkaJSStaleTopicMetadataAssignment extends KafkaJSError {
  readonly topic: string;
  readonly unknownPartitions: PartitionMetadata[];
}

export declare class KafkaJSServerDoesNotSupportApiKey extends KafkaJSNonRetriableError {
  readonly apiKey: number;
  readonly apiName: string;
}

export declare class KafkaJSBrokerNotFound extends KafkaJSError {}
export declare class KafkaJSPartialMessageError extends KafkaJSNonRetriableError {}
export declare class KafkaJSSASLAuthenticationError extends KafkaJSNonRetriableError {}
export declare class KafkaJSGroupCoordinatorNotFound extends KafkaJSNonRetriableError {}
export declare class KafkaJSNotImplemented extends KafkaJSNonRetriableError {}
export declare class KafkaJSTimeout extends KafkaJSNonRetriableError {}
export declare class KafkaJSLockTimeout extends KafkaJSTimeout {}
export declare class KafkaJSUnsupportedMagicByteInMessageSet extends KafkaJSNonRetriableError {}
export declare class KafkaJSInvariantViolation extends KafkaJSNonRetriableError {}
export declare class KafkaJSInvalidVarIntError extends KafkaJSNonRetriableError {}
export declare class KafkaJSInvalidLongError extends KafkaJSNonRetriableError {}
export declare class KafkaJSNoBrokerAvailableError extends KafkaJSError {
  constructor(e?: Error | string);
}

export interface KafkaJSDeleteGroupsErrorGroups {
  groupId: string;
  errorCode: number;
  error: KafkaJSError;
}

export declare class KafkaJSDeleteGroupsError extends KafkaJSError {
  readonly groups: DeleteGroupsResult[];
  constructor(e: Error | string, groups?: DeleteGroupsResult[]);
}

export interface KafkaJSDeleteTopicRecordsErrorPartition {
  partition: number;
  offset: string;
  error: KafkaJSError;
}

export interface KafkaJSDeleteTopicRecordsErrorTopic {
  topic: string;
  partitions: KafkaJSDeleteTopicRecordsErrorPartition[];
}

export declare class KafkaJSDeleteTopicRecordsError extends KafkaJSError {
  readonly partitions: KafkaJSDeleteTopicRecordsErrorPartition[];
  constructor(metadata: KafkaJSDeleteTopicRecordsErrorTopic);
}

export declare class KafkaJSAggregateError extends Error {
  readonly errors: (Error | string)[];
  constructor(message: Error | string, errors: (Error | string)[]);
}

export declare class KafkaJSFetcherRebalanceError extends Error {}

/** A wrong option or argument: nothing was sent. */
export declare class KafkaJSInvalidOptionError extends KafkaJSNonRetriableError {
  /** Its path, as in `messages[3].value`. */
  readonly option?: string;
}

/** KafkaJS can do it, librdkafka cannot; the message says what to use instead. */
export declare class KafkaJSUnsupportedError extends KafkaJSNotImplemented {
  readonly option?: string;
}

export declare class KafkaJSQueueFullError extends KafkaJSError {}
export declare class KafkaJSClosedError extends KafkaJSNonRetriableError {}
export declare class KafkaJSAbortedError extends KafkaJSNonRetriableError {}
export declare class KafkaJSBindingError extends KafkaJSNonRetriableError {}
export declare class KafkaJSEmbeddedError extends KafkaJSNonRetriableError {}

/** One thing that is wrong with the settings of a service. */
export interface ConfigurationProblem {
  /** Its name in the table of docs/configuration.md. */
  setting: string;
  /** Variable, option, or file and line. */
  origin: string;
  expected?: string;
  /** As a text for eyes; never a secret. */
  received?: string;
  /** Origin and problem in one line. */
  message: string;
}

/** Everything that is wrong with the settings of a service, at once. */
export declare class ConfigurationError extends KafkaJSNonRetriableError {
  readonly problems: ConfigurationProblem[];
  constructor(problems: ConfigurationProblem[]);
}

/** A mistake in a catalog or in a payload. */
export interface CatalogProblem {
  /** Of the catalog; absent for a payload. */
  file?: string;
  /** JSON path, `$.topics[3].name`. */
  path: string;
  expected: string;
  /** `nothing`, or a value and its type. */
  received: string;
  /** All of it in one sentence. */
  message: string;
}

/** A catalog with mistakes, all of them. */
export declare class CatalogError extends KafkaJSNonRetriableError {
  readonly problems: CatalogProblem[];
}

/** A message that its envelope cannot read, or an event that it cannot carry. */
export declare class EnvelopeError extends KafkaJSNonRetriableError {
  readonly envelope: string;
  readonly reason: string;
}

/** An event that was not published: it does not fit its topic. */
export declare class InvalidEventError extends KafkaJSNonRetriableError {
  readonly topic: string;
  readonly problems: readonly {
    path?: string;
    expected?: string;
    received?: string;
    message: string;
  }[];
}

/** For handlers to throw: no retry, straight to the dead-letter topic. */
export declare class NonRetriableError extends KafkaJSNonRetriableError {}

export declare class CircuitOpenError extends KafkaJSError {
  /** Its name. */
  readonly breaker: string;
  readonly retryAfterMs: number;
  constructor(breaker: string, retryAfterMs: number);
}

export declare class LimitExceededError extends KafkaJSError {
  readonly retryAfterMs?: number;
  constructor(e: Error | string, metadata?: KafkaJSErrorMetadata & { retryAfterMs?: number });
}
