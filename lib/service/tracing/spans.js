'use strict';

// Spans by OpenTelemetry's semantic conventions for messaging, and the trace context of messages. Without
// @opentelemetry/api, or while no SDK is set, only the context of the message at hand is passed on.

const { CorrelationTracker } = require('./correlation-tracker');
const { TRACED, traced } = require('./channels');
const { extract, formatTraceparent, inject, parseTraceparent } = require('./trace-context');

const TRACER = 'easyflow-kafka';

let api;

/** The API, an optional peer; null where it is not installed. */
function openTelemetry() {
  if (api === undefined) {
    try {
      api = require('@opentelemetry/api');
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
      api = null;
    }
  }
  return api;
}

/** The tracer of the SDK; undefined while there is none, which is asked each time because one may be set any time. */
function activeTracer() {
  const provider = openTelemetry()?.trace.getTracerProvider();
  if (provider === undefined) return undefined;
  // The API's own provider stands in for one that is not set yet.
  if (provider.getDelegateTracer !== undefined) return provider.getDelegateTracer(TRACER);
  return provider.getTracer(TRACER);
}

function contextOfSpan(span) {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState?.serialize();
  return { traceId, spanId, flags: traceFlags, ...(tracestate && { tracestate }) };
}

/** `parent` as an OpenTelemetry context that a span can begin in. */
function remoteContext(base, { traceId, spanId, flags, tracestate }) {
  return api.trace.setSpanContext(base, {
    traceId,
    spanId,
    traceFlags: flags,
    isRemote: true,
    ...(tracestate && { traceState: api.createTraceState(tracestate) }),
  });
}

/** The context that the caller runs in, as CorrelationTracker has it. */
function ambientContext(tracker) {
  const current = tracker.getContext();
  const parent = parseTraceparent(current?.traceparent);
  if (parent !== null && current.tracestate) parent.tracestate = current.tracestate;
  return parent;
}

function textOf(key) {
  return Buffer.isBuffer(key) ? key.toString('utf8') : String(key);
}

function messageAttributes({ key, value }) {
  return {
    ...(key !== null && key !== undefined && { 'messaging.kafka.message.key': textOf(key) }),
    ...(value === null && { 'messaging.kafka.message.tombstone': true }),
    ...(value !== null &&
      value !== undefined && { 'messaging.message.body.size': Buffer.byteLength(value) }),
  };
}

function commonAttributes({ topic, clientId, eventId, correlationId }, name, type) {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.name': name,
    'messaging.operation.type': type,
    'messaging.destination.name': topic,
    ...(clientId !== undefined && { 'messaging.client.id': clientId }),
    ...(eventId !== undefined && { 'messaging.message.id': eventId }),
    ...(correlationId !== undefined && { 'messaging.message.conversation_id': correlationId }),
  };
}

function fail(span, error) {
  const type = error?.errorCode ?? error?.code ?? error?.name ?? typeof error;
  span.setAttribute('error.type', String(type));
  if (error instanceof Error) span.recordException(error);
  span.setStatus({ code: api.SpanStatusCode.ERROR, message: String(error?.message ?? error) });
}

/** Runs `work` in the span and ends it, however `work` ends. */
async function inSpan(span, base, work) {
  try {
    return await api.context.with(api.trace.setSpan(base, span), work);
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Messages with the context in their headers; one that has a context of its own keeps it. */
function withContext(messages, context) {
  if (context === null) return messages;
  return messages.map((message) =>
    extract(message.headers) === null
      ? { ...message, headers: inject(message.headers, context) }
      : message,
  );
}

/**
 * Sends messages: `send` gets them with `traceparent` and `tracestate` in their headers.
 *
 * @param {{ topic: string, messages: object[], clientId?: string, eventId?: string, correlationId?: string }} what
 * @param {(messages: object[]) => Promise<object[]>} send resolves to KafkaJS's record metadata
 */
function tracedPublish(what, send, tracker = CorrelationTracker.getInstance()) {
  return traced(TRACED.publish, { ...what }, () => publishInSpan(what, send, tracker));
}

async function publishInSpan(what, send, tracker) {
  const { topic, messages } = what;
  const tracer = activeTracer();
  const ambient = ambientContext(tracker);
  if (tracer === undefined) {
    // Nobody records a span for this send, so the next one's parent stays who it was.
    return send(withContext(messages, ambient));
  }
  const active = api.context.active();
  const hasSpan = api.trace.getSpanContext(active) !== undefined;
  const base = hasSpan || ambient === null ? active : remoteContext(active, ambient);
  const single = messages.length === 1;
  const attributes = {
    ...commonAttributes(what, 'send', 'send'),
    ...(single
      ? messageAttributes(messages[0])
      : { 'messaging.batch.message_count': messages.length }),
  };
  const kind = api.SpanKind.PRODUCER;
  const span = tracer.startSpan(`send ${topic}`, { kind, attributes }, base);
  return inSpan(span, base, async () => {
    const results = await send(withContext(messages, contextOfSpan(span)));
    const [result] = results ?? [];
    if (single && result?.partition !== undefined) {
      span.setAttribute('messaging.destination.partition.id', String(result.partition));
      const offset = Number(result.baseOffset ?? result.offset);
      if (Number.isSafeInteger(offset) && offset >= 0) {
        span.setAttribute('messaging.kafka.offset', offset);
      }
    }
    return results;
  });
}

/**
 * Handles one message: `handle` runs in its correlation context, and in a span whose parent is the sender's.
 *
 * @param {{ topic: string, partition: number, message: object, group?: string, clientId?: string, eventId?: string,
 *   correlation?: Record<string, unknown> }} what correlation: of the envelope; its `traceparent` counts where the headers
 *   have none
 * @param {(context: object) => Promise<unknown>} handle
 */
function tracedProcess(what, handle, tracker = CorrelationTracker.getInstance()) {
  return traced(TRACED.process, { ...what }, () => processInSpan(what, handle, tracker));
}

async function processInSpan(what, handle, tracker) {
  const { topic, partition, message, group, correlation = {} } = what;
  const parent = extract(message.headers) ?? withState(correlation);
  const handleIn = (trace) => {
    const context = tracker.createContext({
      ...correlation,
      traceparent: undefined,
      tracestate: undefined,
      ...(trace && { traceparent: formatTraceparent(trace), tracestate: trace.tracestate }),
    });
    return tracker.run(context, () => handle(context));
  };
  const tracer = activeTracer();
  if (tracer === undefined) return handleIn(parent);
  const base = parent ? remoteContext(api.ROOT_CONTEXT, parent) : api.context.active();
  const { correlationId } = correlation;
  const attributes = {
    ...commonAttributes({ ...what, correlationId }, 'process', 'process'),
    ...messageAttributes(message),
    'messaging.destination.partition.id': String(partition),
    ...(message.offset !== undefined && { 'messaging.kafka.offset': Number(message.offset) }),
    ...(group !== undefined && { 'messaging.consumer.group.name': group }),
  };
  const kind = api.SpanKind.CONSUMER;
  const span = tracer.startSpan(`process ${topic}`, { kind, attributes }, base);
  return inSpan(span, base, () => handleIn(contextOfSpan(span)));
}

function withState({ traceparent, tracestate }) {
  const context = parseTraceparent(traceparent);
  if (context !== null && tracestate) context.tracestate = tracestate;
  return context;
}

module.exports = { tracedPublish, tracedProcess };
