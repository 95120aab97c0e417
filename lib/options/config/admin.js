'use strict';

const { commonEntries } = require('./common');

/**
 * @param {object} kafka @param {object} options @param {string[]} brokers
 * @returns {{ entries: [string, string][], settings: object }}
 */
function adminConfig(kafka, options, brokers) {
  const entries = commonEntries(kafka, options, brokers).override(options.properties);
  return { entries: entries.toArray(), settings: { retry: { ...kafka.retry, ...options.retry } } };
}

module.exports = { adminConfig };
