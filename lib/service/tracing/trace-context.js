'use strict';

// W3C Trace Context (https://www.w3.org/TR/trace-context/) in Kafka headers. Strict: what the recommendation calls invalid
// is as if it were not there.

const crypto = require('node:crypto');

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZERO = /^0+$/;
const SAMPLED = 0x01;
/** Bits that this version of the recommendation gives a meaning: sampled, random. */
const KNOWN_FLAGS = 0x03;

const STATE_KEY =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
/** Printable ASCII without comma and equals sign, no blank at the end. */
const STATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const STATE_MEMBERS = 32;

/**
 * @typedef {object} TraceContext
 * @property {string} traceId 32 lower-case hexadecimal digits
 * @property {string} spanId 16 of them: the span that is the parent of what comes next
 * @property {number} flags
 * @property {string} [tracestate]
 */

/** @returns {TraceContext | null} */
function parseTraceparent(text) {
  const match = typeof text === 'string' ? TRACEPARENT.exec(text) : null;
  if (match === null) return null;
  const [, version, traceId, spanId, flags, rest] = match;
  // A later version may append fields; this one has none, and ff is never valid.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (ZERO.test(traceId) || ZERO.test(spanId)) return null;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & KNOWN_FLAGS };
}

/** Always of version 00: what is passed on is what this code understands. */
function formatTraceparent({ traceId, spanId, flags = 0 }) {
  return `00-${traceId}-${spanId}-${(flags & KNOWN_FLAGS).toString(16).padStart(2, '0')}`;
}

/**
 * @param {string | string[]} text several headers are one list
 * @returns {[key: string, value: string][] | null} null: invalid as a whole
 */
function parseTracestate(text) {
  const members = (Array.isArray(text) ? text.join(',') : text)
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '');
  if (members.length > STATE_MEMBERS) return null;
  const entries = [];
  const seen = new Set();
  for (const member of members) {
    const at = member.indexOf('=');
    const [key, value] = [member.slice(0, at), member.slice(at + 1)];
    if (at < 0 || !STATE_KEY.test(key) || !STATE_VALUE.test(value) || seen.has(key)) return null;
    seen.add(key);
    entries.push([key, value]);
  }
  return entries;
}

function formatTracestate(entries) {
  return entries.map(([key, value]) => `${key}=${value}`).join(',');
}

/** All values of a header as texts; names in any case, as other clients write them. */
function valuesOf(headers, wanted) {
  const values = [];
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (name.toLowerCase() !== wanted) continue;
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined) values.push(String(item));
    }
  }
  return values;
}

/**
 * @param {Record<string, unknown> | undefined} headers of a Kafka message
 * @returns {TraceContext | null}
 */
function extract(headers) {
  const parents = valuesOf(headers, 'traceparent');
  // Two parents are none.
  const context = parents.length === 1 ? parseTraceparent(parents[0]) : null;
  if (context === null) return null;
  const states = valuesOf(headers, 'tracestate');
  const entries = states.length > 0 ? parseTracestate(states) : [];
  if (entries !== null && entries.length > 0) context.tracestate = formatTracestate(entries);
  return context;
}

/**
 * A copy of the headers with the context in them, in place of any other.
 *
 * @param {Record<string, unknown> | undefined} headers
 * @param {TraceContext} context
 */
function inject(headers, context) {
  const result = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!/^trace(parent|state)$/i.test(name)) result[name] = value;
  }
  result.traceparent = formatTraceparent(context);
  if (context.tracestate) result.tracestate = context.tracestate;
  return result;
}

/** Random bytes for some hundred ids at a time: asking for 8 costs as much as asking for thousands. */
const pool = Buffer.alloc(4_096);
let used = pool.length;

function randomId(bytes) {
  let id;
  do {
    if (used + bytes > pool.length) {
      crypto.randomFillSync(pool);
      used = 0;
    }
    id = pool.toString('hex', used, used + bytes);
    used += bytes;
  } while (ZERO.test(id));
  return id;
}

const newTraceId = () => randomId(16);
const newSpanId = () => randomId(8);

/** Of 16 or 32 hexadecimal digits, with or without a UUID's dashes: shorter ones are filled up, as W3C has it. */
function hexId(text, digits) {
  const plain = text.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]+$/.test(plain) || plain.length > digits || plain.length % 16 !== 0) return null;
  const id = plain.padStart(digits, '0');
  return ZERO.test(id) ? null : id;
}

/** The same text gives the same id everywhere, so that services that map it meet in one trace. */
function hashedId(text, digits) {
  return crypto.createHash('sha256').update(text).digest('hex').slice(0, digits);
}

/**
 * `traceId` and `spanId` of an envelope (Task Manager's `headers`) as a trace context. They may be W3C ids, UUIDs, 64-bit ids,
 * or any other text, which is hashed.
 *
 * @param {{ traceId?: unknown, spanId?: unknown } | undefined} ids
 * @returns {TraceContext | null} null without a traceId
 */
function fromIds({ traceId, spanId } = {}) {
  if (typeof traceId !== 'string' || traceId === '') return null;
  const hasSpan = typeof spanId === 'string' && spanId !== '';
  return {
    traceId: hexId(traceId, 32) ?? hashedId(traceId, 32),
    // Without a span of its own the trace's beginning is the parent.
    spanId: hasSpan ? (hexId(spanId, 16) ?? hashedId(spanId, 16)) : hashedId(`${traceId}/root`, 16),
    flags: SAMPLED,
  };
}

module.exports = {
  SAMPLED,
  parseTraceparent,
  formatTraceparent,
  parseTracestate,
  formatTracestate,
  extract,
  inject,
  fromIds,
  newTraceId,
  newSpanId,
};
