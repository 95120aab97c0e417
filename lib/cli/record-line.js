'use strict';

// A message as a line of JSON: what `consume` writes and `produce` reads.

const { decodeMessage } = require('../service/envelopes');
const { UsageError } = require('./failures');

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** null where the bytes are no text. */
function textOf(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** A key or header: text, or `{ "base64": "…" }`. */
function shortOf(bytes) {
  if (bytes === null || bytes === undefined) return null;
  if (Array.isArray(bytes)) return bytes.map(shortOf);
  const text = typeof bytes === 'string' ? bytes : textOf(bytes);
  return text ?? { base64: bytes.toString('base64') };
}

/** Also of what is meant as text and happens to be JSON, such as 42: nothing tells them apart. */
function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Line breaks in JSON are between its tokens. */
const inOneLine = (text) => text.replace(/[\r\n]+/g, ' ').trim();

/**
 * `value` and how it is written. JSON goes in as it came: a number of 20 digits keeps them.
 * @returns {{ json: string, encoding: 'json' | 'text' | 'base64' | null }}
 */
function valueOf(bytes, format) {
  if (bytes === null) return { json: 'null', encoding: null };
  if (format !== 'base64') {
    const text = textOf(bytes);
    if (text !== null && format !== 'text' && isJson(text)) {
      return { json: inOneLine(text), encoding: 'json' };
    }
    if (text !== null) return { json: JSON.stringify(text), encoding: 'text' };
  }
  return { json: JSON.stringify(bytes.toString('base64')), encoding: 'base64' };
}

/** What a catalog says about a message: `{ type, id, payload }`, or `{ error }`. */
function eventOf(catalog, topic, message) {
  const envelopes = catalog.envelopesOf(topic);
  try {
    const { type: said, id, payload } = decodeMessage(envelopes, message.value, message.headers);
    const type = catalog.typeOf(topic, said);
    if (type === null) return { type: said, error: `no event of ${topic}` };
    const problems = catalog.validate(type, payload);
    if (problems.length > 0) return { type, id, error: problems.map((p) => p.message).join('; ') };
    return { type, id, payload };
  } catch (error) {
    return { error: error.message };
  }
}

/**
 * @param {{ format: 'auto' | 'text' | 'base64', catalog?: object }} options
 * @returns {(topic: string, partition: number, message: object) => string} a line
 */
function lineWriter({ format, catalog }) {
  return (topic, partition, message) => {
    const head = {
      topic,
      partition,
      offset: message.offset,
      timestamp: new Date(Number(message.timestamp)).toISOString(),
      key: shortOf(message.key),
      headers: Object.fromEntries(
        Object.entries(message.headers ?? {}).map(([name, value]) => [name, shortOf(value)]),
      ),
    };
    const { json, encoding } = valueOf(message.value, format);
    const parts = [JSON.stringify(head).slice(0, -1), `"value":${json}`];
    if (encoding !== null) parts.push(`"encoding":"${encoding}"`);
    if (catalog?.topicOf(topic)) {
      parts.push(`"event":${JSON.stringify(eventOf(catalog, topic, message))}`);
    }
    return `${parts.join(',')}}\n`;
  };
}

const FORMATS = ['auto', 'text', 'base64'];

function checkFormat(format) {
  if (FORMATS.includes(format)) return format;
  throw new UsageError(`--value-format: expected ${FORMATS.join(', ')} but received '${format}'`);
}

module.exports = { lineWriter, shortOf, checkFormat };
