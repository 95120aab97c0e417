'use strict';

const { commonEntries } = require('./common');

/**
 * A request for the controller waits until that broker is up, and librdkafka looks for another one only when it
 * refreshes its metadata: every 5 minutes by default, longer than any call waits.
 */
const CONTROLLER_REFRESH_MS = 3_000;

/**
 * @param {object} kafka @param {object} options @param {string[]} brokers
 * @returns {{ entries: [string, string][], settings: object }}
 */
function adminConfig(kafka, options, brokers) {
  const entries = commonEntries(kafka, options, brokers)
    .initial('topic.metadata.refresh.interval.ms', CONTROLLER_REFRESH_MS)
    .override(options.properties);
  return { entries: entries.toArray(), settings: { retry: { ...kafka.retry, ...options.retry } } };
}

module.exports = { adminConfig };
