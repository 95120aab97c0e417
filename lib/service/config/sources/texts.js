'use strict';

const { redactText } = require('../secrets');
const { SETTINGS, Unacceptable } = require('../settings');

/** Whether two names of one setting say the same: brokers are lists. */
function sameValue(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * One row from texts that mean the same, and so have to say the same.
 *
 * @param {[origin: string, text: string][]} given
 * @returns {{ name: string, value?: unknown, origin: string, isBroken?: boolean } | undefined}
 */
function readTexts(row, given, problems) {
  let entry;
  for (const [origin, text] of given) {
    const setting = { name: row.name, origin, isSecret: row.type.isSecret };
    const value = row.type.fromText(text);
    if (value instanceof Unacceptable) {
      problems.unexpected(setting, row.type.expected, value.received);
      entry ??= { ...setting, isBroken: true };
    } else if (entry === undefined) {
      entry = { ...setting, value, text };
    } else if (!entry.isBroken && !sameValue(entry.value, value)) {
      const sentence = `says '${text}', but ${entry.origin} says '${entry.text}': set only one of them`;
      problems.add(setting, redactText(sentence));
    }
  }
  return entry;
}

/** Command line flags: { brokers: 'a:1,b:2' } */
function readFlags(flags, problems) {
  const settings = new Map();
  for (const row of SETTINGS) {
    const given = (row.flags ?? []).filter((flag) => flags[flag] !== undefined);
    if (given.length === 0) continue;
    const texts = given.map((flag) => [`--${flag}`, flags[flag]]);
    settings.set(row.name, readTexts(row, texts, problems));
  }
  return settings;
}

module.exports = { sameValue, readTexts, readFlags };
