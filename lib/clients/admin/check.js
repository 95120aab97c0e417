'use strict';

// Arguments of the admin methods, judged before anything is sent, with KafkaJS's sentences.

const { classes } = require('../../errors');
const { display } = require('../../options/validate');

function fail(message, option) {
  return new classes.KafkaJSInvalidOptionError(message, { option });
}

const show = (value) => JSON.stringify(value);

/** A non-empty array (empty ones only with `mayBeEmpty`). */
function checkArray(value, invalid, empty, option) {
  if (!Array.isArray(value)) throw fail(`${invalid} ${String(value)}`, option);
  if (empty !== null && value.length === 0) throw fail(empty, option);
}

function checkTopicName(topic) {
  if (!topic || typeof topic !== 'string') throw fail(`Invalid topic ${String(topic)}`, 'topic');
}

function checkGroupId(groupId) {
  if (!groupId || typeof groupId !== 'string') {
    throw fail(`Invalid groupId ${String(groupId)}`, 'groupId');
  }
}

/** Names of a list of `{ topic }`: all strings, none twice. */
function checkUniqueTopics(items, what, option) {
  if (items.some((item) => typeof item?.topic !== 'string')) {
    throw fail(`Invalid ${what} array, the topic names have to be a valid string`, option);
  }
  if (new Set(items.map(({ topic }) => topic)).size < items.length) {
    throw fail(`Invalid ${what} array, it cannot have multiple entries for the same topic`, option);
  }
}

function checkConfigEntries(topic, configEntries) {
  if (configEntries === undefined || configEntries === null) return;
  if (!Array.isArray(configEntries)) {
    throw fail(`Invalid configEntries for topic "${topic}", must be an array`, 'configEntries');
  }
  configEntries.forEach((entry, index) => {
    if (typeof entry !== 'object' || entry === null) {
      throw fail(
        `Invalid configEntries for topic "${topic}". Entry ${index} must be an object`,
        `configEntries[${index}]`,
      );
    }
    for (const property of ['name', 'value']) {
      if (typeof entry[property] !== 'string') {
        throw fail(
          `Invalid configEntries for topic "${topic}". Entry ${index} must have a valid "${property}" property`,
          `configEntries[${index}].${property}`,
        );
      }
    }
  });
}

/** `[{ partition, offset }]`; gives them normalized, offsets as decimal strings. */
function checkSeekEntries(partitions) {
  if (!Array.isArray(partitions) || partitions.length === 0) {
    throw fail(
      `Invalid partitions, expected a non-empty array of { partition, offset } but received ${display(partitions)}`,
      'partitions',
    );
  }
  return partitions.map((entry, index) => {
    const { partition, offset, ...rest } = entry ?? {};
    if (!Number.isInteger(partition) || partition < 0) {
      throw fail(
        `Invalid partition, expected a number received ${String(partition)}`,
        `partitions[${index}].partition`,
      );
    }
    return { ...rest, partition, offset: offsetText(offset, `partitions[${index}].offset`) };
  });
}

function offsetText(offset, option) {
  try {
    if (!['string', 'number', 'bigint'].includes(typeof offset) || offset === '') throw new Error();
    return BigInt(offset).toString();
  } catch {
    throw fail(`Invalid offset, expected a long received ${String(offset)}`, option);
  }
}

/** One of the numbers of an enumeration. */
function checkEnum(items, field, values, what) {
  const wrong = items.find((item) => !Object.values(values).includes(item[field]));
  if (wrong !== undefined) throw fail(`Invalid ${what} ${wrong[field]}: ${show(wrong)}`, field);
}

function checkStrings(items, field, message, mayBeAbsent = false) {
  const wrong = items.some(
    (item) => typeof item?.[field] !== 'string' && !(mayBeAbsent && item?.[field] == null),
  );
  if (wrong) throw fail(message, field);
}

module.exports = {
  fail,
  show,
  checkArray,
  checkTopicName,
  checkGroupId,
  checkUniqueTopics,
  checkConfigEntries,
  checkSeekEntries,
  checkEnum,
  checkStrings,
};
