'use strict';

const {
  HEADERS,
  ownHeaders,
  readDeath,
  readTrail,
  trailHeaders,
} = require('../subscription/trail');

/** A dead letter that no subscription of ours has written: nobody knows which group failed at it, or why. */
const FOREIGN = 'foreign';

/**
 * A message of a dead-letter topic, or of a quarantine, and what its headers say.
 *
 * @typedef {object} DeadLetter
 * @property {string} topic @property {number} partition @property {string} offset where it is now
 * @property {Buffer | null} key @property {Buffer | null} value @property {object} headers
 * @property {string} original the topic that it goes back to
 * @property {{ partition: number, offset: string, timestamp: string } | null} origin where it was first; null: foreign
 * @property {string | null} group who gave up @property {number} attempts @property {number} returns
 * @property {string} reason @property {string | null} error @property {string | null} errorCode
 * @property {string | null} message @property {string} failedAt
 */

/**
 * @param {object} message @param {string} original the topic whose dead letters these are
 * @returns {DeadLetter}
 */
function letterOf({ topic, partition, offset, timestamp, key, value, headers = {} }, original) {
  const message = { topic, partition, offset, timestamp, headers };
  const trail = readTrail(message);
  const { reason, failedAt, ...death } = readDeath(message);
  // A header is no more trustworthy than who may write to this topic: it does not choose where a message goes.
  const isOurs =
    headers[HEADERS.topic] !== undefined && trail.topic === original && reason !== null;
  const time = Date.parse(failedAt ?? '');
  return {
    topic,
    partition,
    offset,
    key,
    value,
    headers,
    original,
    origin: isOurs
      ? { partition: trail.partition, offset: trail.offset, timestamp: trail.timestamp }
      : null,
    group: isOurs ? trail.group : null,
    attempts: trail.attempts,
    returns: trail.returns,
    reason: isOurs ? reason : FOREIGN,
    error: death.error,
    errorCode: death.errorCode,
    message: death.message,
    failedAt: new Date(Number.isNaN(time) ? Number(timestamp) : time).toISOString(),
  };
}

/**
 * The message that goes back to the original topic: for the group that gave up and no other, as if it had never been
 * tried.
 *
 * @param {DeadLetter} letter @param {number} returns how often it will have come back
 */
function returning({ key, value, headers, original, origin, group }, returns) {
  const own = ownHeaders(headers);
  const trail =
    origin === null
      ? { [HEADERS.returns]: String(returns) }
      : trailHeaders({
          topic: original,
          ...origin,
          group,
          attempts: 0,
          firstFailedAt: null,
          notBefore: null,
          returns,
        });
  return { key, value, headers: { ...own, ...trail } };
}

/** The message for the quarantine: as it is, and why it is there. @param {DeadLetter} letter @param {string} why */
function quarantined({ key, value, headers }, why, at) {
  return {
    key,
    value,
    headers: {
      ...headers,
      [HEADERS.quarantinedAt]: new Date(at).toISOString(),
      [HEADERS.quarantineReason]: why,
    },
  };
}

module.exports = { FOREIGN, letterOf, returning, quarantined };
