'use strict';

// From lines to messages: `{ "value": …, "key": …, "headers": …, "partition": …, "timestamp": … }` as `consume` writes them,
// plain lines, or payloads of a catalog's event.

const { decodeMessage, envelope } = require('../service/envelopes');
const { UsageError } = require('./failures');

const FIELDS = ['value', 'encoding', 'key', 'headers', 'partition', 'timestamp'];
/** Of a line that `consume` wrote: where it was is not where it goes. */
const PLACES = ['topic', 'offset', 'event'];
const ENCODINGS = ['json', 'text', 'base64'];

function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`expected JSON (or --lines): ${error.message}`);
  }
}

/** Text, or `{ "base64": "…" }`. */
function bytesOf(value, what) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value.base64 === 'string') return Buffer.from(value.base64, 'base64');
  throw new UsageError(`${what}: expected a text or {"base64": "…"}`);
}

function valueOf({ value, encoding }) {
  if (value === null || value === undefined) return null;
  if (encoding === 'base64') return Buffer.from(String(value), 'base64');
  if (encoding === 'json') return JSON.stringify(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function headersOf(given) {
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([name, value]) => [
      name,
      Array.isArray(value)
        ? value.map((each) => bytesOf(each, `headers.${name}`))
        : bytesOf(value, `headers.${name}`),
    ]),
  );
}

/** A line that says all of a message. */
function messageOf(line) {
  const record = parse(line);
  if (record === null || typeof record !== 'object' || Array.isArray(record)) {
    throw new UsageError('expected an object {"value": …} (or --lines)');
  }
  const unknown = Object.keys(record).find((n) => !FIELDS.includes(n) && !PLACES.includes(n));
  if (unknown !== undefined) {
    throw new UsageError(
      `expected ${FIELDS.join(', ')} but received ${unknown}; with --lines a line is a value as it is`,
    );
  }
  if (!Object.hasOwn(record, 'value')) {
    throw new UsageError('expected a value (null for a tombstone)');
  }
  if (record.encoding !== undefined && !ENCODINGS.includes(record.encoding)) {
    throw new UsageError(
      `encoding: expected ${ENCODINGS.join(', ')} but received ${record.encoding}`,
    );
  }
  const { partition, timestamp } = record;
  if (partition !== undefined && !(Number.isInteger(partition) && partition >= 0)) {
    throw new UsageError(`partition: expected a whole number but received ${partition}`);
  }
  const timeMs = typeof timestamp === 'string' ? Date.parse(timestamp) : timestamp;
  if (timestamp !== undefined && !Number.isInteger(timeMs)) {
    throw new UsageError(
      `timestamp: expected an ISO time or milliseconds but received ${timestamp}`,
    );
  }
  return {
    value: valueOf(record),
    key: bytesOf(record.key, 'key'),
    headers: headersOf(record.headers),
    partition,
    timeMs,
  };
}

/** A payload in the envelope that its topic writes. */
function eventEncoder(catalog, { topic, type, metadata }) {
  const { id, envelopes, events } = catalog.topic(topic);
  if (!events.includes(type)) {
    throw new UsageError(
      `--type: expected one of ${events.join(', ')} for ${id} but received '${type}'`,
    );
  }
  const [name] = envelopes;
  return (text) => {
    const data = parse(text);
    const problems = catalog.validate(type, data);
    if (problems.length > 0) {
      throw new UsageError(problems.map(({ message }) => message).join('; '));
    }
    const { value, headers } = envelope(name).encode({ type, data, metadata });
    const { event } = decodeMessage([name], value, headers);
    return { value, headers, key: catalog.keyOf(topic, event) };
  };
}

/** The concrete name of what may be the id of a catalog's topic. */
function topicNameIn(catalog, given) {
  if (catalog.topicOf(given) !== null) return given;
  return catalog.nameOf(catalog.topic(given).id);
}

/**
 * @param {import('./session').Session} session
 * @returns {{ topic: string, encode: (text: string, how: { isLine: boolean }) => object }}
 */
function encoderOf(session, given) {
  const { options } = session;
  if ((options.type === undefined) !== (options.catalog === undefined)) {
    throw new UsageError('--type and --catalog belong together');
  }
  if (options.metadata !== undefined && options.type === undefined) {
    throw new UsageError('--metadata needs --type');
  }
  let topic = given;
  let read = (text, { isLine }) => (isLine && !options.lines ? messageOf(text) : { value: text });
  if (options.type !== undefined) {
    const catalog = session.catalog();
    topic = topicNameIn(catalog, given);
    read = eventEncoder(catalog, { topic, type: options.type, metadata: options.metadata });
  }
  const encode = (text, how) => {
    const { value, key, headers, partition = options.partition, timeMs } = read(text, how);
    return {
      value,
      key: key ?? options.key ?? null,
      headers: { ...options.header, ...headers },
      ...(partition !== undefined && { partition }),
      ...(timeMs !== undefined && { timestamp: String(timeMs) }),
    };
  };
  return { topic, encode };
}

module.exports = { encoderOf, topicNameIn };
