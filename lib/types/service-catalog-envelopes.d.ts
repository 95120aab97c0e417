import { IHeaders } from './common';
import { JsonSchema } from './service-catalog';

export type EnvelopeName =
  | 'easyflow'
  | 'task-manager'
  | 'officeflow'
  | 'etelios'
  | 'spm'
  | 'cloudevents'
  | 'cloudevents-binary'
  | 'bare';

/** Who caused a message. W3C's fields follow from each other where they can. */
export interface Correlation {
  correlationId?: string;
  parentCorrelationId?: string;
  traceparent?: string;
  tracestate?: string;
  traceId?: string;
  spanId?: string;
  /** OfficeFlow's contexts. */
  organizationId?: string;
  employeeId?: string;
  workflowRunId?: string;
  nodeRunId?: string;
}

export interface EnvelopeInput {
  /** May be absent where the envelope has no field for it. */
  type?: string | null;
  data?: unknown;
  metadata?: Record<string, unknown>;
  /** Id and time are made where they are not given. */
  context?: Correlation & { eventId?: string; time?: string };
}

export interface EncodedMessage {
  /** Null only for a CloudEvent in binary mode without data. */
  value: string | Buffer | null;
  headers: Record<string, string>;
}

export interface DecodedMessage {
  /** In the shape of the system's documents. */
  event: any;
  /** Null where neither message nor headers name it: the catalog's `otherwise` says. */
  type: string | null;
  /** For idempotency; null where nothing identifies the message. */
  id: string | null;
  /** What the event's schema is about. */
  payload: any;
  metadata: Record<string, any>;
  /** RFC 3339. */
  time: string | null;
  correlation: Correlation;
}

export interface Envelope {
  readonly name: EnvelopeName;
  /** Throws an EnvelopeError for an event that it cannot carry. */
  encode(input: EnvelopeInput): EncodedMessage;
  recognises(value: Uint8Array | string | null | undefined, headers?: IHeaders): boolean;
  /** Throws an EnvelopeError for a message that it cannot read. */
  decode(value: Uint8Array | string | null | undefined, headers?: IHeaders): DecodedMessage;
  /** JSON Schema of a value on the wire. */
  schemaOf(type: string, payload: JsonSchema): JsonSchema;
}

export declare const envelopes: Readonly<Record<EnvelopeName, Envelope>>;
export declare function envelope(name: EnvelopeName): Envelope;
/** Reads a message that may be in one of several envelopes, in this order. */
export declare function decodeMessage(
  names: readonly EnvelopeName[],
  value: Uint8Array | string | null | undefined,
  headers?: IHeaders,
): DecodedMessage & { envelope: EnvelopeName };
