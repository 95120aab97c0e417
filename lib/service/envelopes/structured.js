'use strict';

// Envelopes with a field for the type, one for the payload and one for metadata:
//   officeflow  { type, payload, metadata: { source, employeeId, correlationId, … } }
//   etelios     { type, data, metadata: { eventId, timestamp, tenantId, source, … } }   what createEvent() makes
//   spm         { event_type, data, event_id, timestamp, metadata }

const { randomUUID } = require('node:crypto');
const { cannotCarry, compact, isDateTime, isObject, isText, need } = require('./content');
const correlation = require('./correlation');

/** Fields of metadata that carry the correlation. */
const CORRELATION = [
  'correlationId',
  'parentCorrelationId',
  'traceparent',
  'tracestate',
  'traceId',
  'spanId',
];

/** What a context knows besides: metadata that names another employee or run means it. */
const ATTRIBUTES = ['organizationId', 'employeeId', 'workflowRunId', 'nodeRunId'];

const identityMap = (fields) => Object.fromEntries(fields.map((field) => [field, field]));

/**
 * @param {object} definition
 * @param {string} definition.name
 * @param {string} definition.type field of the type
 * @param {string} definition.payload field of the payload
 * @param {'metadata' | null} definition.system where id and time are: in the metadata, or (null) beside the type
 * @param {string} definition.id @param {string} definition.time fields of id and time
 * @param {Record<string, string>} definition.correlation field of metadata by field of the context
 * @param {boolean} definition.optional whether a message may come without metadata
 */
function structuredEnvelope({ name, type: typeField, payload: payloadField, ...definition }) {
  const { system, id: idField, time: timeField, optional } = definition;
  const inMetadata = system === 'metadata';

  function write({ type, data, metadata = {}, context = {} }) {
    if (!isText(type)) throw cannotCarry(name, 'its type is not a string');
    if (!isObject(data)) throw cannotCarry(name, 'its data is not an object');
    const own = {
      [idField]: context.eventId ?? (inMetadata ? metadata[idField] : undefined) ?? randomUUID(),
      [timeField]:
        context.time ?? (inMetadata ? metadata[timeField] : undefined) ?? new Date().toISOString(),
    };
    const { traceId, spanId, ...rest } = correlation.complete(context);
    // As in headers: ids alone only where no traceparent has them.
    const shown = rest.traceparent === undefined ? { ...rest, traceId, spanId } : rest;
    const caused = {};
    for (const [field, inMessage] of Object.entries(definition.correlation)) {
      const isNamed = ATTRIBUTES.includes(field) && isText(metadata[inMessage]);
      if (isText(shown[field]) && !isNamed) caused[inMessage] = shown[field];
    }
    const allMetadata = compact({ ...metadata, ...(inMetadata && own), ...caused });
    const event = {
      [typeField]: type,
      ...(!inMetadata && own),
      [payloadField]: data,
      ...((!optional || Object.keys(allMetadata).length > 0) && { metadata: allMetadata }),
    };
    return { value: JSON.stringify(event), headers: correlation.toHeaders(context) };
  }

  function read(content) {
    const event = content.bodyFor(name);
    const type = need(name, isText, 'a string', typeField, event[typeField]);
    const payload = need(name, isObject, 'an object', payloadField, event[payloadField]);
    const metadata = event.metadata ?? {};
    need(name, isObject, 'an object', 'metadata', metadata);
    const own = inMetadata ? metadata : event;
    const id = own[idField] ?? null;
    const time = own[timeField] ?? null;
    if (id !== null) need(name, isText, 'a string', idField, id);
    if (time !== null) need(name, isDateTime, 'a date and time', timeField, time);
    const fields = {};
    for (const [field, inMessage] of Object.entries(definition.correlation)) {
      fields[field] = metadata[inMessage];
    }
    return {
      event,
      type,
      id,
      time,
      payload,
      metadata,
      correlation: correlation.fromMessage(content, fields),
    };
  }

  function schemaOf(type, payload) {
    const own = {
      [idField]: { type: 'string' },
      [timeField]: { type: 'string', format: 'date-time' },
    };
    return {
      type: 'object',
      required: [typeField, payloadField],
      properties: {
        [typeField]: { const: type },
        ...(!inMetadata && own),
        [payloadField]: payload,
        metadata: { type: 'object', ...(inMetadata && { properties: own }) },
      },
    };
  }

  return {
    name,
    write,
    matches: ({ body }) =>
      body !== undefined && isText(body[typeField]) && isObject(body[payloadField]),
    read,
    schemaOf,
  };
}

module.exports = { structuredEnvelope, CORRELATION, ATTRIBUTES, identityMap };
