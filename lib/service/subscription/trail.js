'use strict';

// What happened to a message before, as Kafka headers: a message on a delay topic or on a dead-letter topic carries where
// it came from, who failed at it, how often and why, beside its own headers. All of them are text.

const ORIGIN = 'origin.';
const RETRY = 'retry.';
const DEAD = 'dlq.';

const HEADERS = Object.freeze({
  topic: `${ORIGIN}topic`,
  partition: `${ORIGIN}partition`,
  offset: `${ORIGIN}offset`,
  timestamp: `${ORIGIN}timestamp`,
  /** The group that failed: only it takes the message up again when it comes back to its topic. */
  group: `${RETRY}group`,
  attempts: `${RETRY}attempts`,
  firstFailedAt: `${RETRY}first-failed-at`,
  notBefore: `${RETRY}not-before`,
  /** How often the message came back from the dead-letter topic. */
  returns: `${RETRY}returns`,
  reason: `${DEAD}reason`,
  error: `${DEAD}error`,
  errorCode: `${DEAD}error-code`,
  message: `${DEAD}message`,
  failedAt: `${DEAD}failed-at`,
  client: `${DEAD}client`,
  quarantinedAt: `${DEAD}quarantined-at`,
  quarantineReason: `${DEAD}quarantine-reason`,
});

const OURS = new Set(Object.values(HEADERS));

/** A header may hold a stack trace or half a payload; what names the error is in its beginning. */
const MESSAGE_CHARACTERS = 1_000;

const last = (value) => (Array.isArray(value) ? value.at(-1) : value);

function text(headers, name) {
  const value = last(headers?.[name]);
  return value === undefined || value === null ? null : value.toString();
}

function count(headers, name) {
  const number = Number(text(headers, name) ?? 0);
  return Number.isSafeInteger(number) && number >= 0 ? number : 0;
}

/**
 * Where a message was first, and what was tried.
 *
 * @typedef {object} Trail
 * @property {string} topic @property {number} partition @property {string} offset @property {string} timestamp
 * @property {string | null} group
 * @property {number} attempts handler calls so far @property {number} returns
 * @property {number | null} firstFailedAt ms since 1970 @property {number | null} notBefore ms since 1970
 */

/** @returns {Trail} of a message read from a topic */
function readTrail({ topic, partition, offset, timestamp, headers }) {
  const origin = text(headers, HEADERS.topic);
  return {
    topic: origin ?? topic,
    partition: origin === null ? partition : count(headers, HEADERS.partition),
    offset: (origin === null ? null : text(headers, HEADERS.offset)) ?? offset,
    timestamp: (origin === null ? null : text(headers, HEADERS.timestamp)) ?? timestamp,
    group: text(headers, HEADERS.group),
    attempts: count(headers, HEADERS.attempts),
    returns: count(headers, HEADERS.returns),
    firstFailedAt: count(headers, HEADERS.firstFailedAt) || null,
    notBefore: count(headers, HEADERS.notBefore) || null,
  };
}

/** @param {Trail} trail @returns {Record<string, string>} */
function trailHeaders(trail) {
  const headers = {
    [HEADERS.topic]: trail.topic,
    [HEADERS.partition]: String(trail.partition),
    [HEADERS.offset]: trail.offset,
    [HEADERS.timestamp]: trail.timestamp,
    [HEADERS.attempts]: String(trail.attempts),
    [HEADERS.returns]: String(trail.returns),
  };
  if (trail.group !== null) headers[HEADERS.group] = trail.group;
  if (trail.firstFailedAt !== null) headers[HEADERS.firstFailedAt] = String(trail.firstFailedAt);
  if (trail.notBefore !== null) headers[HEADERS.notBefore] = String(trail.notBefore);
  return headers;
}

/** Why a message was given up. */
function deathHeaders({ reason, error, failedAt, clientId }) {
  const headers = {
    [HEADERS.reason]: reason,
    [HEADERS.message]: String(error?.message ?? error ?? '').slice(0, MESSAGE_CHARACTERS),
    [HEADERS.failedAt]: new Date(failedAt).toISOString(),
  };
  if (error?.name) headers[HEADERS.error] = String(error.name);
  const code = error?.errorCode ?? error?.code;
  if (code !== undefined && code !== null) headers[HEADERS.errorCode] = String(code);
  if (clientId) headers[HEADERS.client] = clientId;
  return headers;
}

/** @returns what a reader of a dead-letter topic wants to know */
function readDeath({ headers }) {
  return {
    reason: text(headers, HEADERS.reason),
    error: text(headers, HEADERS.error),
    errorCode: text(headers, HEADERS.errorCode),
    message: text(headers, HEADERS.message),
    failedAt: text(headers, HEADERS.failedAt),
    clientId: text(headers, HEADERS.client),
  };
}

/** The headers that the message had in the beginning. */
function ownHeaders(headers) {
  const own = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!OURS.has(name)) own[name] = value;
  }
  return own;
}

module.exports = { HEADERS, readTrail, trailHeaders, deathHeaders, readDeath, ownHeaders };
