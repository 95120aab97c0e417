'use strict';

// The one place that judges options and arguments, with one sentence form:
//   Expected <what> for <option> but received <value> of type <type>
// A shape is { optionName: check }; a check is { what, test, secret?, unsupported? }. `undefined` and `null` mean "not
// given" everywhere; secrets are never printed.

const { classes } = require('../errors');
const { nearest } = require('./nearest');

const SHOWN = 80;

/** @returns {string} a value for a message, short and without contents of objects */
function display(value) {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'function') return `[function${value.name ? ` ${value.name}` : ''}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `<${value.constructor.name} of ${value.byteLength} bytes>`;
  if (typeof value === 'object' && value !== null) {
    return value.constructor?.name && value.constructor !== Object
      ? `[${value.constructor.name}]`
      : '[object]';
  }
  return String(value);
}

function quote(text) {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}

function typeName(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/**
 * @param {string} what what was expected
 * @param {string} option path of the option, `messages[3].value`
 * @param {unknown} value what came
 * @param {{ secret?: boolean }} [options]
 */
function invalidOption(what, option, value, { secret = false } = {}) {
  const shown = secret && value != null ? 'a secret value' : display(value);
  return new classes.KafkaJSInvalidOptionError(
    `Expected ${what} for ${option} but received ${shown} of type ${typeName(value)}`,
    { option },
  );
}

/** A combination of options, each of which is right by itself. */
function conflict(message, option) {
  return new classes.KafkaJSInvalidOptionError(message, { option });
}

function unsupported(option, hint) {
  return new classes.KafkaJSUnsupportedError(`${option} is not supported: ${hint}`, { option });
}

function unknownOption(name, where, known) {
  const suggestion = nearest(name, known);
  return new classes.KafkaJSInvalidOptionError(
    `Unknown option "${name}" for ${where}${suggestion ? `: did you mean "${suggestion}"?` : ''}`,
    { option: name },
  );
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks one value against a check. */
function checkValue(check, value, option) {
  if (check.unsupported !== undefined) throw unsupported(option, check.unsupported);
  if (!check.test(value)) throw invalidOption(check.what, option, value, check);
  return value;
}

/**
 * Checks `options` against `shape` and returns a plain object of what was given.
 *
 * @param {Record<string, object>} shape
 * @param {unknown} options
 * @param {string} where for messages: 'kafka.producer()'
 * @param {{ prefix?: string, onUnknown?: (name: string, value: unknown) => boolean }} [extra]
 *   onUnknown: takes a name that is not in the shape; false means that it does not know it either
 */
function checkOptions(shape, options, where, { prefix = '', onUnknown } = {}) {
  if (options === undefined || options === null) return {};
  if (!isObject(options)) throw invalidOption('an object', where, options);
  const result = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null) continue;
    if (Object.hasOwn(shape, name)) result[name] = checkValue(shape[name], value, prefix + name);
    else if (onUnknown === undefined || !onUnknown(name, value)) {
      throw unknownOption(prefix + name, where, Object.keys(shape));
    }
  }
  return result;
}

// ── Checks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const string = { what: 'a non-empty string', test: (v) => typeof v === 'string' && v !== '' };
const anyString = { what: 'a string', test: (v) => typeof v === 'string' };
const boolean = { what: 'a boolean', test: (v) => typeof v === 'boolean' };
const func = { what: 'a function', test: (v) => typeof v === 'function' };
const object = { what: 'an object', test: isObject };
const integer = (min, max = Number.MAX_SAFE_INTEGER) => ({
  what:
    max === Number.MAX_SAFE_INTEGER ? `an integer from ${min}` : `an integer from ${min} to ${max}`,
  test: (v) => Number.isInteger(v) && v >= min && v <= max,
});
const number = (min) => ({
  what: `a number from ${min}`,
  test: (v) => typeof v === 'number' && v >= min,
});
const oneOf = (...values) => ({
  what: `one of ${values.map((v) => (typeof v === 'string' ? `'${v}'` : v)).join(', ')}`,
  test: (v) => values.includes(v),
});
const secret = (check) => ({ ...check, secret: true });
const notSupported = (hint) => ({ unsupported: hint });
const arrayOf = (check, what) => ({
  what: what ?? `an array of ${check.what}`,
  test: (v) => Array.isArray(v) && v.length > 0 && v.every(check.test),
});

/** INT32_MAX: the largest of most properties of librdkafka. */
const INT32_MAX = 2_147_483_647;

module.exports = {
  checkOptions,
  checkValue,
  invalidOption,
  unknownOption,
  unsupported,
  conflict,
  isObject,
  display,
  INT32_MAX,
  is: {
    string,
    anyString,
    boolean,
    func,
    object,
    integer,
    number,
    oneOf,
    secret,
    notSupported,
    arrayOf,
  },
};
