'use strict';

const { SETTINGS } = require('../settings');
const { readTexts } = require('./texts');
const { logLevel } = require('../../../clients/log-level');

/** As the package `debug` reads it: names between commas or spaces, `*` at the end, `-` in front excludes. */
function debugsKafka(text) {
  const names = text.split(/[\s,]+/);
  const means = (name) => name === '*' || name.startsWith('kafka');
  if (names.some((name) => name.startsWith('-') && means(name.slice(1)))) return false;
  return names.some(means);
}

/**
 * @param {Record<string, string | undefined>} env
 * @returns {Map<string, { name: string, value?: unknown, origin: string, isBroken?: boolean }>}
 */
function readEnvironment(env, { topicVariables, parameterVariables }, problems) {
  const settings = new Map();
  for (const row of SETTINGS) {
    // A variable that is set to nothing counts as not set.
    const given = row.variables.filter((variable) => env[variable]);
    const entry = readTexts(
      row,
      given.map((variable) => [variable, env[variable]]),
      problems,
    );
    if (entry !== undefined) settings.set(row.name, entry);
  }
  if (!settings.has('logLevel') && debugsKafka(env.DEBUG ?? '')) {
    settings.set('logLevel', { name: 'logLevel', value: logLevel.DEBUG, origin: 'DEBUG' });
  }
  for (const [prefix, variables] of [
    ['topics', topicVariables],
    ['parameters', parameterVariables],
  ]) {
    for (const [variable, id] of Object.entries(variables)) {
      const name = `${prefix}.${id}`;
      if (env[variable]) settings.set(name, { name, value: env[variable], origin: variable });
    }
  }
  return settings;
}

module.exports = { readEnvironment };
