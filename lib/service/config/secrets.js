'use strict';

// The one place that knows what is a secret and how it is hidden: in messages, in logs, and in objects that somebody
// prints.

const util = require('node:util');

const HIDDEN = '***';

/** Names of options, properties and variables whose value nobody may see. */
const SECRET_NAME =
  /passw(?:or)?d|passphrase|secret|token|jaas|keytab|credential|connection_?string|api[._-]?key|private[._-]?key|oauthbearer\.config|user\.info|authorization|ssl[._]key|^key\.pem$/i;
/** Of `ssl: { … }`: what Node calls them there. */
const SECRET_IN_SSL = new Set(['key', 'pfx', 'passphrase']);
/** Words that contain one of the above and are no secret. */
const PUBLIC_NAME = /location$|\.url$|^oauthbearer_token_refresh_cb$/i;

const PATTERNS = [
  // PEM blocks of keys.
  [
    /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^]*?(?:-----END \1-----|$)/g,
    `-----BEGIN $1----- ${HIDDEN}`,
  ],
  // A connection string of Azure: everything but where it points to.
  [/(SharedAccess(?:Key|Signature)\s*=)\s*[^;\s"']+/gi, `$1${HIDDEN}`],
  // JAAS lines and `password=…` of all kinds; quoted values may hold escaped quotes.
  [
    /((?:passw(?:or)?d|passphrase|secret|token|api[._-]?key)["']?\s*[=:]\s*)(?:"(?:\\.|[^"\\])*"|'[^']*'|[^\s,;"'}]+)/gi,
    `$1${HIDDEN}`,
  ],
  // user:password@host
  [
    /([a-z][a-z0-9+.-]*:\/\/)?[^\s/@'",]*:[^\s/@'",]*@/gi,
    (_, scheme = '') => `${scheme}${HIDDEN}@`,
  ],
  [/(authorization["']?\s*[:=]\s*["']?(?:bearer|basic)\s+)[^\s"']+/gi, `$1${HIDDEN}`],
];

function isSecretName(name) {
  return SECRET_NAME.test(name) && !PUBLIC_NAME.test(name);
}

/**
 * A text without what looks like a secret, and without the given ones.
 *
 * @param {string} text
 * @param {Iterable<string>} [secrets] values that must not be seen, whatever they look like
 */
function redactText(text, secrets = []) {
  let shown = text;
  // The longest first: a secret may be part of another.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret.length > 0) shown = shown.replaceAll(secret, HIDDEN);
  }
  for (const [pattern, replacement] of PATTERNS) shown = shown.replace(pattern, replacement);
  return shown;
}

function redactValue(value, name, parent, seen) {
  if (value === undefined || value === null || value === false || value === true) return value;
  if (isSecretName(name) || (parent === 'ssl' && SECRET_IN_SSL.has(name))) {
    return typeof value === 'function' ? value : HIDDEN;
  }
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object') return value;
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (seen.has(value)) return '[Circular]';
  seen.add(value);
  const result = redactObject(value, name, seen);
  seen.delete(value);
  return result;
}

function redactObject(value, name, seen) {
  if (Array.isArray(value)) return value.map((item) => redactValue(item, '', name, seen));
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => [
      key,
      redactValue(item, String(key), name, seen),
    ]);
    return Object.fromEntries(entries);
  }
  if (value instanceof Error) {
    return { name: value.name, message: redactText(value.message), ...plain(value, name, seen) };
  }
  return plain(value, name, seen);
}

function plain(value, name, seen) {
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactValue(item, key, name, seen)]),
  );
}

/**
 * A copy for eyes: the values of secret names are replaced, at any depth, and texts go through redactText().
 *
 * @template T
 * @param {T} value
 * @returns {T}
 */
function redact(value) {
  return redactValue(value, '', '', new Set());
}

/**
 * Gives an object that holds secrets a face that shows none, in JSON.stringify() and in util.inspect() (console.log). What
 * reads its properties gets the true values. `name` is the option that the object is the value of.
 *
 * @template {object} T
 * @param {T} object
 * @returns {T}
 */
function guard(object, name = '') {
  const shown = () => redactValue(object, name, '', new Set());
  Object.defineProperties(object, {
    toJSON: { value: shown, configurable: true },
    [util.inspect.custom]: {
      value: (_depth, options, inspect) => inspect(shown(), { ...options, customInspect: true }),
      configurable: true,
    },
  });
  return object;
}

module.exports = { HIDDEN, isSecretName, redact, redactText, guard };
