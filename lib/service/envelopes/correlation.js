'use strict';

// Who caused a message, in Kafka headers (W3C Trace Context and our own names) and in the fields of envelopes.

const { parseTraceparent, formatTraceparent } = require('../tracing/trace-context');
const { compact, isText } = require('./content');

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const SAMPLED = 1;

const HEADERS = {
  correlationId: 'correlation-id',
  parentCorrelationId: 'parent-correlation-id',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  traceId: 'trace-id',
  spanId: 'span-id',
};

/** Of ids that are W3C's; undefined for others. */
function traceparentOf({ traceId, spanId }) {
  if (!TRACE_ID.test(traceId) || !SPAN_ID.test(spanId)) return undefined;
  return formatTraceparent({ traceId, spanId, flags: SAMPLED });
}

/**
 * A context with all that follows from it: ids from `traceparent`, or `traceparent` from ids. A `traceparent` that is
 * not valid is dropped with its `tracestate`, as W3C wants.
 */
function complete(context = {}) {
  const { traceparent, tracestate, ...rest } = context;
  const parsed = parseTraceparent(traceparent);
  if (parsed !== null) {
    const { traceId, spanId } = parsed;
    return compact({ ...rest, traceId, spanId, traceparent, tracestate });
  }
  const made = traceparentOf(rest);
  return compact({ ...rest, traceparent: made, tracestate: made && tracestate });
}

/** Kafka headers of a context. The ids alone need headers only where no `traceparent` has them. */
function toHeaders(context) {
  const { traceId, spanId, ...rest } = complete(context);
  const shown = rest.traceparent === undefined ? { ...rest, traceId, spanId } : rest;
  const headers = {};
  for (const [field, name] of Object.entries(HEADERS)) {
    if (isText(shown[field])) headers[name] = shown[field];
  }
  return headers;
}

/** The context of a message: what Kafka headers say, then the envelope's own fields. */
function fromMessage(content, fields = {}) {
  const context = {};
  for (const [field, name] of Object.entries(HEADERS)) {
    const value = content.header(name);
    if (isText(value)) context[field] = value;
  }
  // A trace belongs together: ids of the envelope do not complete those of another trace in the headers.
  const traced = context.traceparent !== undefined || context.traceId !== undefined;
  for (const [field, value] of Object.entries(fields)) {
    if (!isText(value)) continue;
    const ofTrace = ['traceparent', 'tracestate', 'traceId', 'spanId'].includes(field);
    if (!(ofTrace && traced)) context[field] ??= value;
  }
  return complete(context);
}

module.exports = { complete, toHeaders, fromMessage };
