'use strict';

// What all envelopes need: a message's value and headers, whatever form they come in, and the one error.

const { classes } = require('../../errors');
const { display } = require('../../options/validate');

const decoder = new TextDecoder('utf-8', { fatal: true });
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === 'string' && value !== '';

/** RFC 3339, as JSON Schema's date-time. */
const DATE_TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):?[0-5]\d)$/;
const isDateTime = (value) => typeof value === 'string' && DATE_TIME.test(value);

function envelopeError(envelope, reason, cause) {
  return new classes.EnvelopeError(`Not a message of the envelope ${envelope}: ${reason}`, {
    envelope,
    reason,
    cause,
  });
}

/** An event that cannot be put into an envelope: the caller's mistake. */
function cannotCarry(envelope, reason) {
  return new classes.EnvelopeError(`The envelope ${envelope} cannot carry this event: ${reason}`, {
    envelope,
    reason,
  });
}

/** Value and headers of one message; JSON is parsed once, however many envelopes look at it. */
class Content {
  #parsed;

  /** @param {Buffer | Uint8Array | string | null | undefined} value @param {Record<string, any>} [headers] */
  constructor(value, headers) {
    this.value = value ?? null;
    this.headers = headers ?? {};
  }

  /** A header as text, the first one where it is repeated; undefined where it is absent. */
  header(name) {
    const given = this.headers[name];
    const first = Array.isArray(given) ? given[0] : given;
    if (first === undefined || first === null) return undefined;
    return typeof first === 'string' ? first : Buffer.from(first).toString('utf8');
  }

  get buffer() {
    if (this.value === null) return null;
    return typeof this.value === 'string' ? Buffer.from(this.value) : Buffer.from(this.value);
  }

  /** @returns {{ json?: unknown, reason?: string }} */
  get parsed() {
    this.#parsed ??= parse(this.value);
    return this.#parsed;
  }

  /** The value as a JSON object, or undefined. */
  get body() {
    const { json } = this.parsed;
    return isObject(json) ? json : undefined;
  }

  /** The value as a JSON object; throws an EnvelopeError that says why it is none. */
  bodyFor(envelope) {
    const { json, reason } = this.parsed;
    if (reason !== undefined) throw envelopeError(envelope, reason);
    if (isObject(json)) return json;
    throw envelopeError(envelope, `expected a JSON object but received ${display(json)}`);
  }
}

function parse(value) {
  if (value === null) return { reason: 'the value is null' };
  let text = value;
  if (typeof value !== 'string') {
    try {
      text = decoder.decode(value);
    } catch {
      return { reason: 'the value is not UTF-8' };
    }
  }
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    return { reason: `the value is not JSON: ${error.message}` };
  }
}

/** Throws unless `test(value)`. */
function need(envelope, test, what, path, value) {
  if (test(value)) return value;
  const came = value === undefined ? 'nothing' : display(value);
  throw envelopeError(envelope, `expected ${what} for ${path} but received ${came}`);
}

const compact = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

module.exports = {
  Content,
  envelopeError,
  cannotCarry,
  need,
  compact,
  isObject,
  isText,
  isDateTime,
};
