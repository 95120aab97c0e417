'use strict';

// CloudEvents 1.0 in both content modes of its Kafka binding: `cloudevents` (structured, one JSON value) and
// `cloudevents-binary` (attributes in headers `ce_*`, the data as the value). Each reads both.

const { randomUUID } = require('node:crypto');
const { cannotCarry, compact, envelopeError, isDateTime, isText, need } = require('./content');
const correlation = require('./correlation');

const STRUCTURED = 'application/cloudevents+json';
const JSON_TYPE = 'application/json';
const JSON_CONTENT = /^[^/;\s]+\/([^;\s]+\+)?json\s*(;|$)/i;
const SPEC_VERSION = '1.0';
const DEFAULT_SOURCE = 'easyflow-kafka';

/** Names of attributes: lower-case letters and digits. */
const ATTRIBUTE = /^[a-z0-9]+$/;
const RESERVED = new Set(['data', 'data_base64', 'specversion', 'type']);
const PREFIX = 'ce_';

/** Extension attributes of the correlation; W3C's are a CloudEvents extension of the same names. */
const CORRELATION = {
  correlationId: 'correlationid',
  parentCorrelationId: 'parentcorrelationid',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  traceId: 'traceid',
  spanId: 'spanid',
};

const isAttribute = (value) =>
  typeof value === 'boolean' || Number.isInteger(value) || typeof value === 'string';

/** All attributes of an event that is written. `metadata` has attributes by their names. */
function attributesOf(name, { type, metadata: given = {}, context = {} }) {
  const metadata = compact(given);
  if (!isText(type)) throw cannotCarry(name, 'its type is not a string');
  for (const [key, value] of Object.entries(metadata)) {
    if (!ATTRIBUTE.test(key) || RESERVED.has(key)) {
      throw cannotCarry(
        name,
        `"${key}" is no name of an attribute (lower-case letters and digits)`,
      );
    }
    if (!isAttribute(value)) {
      throw cannotCarry(name, `the attribute ${key} is not a string, an integer or a boolean`);
    }
  }
  const { traceId, spanId, ...rest } = correlation.complete(context);
  const shown = rest.traceparent === undefined ? { ...rest, traceId, spanId } : rest;
  const caused = {};
  for (const [field, attribute] of Object.entries(CORRELATION)) {
    if (isText(shown[field])) caused[attribute] = shown[field];
  }
  return compact({
    specversion: SPEC_VERSION,
    source: DEFAULT_SOURCE,
    ...metadata,
    id: context.eventId ?? metadata.id ?? randomUUID(),
    type,
    time: context.time ?? metadata.time ?? new Date().toISOString(),
    ...caused,
  });
}

/** What both modes make of the attributes and the data. */
function decoded(name, content, event) {
  need(name, (v) => v === SPEC_VERSION, `"${SPEC_VERSION}"`, 'specversion', event.specversion);
  for (const attribute of ['id', 'source', 'type']) {
    need(name, isText, 'a string', attribute, event[attribute]);
  }
  if (event.time !== undefined) need(name, isDateTime, 'a date and time', 'time', event.time);
  const { data, ...metadata } = event;
  delete metadata.data_base64;
  const fields = {};
  for (const [field, attribute] of Object.entries(CORRELATION)) fields[field] = event[attribute];
  return {
    event,
    type: event.type,
    id: event.id,
    time: event.time ?? null,
    payload: data ?? null,
    metadata,
    correlation: correlation.fromMessage(content, fields),
  };
}

// ── Structured ──────────────────────────────────────────────────────────────────────────────────────────────────────

const isBytes = (data) => ArrayBuffer.isView(data);

function writeStructured(input) {
  const attributes = attributesOf('cloudevents', input);
  const { data } = input;
  const event = isBytes(data)
    ? {
        datacontenttype: 'application/octet-stream',
        ...attributes,
        data_base64: Buffer.from(data).toString('base64'),
      }
    : { datacontenttype: JSON_TYPE, ...attributes, ...(data !== undefined && { data }) };
  return {
    value: JSON.stringify(event),
    headers: {
      'content-type': `${STRUCTURED}; charset=UTF-8`,
      ...correlation.toHeaders(input.context),
    },
  };
}

const contentType = (content) => content.header('content-type')?.trim().toLowerCase() ?? '';

/** A producer may have forgotten the content type; `specversion` says enough. */
const isStructured = (content) =>
  contentType(content).startsWith(STRUCTURED) || isText(content.body?.specversion);

function readStructured(name, content) {
  const event = { ...content.bodyFor(name) };
  if (event.data_base64 !== undefined) {
    need(name, isText, 'a base64 string', 'data_base64', event.data_base64);
    event.data = Buffer.from(event.data_base64, 'base64');
  }
  return decoded(name, content, event);
}

// ── Binary ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function writeBinary(input) {
  const { data } = input;
  const { datacontenttype, ...attributes } = attributesOf('cloudevents-binary', input);
  const headers = { ...correlation.toHeaders(input.context) };
  for (const [attribute, value] of Object.entries(attributes)) {
    headers[PREFIX + attribute] = String(value);
  }
  if (data === undefined || data === null) return { value: null, headers };
  const type = datacontenttype ?? (isBytes(data) ? 'application/octet-stream' : JSON_TYPE);
  if (!isBytes(data) && !JSON_CONTENT.test(type)) {
    throw cannotCarry('cloudevents-binary', `data of type ${type} has to be bytes`);
  }
  headers['content-type'] = type;
  return { value: isBytes(data) ? Buffer.from(data) : JSON.stringify(data), headers };
}

const isBinary = (content) => content.header('ce_specversion') !== undefined;

function readBinary(name, content) {
  const event = {};
  for (const header of Object.keys(content.headers)) {
    if (header.startsWith(PREFIX)) event[header.slice(PREFIX.length)] = content.header(header);
  }
  const type = content.header('content-type');
  if (type !== undefined) event.datacontenttype = type;
  if (content.value !== null) {
    const { json, reason } = JSON_CONTENT.test(type ?? JSON_TYPE) ? content.parsed : {};
    if (reason !== undefined) throw envelopeError(name, reason);
    event.data = json === undefined ? content.buffer : json;
  }
  return decoded(name, content, event);
}

// ── Both ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const shared = (name) => ({
  name,
  matches: (content) => isBinary(content) || isStructured(content),
  read: (content) =>
    isBinary(content) ? readBinary(name, content) : readStructured(name, content),
});

function structuredSchema(type, payload) {
  return {
    type: 'object',
    required: ['specversion', 'id', 'source', 'type'],
    properties: {
      specversion: { const: SPEC_VERSION },
      id: { type: 'string', minLength: 1 },
      source: { type: 'string', minLength: 1 },
      type: { const: type },
      time: { type: 'string', format: 'date-time' },
      datacontenttype: { type: 'string' },
      data: payload,
    },
  };
}

module.exports = {
  structured: { ...shared('cloudevents'), write: writeStructured, schemaOf: structuredSchema },
  binary: {
    ...shared('cloudevents-binary'),
    write: writeBinary,
    schemaOf: (_, payload) => payload,
  },
};
