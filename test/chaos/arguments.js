'use strict';

const { parseArgs } = require('node:util');

const USAGE = `npm run chaos -- [options]
  --minutes N         no scenario begins after that; each has its turn again until then: 10
  --seed N            of the order of scenarios and of what is hit: 1
  --scenario a,b      only these
  --recovery-limit N  seconds after which it is a failure that not everything flows again: 10
  --list              the scenarios
`;

/**
 * @param {string[]} args @param {string[]} names of all scenarios
 * @throws {TypeError} one that is wrong
 */
function parseArguments(args, names) {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      scenario: { type: 'string' },
      'recovery-limit': { type: 'string', default: '10' },
      list: { type: 'boolean', default: false },
    },
  });
  const number = (name, pattern, what) => {
    if (pattern.test(values[name]) && Number(values[name]) >= 0) return Number(values[name]);
    throw new TypeError(`Expected ${what} for --${name} but received '${values[name]}'`);
  };
  const chosen = values.scenario === undefined ? names : values.scenario.split(',');
  for (const name of chosen) {
    if (names.includes(name)) continue;
    throw new TypeError(`Expected ${names.join(', ')} for --scenario but received '${name}'`);
  }
  const decimal = /^\d{1,6}(\.\d{1,3})?$/;
  return {
    minutes: number('minutes', decimal, 'minutes'),
    seed: number('seed', /^\d{1,9}$/, 'a whole number'),
    recoveryLimitMs: number('recovery-limit', decimal, 'seconds') * 1_000,
    chosen,
    list: values.list,
  };
}

module.exports = { USAGE, parseArguments };
