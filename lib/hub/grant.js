'use strict';

// A grant: who somebody is and what he may see and send.

const { checkOptions, invalidOption, is, isObject } = require('../options/validate');

const MAX_CHANNEL_LENGTH = 1_024;

/** A channel, or the beginning of channels with `*` at its end. */
function isPattern(value) {
  if (typeof value !== 'string' || value === '' || value.length > MAX_CHANNEL_LENGTH) return false;
  const star = value.indexOf('*');
  return star === -1 || star === value.length - 1;
}

const patterns = {
  what: "an array of channels and patterns like 'task/*'",
  test: (v) => Array.isArray(v) && v.every(isPattern),
};

const shape = {
  subject: is.anyString,
  allow: patterns,
  expiresAt: {
    what: 'milliseconds since 1970 or a Date',
    test: (v) => v instanceof Date || typeof v === 'number',
  },
  publish: {
    what: 'an array of names of routes',
    test: (v) => Array.isArray(v) && v.every(is.string.test),
  },
};

/**
 * @typedef {object} Grant
 * @property {string} subject '' for anonymous ones
 * @property {string[]} allow patterns of channels
 * @property {number} expiresAt ms since 1970; Infinity: never
 * @property {string[]} publish routes; '*' for all
 */

/**
 * @param {unknown} given
 * @param {string} where for messages: 'authenticate()'
 * @returns {Grant}
 * @throws {KafkaJSInvalidOptionError}
 */
function checkGrant(given, where) {
  if (!isObject(given)) throw invalidOption('an object { subject, allow }', where, given);
  const grant = checkOptions(shape, given, where, { prefix: `${where}: ` });
  if (grant.subject === undefined)
    throw invalidOption('a string', `${where}: subject`, given.subject);
  if (grant.allow === undefined) throw invalidOption(patterns.what, `${where}: allow`, given.allow);
  const expiresAt = grant.expiresAt === undefined ? Infinity : Number(grant.expiresAt);
  if (Number.isNaN(expiresAt))
    throw invalidOption(shape.expiresAt.what, `${where}: expiresAt`, NaN);
  return { subject: grant.subject, allow: grant.allow, expiresAt, publish: grant.publish ?? [] };
}

const isExpired = ({ expiresAt }) => expiresAt <= Date.now();

const mayPublish = ({ publish }, route) => publish.includes(route) || publish.includes('*');

/** For the native hub. No grant: not authenticated yet. */
function nativeGrant(grant) {
  if (grant === null) return { subject: null, allow: [] };
  const { subject, allow, expiresAt, publish } = grant;
  return {
    subject,
    allow,
    ...(Number.isSafeInteger(Math.floor(expiresAt)) && { expiresAt: Math.floor(expiresAt) }),
    publish: publish.length > 0,
  };
}

module.exports = { checkGrant, isPattern, isExpired, mayPublish, nativeGrant };
