import { IHeaders } from './common';

/** W3C Trace Context: https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits. */
  traceId: string;
  /** 16 of them: the parent of what comes next. */
  spanId: string;
  flags: number;
  tracestate?: string;
}

export declare namespace traceContext {
  const SAMPLED: number;
  /** null: invalid, to the recommendation's letter. */
  function parseTraceparent(text: string | undefined): TraceContext | null;
  function formatTraceparent(context: {
    traceId: string;
    spanId: string;
    flags?: number | undefined;
  }): string;
  function parseTracestate(text: string | string[]): [key: string, value: string][] | null;
  function formatTracestate(entries: [key: string, value: string][]): string;
  function extract(headers: IHeaders | undefined): TraceContext | null;
  /** A copy of the headers with the context in place of any other. */
  function inject(headers: IHeaders | undefined, context: TraceContext): IHeaders;
  /** `traceId` and `spanId` of an envelope; what is no W3C id is filled up or hashed. */
  function fromIds(ids: { traceId?: unknown; spanId?: unknown } | undefined): TraceContext | null;
  function newTraceId(): string;
  function newSpanId(): string;
}

export interface CorrelationAttributes {
  /** Taken over instead of a new one. */
  correlationId?: string | undefined;
  traceparent?: string | undefined;
  tracestate?: string | undefined;
  organizationId?: string | undefined;
  employeeId?: string | undefined;
  workflowRunId?: string | undefined;
  nodeRunId?: string | undefined;
  [attribute: string]: unknown;
}

export interface CorrelationContext extends Readonly<CorrelationAttributes> {
  readonly correlationId: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly traceparent: string;
  readonly parentCorrelationId?: string;
  readonly createdAt: string;
}

export interface CorrelationEvent {
  readonly correlationId: string;
  readonly traceId: string;
  readonly service: string;
  readonly operation: string;
  readonly status: string;
  readonly timestamp: string;
  /** Since the 'started' of the same service and operation. */
  readonly durationMs?: number;
  readonly details?: Record<string, unknown>;
}

export interface CorrelationTrace {
  correlationId: string;
  context: CorrelationContext;
  events: CorrelationEvent[];
  droppedEvents: number;
  children: CorrelationTrace[];
}

export interface CorrelationTrackerOptions {
  /** Default 10,000; those used longest ago go first. */
  maxContexts?: number;
  /** Default 100; the oldest go first. */
  maxEventsPerContext?: number;
  /** Default 0: no limit. */
  maxAgeMs?: number;
}

export declare class CorrelationTracker {
  constructor(options?: CorrelationTrackerOptions);
  /** The one of this process. */
  static getInstance(): CorrelationTracker;
  createContext(attributes?: CorrelationAttributes): CorrelationContext;
  createChildContext(
    parentCorrelationId: string,
    attributes?: CorrelationAttributes,
  ): CorrelationContext;
  recordEvent(
    correlationId: string,
    service: string,
    operation: string,
    status: 'started' | 'completed' | 'failed' | (string & {}),
    details?: Record<string, unknown>,
  ): CorrelationEvent;
  /** Without an id: the context that the caller runs in. */
  getContext(correlationId?: string): CorrelationContext | undefined;
  getTrace(correlationId: string): CorrelationTrace | undefined;
  run<T>(context: CorrelationContext, work: () => T): T;
  readonly statistics: { contexts: number; events: number; evictedContexts: number };
  clear(): void;
}
