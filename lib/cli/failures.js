'use strict';

// What a command ends with.

const { classes } = require('../errors');
const { redactText } = require('../service/config');

const CODES = Object.freeze({ ok: 0, failed: 1, usage: 2, findings: 3, interrupted: 130 });

/** What the user gave cannot work, however often it is tried. */
const GIVEN_WRONGLY = new Set([
  'ERR_KAFKA_AUTHENTICATION',
  'ERR_KAFKA_TLS',
  'ERR_KAFKA_RESOLVE',
  'ERR_KAFKA_CONFIG',
  'ERR_KAFKA_INVALID_OPTION',
]);

/** The command was called in a way that makes no sense. */
class UsageError extends Error {
  name = 'UsageError';
}

/** It was called well, and did not succeed; the sentence is for the user. */
class CommandError extends Error {
  name = 'CommandError';
}

function codeOf(error) {
  const isUsage = [UsageError, classes.ConfigurationError, classes.CatalogError].some(
    (type) => error instanceof type,
  );
  if (isUsage) return CODES.usage;
  const code = error?.errorCode ?? error?.cause?.errorCode;
  return GIVEN_WRONGLY.has(code) ? CODES.usage : CODES.failed;
}

/** One line, or one for each thing that is wrong. Secrets are not in it. */
function linesOf(error) {
  if (error?.errorCode === 'ERR_KAFKA_API_NOT_SUPPORTED') {
    return [`This broker cannot do that: it is an embedded one, or very old (${error.message})`];
  }
  if (error?.type === 'UNKNOWN_TOPIC_OR_PARTITION' && error.topic !== undefined) {
    return [`There is no topic ${error.topic}, or this user may not see it`];
  }
  const message = redactText(String(error?.message ?? error));
  const parts = Array.isArray(error?.problems) ? message.split('\n') : [message];
  const lines = parts.map((part) => part.replace(/\s+/g, ' ').trim());
  for (const each of error?.errors ?? []) lines.push(...linesOf(each));
  return lines;
}

module.exports = { CODES, UsageError, CommandError, codeOf, linesOf };
