'use strict';

const { structuredEnvelope } = require('./structured');

module.exports = structuredEnvelope({
  name: 'spm',
  type: 'event_type',
  payload: 'data',
  system: null,
  id: 'event_id',
  time: 'timestamp',
  optional: true,
  correlation: {
    correlationId: 'correlation_id',
    parentCorrelationId: 'parent_correlation_id',
    traceparent: 'traceparent',
    tracestate: 'tracestate',
    traceId: 'trace_id',
    spanId: 'span_id',
  },
});
