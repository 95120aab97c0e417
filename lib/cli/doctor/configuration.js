'use strict';

// What was configured, where, and whether it makes sense together.

const { classes } = require('../../errors');
const { readSources, redactText, resolveConfiguration } = require('../../service/config');
const { HIDDEN, isSecretName } = require('../../service/config/secrets');

function valueOf({ name, value, isSecret, isBroken }) {
  if (isBroken) return '(not usable)';
  if (isSecret || isSecretName(name)) return HIDDEN;
  if (typeof value === 'function') return '(a function)';
  return redactText(Array.isArray(value) ? value.join(',') : String(value));
}

/** @param {object} sources of resolveConfiguration() */
function readConfiguration(sources) {
  const { merged } = readSources(sources);
  const settings = [...merged.values()].map((setting) => ({
    setting: setting.name,
    value: valueOf(setting),
    origin: setting.origin,
  }));
  try {
    return { settings, configuration: resolveConfiguration(sources), problems: [] };
  } catch (error) {
    if (!(error instanceof classes.ConfigurationError)) throw error;
    return { settings, problems: error.problems.map(({ message }) => message) };
  }
}

module.exports = { readConfiguration };
