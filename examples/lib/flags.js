'use strict';

// Command line flags, checked. A definition is { type: 'string' | 'boolean', what?, parse?, default?, multiple? }.

const { parseArgs } = require('node:util');
const { ConfigurationError } = require('./configuration');

const COMMON = {
  'bootstrap-servers': { type: 'string' },
  config: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

const COMMON_HELP = `  --bootstrap-servers LIST   host:port[,host:port…]; else KAFKA_BOOTSTRAP_SERVERS, else client.properties
  --config FILE              instead of client.properties in the current directory
  --help`;

/** A whole number, for `parse` of a definition. */
function integer(min, max = Number.MAX_SAFE_INTEGER) {
  const upTo = max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`;
  return {
    type: 'string',
    what: `a whole number from ${min}${upTo}`,
    parse: (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

function oneOf(...choices) {
  return {
    type: 'string',
    what: choices.join(' or '),
    parse: (text) => (choices.includes(text) ? text : undefined),
  };
}

function checked(name, { parse, what }, given) {
  const value = parse(given);
  if (value !== undefined) return value;
  throw new ConfigurationError(`--${name}`, `expected ${what} but received '${given}'`);
}

/**
 * @param {Record<string, object>} definitions
 * @param {string[]} argv
 * @param {{ commands?: string[] }} [extra] commands: one of these words has to come too (flags.command)
 */
function parseFlags(definitions, argv, { commands } = {}) {
  const options = {};
  for (const [name, { type, short, multiple }] of Object.entries({ ...COMMON, ...definitions })) {
    options[name] = { type, ...(short && { short }), ...(multiple && { multiple }) };
  }
  let values;
  let positionals;
  try {
    ({ values, positionals } = parseArgs({
      args: argv,
      options,
      allowPositionals: commands !== undefined,
    }));
  } catch (error) {
    // Node adds advice about `--` that fits no flag of ours.
    throw new ConfigurationError(null, error.message.split('. ')[0].replaceAll('\n', ' '));
  }
  const flags = { ...values };
  for (const [name, definition] of Object.entries(definitions)) {
    if (flags[name] === undefined) flags[name] = definition.default;
    else if (definition.parse) flags[name] = checked(name, definition, flags[name]);
  }
  if (commands && !flags.help) {
    if (positionals.length !== 1 || !commands.includes(positionals[0])) {
      const received = positionals.length === 0 ? 'nothing' : `'${positionals.join(' ')}'`;
      throw new ConfigurationError(
        null,
        `expected ${commands.join(', ')} but received ${received}`,
      );
    }
    [flags.command] = positionals;
  }
  return flags;
}

module.exports = { parseFlags, integer, oneOf, COMMON_HELP };
