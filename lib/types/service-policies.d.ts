import { EventEmitter } from 'node:events';

export interface RetryPolicyOptions {
  /** For diagnostics_channel. */
  name?: string;
  /** All of them, the first included. Default 4. */
  attempts?: number;
  /** Default 100. */
  initialDelayMs?: number;
  /** Default 30,000. */
  maxDelayMs?: number;
  /** Default 2. */
  multiplier?: number;
  /** Default 'full': a random part of the delay. */
  jitter?: 'full' | 'none';
  /** No attempt begins later than this after the first. Default: no limit. */
  deadlineMs?: number;
  isRetriable?: (error: unknown) => boolean;
  /** For tests. */
  random?: () => number;
}

export type RetryDecision =
  | { retry: true; delayMs: number }
  | { retry: false; reason: 'not-retriable' | 'attempts' | 'deadline' };

export declare class RetryPolicy {
  constructor(options?: RetryPolicyOptions);
  readonly attempts: number;
  /** The longest delay after so many failures. */
  backoffMs(failures: number): number;
  decide(error: unknown, so: { attempt: number; elapsedMs?: number }): RetryDecision;
  /** Rejects with the last error. */
  run<T>(
    work: (attempt: number) => Promise<T> | T,
    extra?: {
      signal?: AbortSignal;
      onRetry?: (retry: { attempt: number; delayMs: number; error: unknown }) => void;
    },
  ): Promise<T>;
}

/** Not: `retriable: false`, a ReferenceError, a TypeError without a cause. */
export declare function isRetriable(error: unknown): boolean;

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface CircuitBreakerOptions {
  name?: string;
  /** Failures in a row that open it. Default 5. */
  failureThreshold?: number;
  /** Share of failures in the last `windowCalls` calls that opens it. Default 1. */
  failureRate?: number;
  /** Default 20. */
  windowCalls?: number;
  /** Default 30,000. */
  openMs?: number;
  /** How many may try at a time. Default 1. */
  halfOpenCalls?: number;
  /** How many have to succeed. Default 1. */
  successThreshold?: number;
  /** false: the call was answered. */
  isFailure?: (error: unknown) => boolean;
}

export interface BreakerChange {
  readonly name: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: string;
}

export interface BreakerSnapshot {
  name: string;
  state: BreakerState;
  successes: number;
  failures: number;
  rejected: number;
  opened: number;
  failuresInRow: number;
  failureRate: number;
  retryAfterMs: number;
}

export declare class CircuitBreaker extends EventEmitter {
  constructor(options?: CircuitBreakerOptions);
  readonly name: string;
  readonly state: BreakerState;
  /** @throws CircuitOpenError */
  execute<T>(work: () => Promise<T> | T): Promise<T>;
  open(reason?: string): void;
  close(reason?: string): void;
  /** Ties consumption to it; the result unties. */
  control(consumption: {
    pause: () => void;
    resumeSome: (calls: number) => void;
    resume: () => void;
  }): () => void;
  snapshot(): BreakerSnapshot;
  dispose(): void;
  on(event: 'open' | 'halfOpen' | 'close', listener: (change: BreakerChange) => void): this;
  on(event: 'failure', listener: (error: unknown) => void): this;
  on(event: 'success' | 'reject', listener: () => void): this;
}

export interface RateLimitOptions {
  limit: number;
  /** Default 1,000. */
  intervalMs?: number;
  /** How many may come at once. Default: `limit`. */
  burst?: number;
  /** Default 10,000; the keys used longest ago are forgotten. */
  maxKeys?: number;
  /** How long wait() may take. Default: no limit. */
  maxWaitMs?: number;
}

export declare class RateLimit {
  constructor(options: RateLimitOptions);
  readonly keys: number;
  /** 0: taken; else in how many ms one is due. */
  take(key: unknown): number;
  /** @throws LimitExceededError */
  wait(key: unknown, options?: { signal?: AbortSignal }): Promise<void>;
}

export interface ConcurrencyLimitOptions {
  limit: number;
  /** Of all keys together. Default 10,000. */
  maxWaiting?: number;
}

export declare class ConcurrencyLimit {
  constructor(options: ConcurrencyLimitOptions);
  readonly keys: number;
  readonly waiting: number;
  /** @throws LimitExceededError */
  run<T>(key: unknown, work: () => Promise<T> | T, options?: { signal?: AbortSignal }): Promise<T>;
}

export type IdempotencyClaim =
  | { status: 'claimed'; token: string }
  | { status: 'processed' }
  | { status: 'busy'; retryAfterMs: number };

/** Any object with these methods is a store. */
export interface IdempotencyStore {
  checkIfProcessed(id: string): Promise<boolean>;
  markAsProcessed(id: string): Promise<void>;
  /** Of several at once one is claimed; the lease is 60 s unless given. */
  claim(id: string, options?: { leaseMs?: number }): Promise<IdempotencyClaim>;
  extend(id: string, token: string, options?: { leaseMs?: number }): Promise<boolean>;
  /** false: the claim is somebody else's by now. */
  /** `client`: of a transaction, for a store that can be part of one. */
  complete(id: string, token: string, options?: { client?: any }): Promise<boolean>;
  release(id: string, token: string): Promise<boolean>;
  close(): Promise<void>;
}

export declare class MemoryIdempotencyStore implements IdempotencyStore {
  /** Defaults 100,000 ids and 7 days. */
  constructor(options?: { maxIds?: number; retentionMs?: number });
  checkIfProcessed(id: string): Promise<boolean>;
  markAsProcessed(id: string): Promise<void>;
  claim(id: string, options?: { leaseMs?: number }): Promise<IdempotencyClaim>;
  extend(id: string, token: string, options?: { leaseMs?: number }): Promise<boolean>;
  complete(id: string, token: string): Promise<boolean>;
  release(id: string, token: string): Promise<boolean>;
  close(): Promise<void>;
}

/** What of pg's Pool and Client is used: the package needs no types of pg. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ rowCount: number | null; rows: any[] }>;
}
export interface PostgresPool extends PostgresClient {
  connect(): Promise<PostgresClient & { release(error?: any): void }>;
}

export interface PostgresIdempotencyOptions {
  /** Yours; close() leaves it open. One of the first three has to be given. */
  pool?: PostgresPool;
  connectionString?: string;
  /** pg's PoolConfig. */
  connection?: object;
  /** Default easyflow_processed_events; made when it is missing. */
  table?: string;
  /** The consumer group: each processes an event once. */
  scope?: string;
  /** Default 7 days. */
  retentionMs?: number;
}

/** With `client`, work and completion are committed in one transaction. */
export declare class PostgresIdempotencyStore implements IdempotencyStore {
  constructor(options: PostgresIdempotencyOptions);
  prepare(): Promise<void>;
  checkIfProcessed(id: string): Promise<boolean>;
  markAsProcessed(id: string, options?: { client?: PostgresClient }): Promise<void>;
  claim(id: string, options?: { leaseMs?: number }): Promise<IdempotencyClaim>;
  extend(id: string, token: string, options?: { leaseMs?: number }): Promise<boolean>;
  complete(id: string, token: string, options?: { client?: PostgresClient }): Promise<boolean>;
  release(id: string, token: string): Promise<boolean>;
  /** Forgets what is older than the retention: once an hour by itself. */
  purge(): Promise<number>;
  close(): Promise<void>;
}
