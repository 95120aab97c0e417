import { EventEmitter } from 'node:events';
import { IHeaders, KafkaConfig } from './common';
import { ConsumerConfig } from './consumer';
import { Kafka } from './kafka';
import { Catalog, CatalogData } from './service-catalog';
import { RetryPolicyOptions } from './service-policies';

export interface DLQHandlerOptions {
  /** Whose rule for dead-letter topics holds. Default: `dlq.{topic}`. */
  catalog?: string | URL | CatalogData | Catalog;
  /** Default 'dlq-handler'; the processes of one group share the work. */
  groupId?: string;
  /** From the failure until the message goes back. Default 60,000. */
  delayMs?: number;
  /** How often a message may go back before it is put into quarantine. Default 3. */
  maxReturns?: number;
  /** Default 'quarantine.{topic}'. */
  quarantine?: string;
  /** How long a topic is waited for that is not there. Default 5 attempts within some 10 seconds. */
  retry?: Omit<RetryPolicyOptions, 'isRetriable'>;
  consumer?: Partial<ConsumerConfig>;
}

/** Where a dead letter is. */
export interface DeadLetterPlace {
  topic: string;
  partition: number;
  offset: string;
}

export interface DeadLetter extends DeadLetterPlace {
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
  /** The topic that it goes back to. */
  original: string;
  /** Where it was first; null for a letter that no subscription has written. */
  origin: { partition: number; offset: string; timestamp: string } | null;
  /** Who gave up; null: see `origin`. */
  group: string | null;
  attempts: number;
  /** How often it has come back. */
  returns: number;
  reason: 'unreadable' | 'invalid' | 'not-retriable' | 'attempts' | 'deadline' | 'foreign';
  error: string | null;
  errorCode: string | null;
  message: string | null;
  /** ISO 8601. */
  failedAt: string;
}

/** Of list(). */
export interface DeadLetterSelection {
  /** The original one. Default: all. */
  topic?: string;
  /** Those of the quarantine instead. */
  quarantined?: boolean;
  /** Default 100. */
  limit?: number;
  /** Only with one of these. */
  reasons?: DeadLetter['reason'][];
  failedFrom?: Date;
  /** Not included. */
  failedUntil?: Date;
}

export interface DeadLetterRetried {
  /** The original one. */
  topic: string;
  group: string | null;
  reason: string;
  /** With this one. */
  returns: number;
  from: DeadLetterPlace;
  /** false: by retry(), quarantine() or release(). */
  automatic: boolean;
  /** It was in quarantine. */
  released?: true;
}

export interface DeadLetterQuarantined extends DeadLetterRetried {
  why: 'unreadable' | 'invalid' | 'not-retriable' | 'foreign' | 'returns' | 'no-topic' | 'by-hand';
  /** The topic of the quarantine. */
  to: string;
}

/** Sends dead letters back after a delay, and into quarantine what came back too often or what no retry can help. */
export declare class DLQHandler extends EventEmitter {
  constructor(kafka: Kafka | KafkaConfig, options?: DLQHandlerOptions);
  /** Resolves when the group was joined. */
  start(): Promise<void>;
  /** What waits for its delay is left to the next start. */
  stop(): Promise<void>;
  /** Why it has stopped dealing with dead letters for good. */
  readonly failure: Error | null;
  list(options?: DeadLetterSelection): Promise<DeadLetter[]>;
  /** Sends a dead letter back now. */
  retry(place: DeadLetterPlace): Promise<DeadLetterRetried>;
  /** Puts a dead letter into quarantine now. */
  quarantine(place: DeadLetterPlace): Promise<DeadLetterQuarantined>;
  /** Sends a letter of the quarantine back, as if it had never come back before. */
  release(place: DeadLetterPlace): Promise<DeadLetterRetried>;
  on(event: 'retried', listener: (letter: DeadLetterRetried) => void): this;
  on(event: 'quarantined', listener: (letter: DeadLetterQuarantined) => void): this;
  once(event: 'retried', listener: (letter: DeadLetterRetried) => void): this;
  once(event: 'quarantined', listener: (letter: DeadLetterQuarantined) => void): this;
}
