'use strict';

const { parseArguments } = require('../../chaos/arguments');

const names = ['one', 'two', 'three'];

test('all scenarios for ten minutes with seed 1, unless something else is said', () => {
  expect(parseArguments([], names)).toEqual({
    minutes: 10,
    seed: 1,
    recoveryLimitMs: 10_000,
    chosen: names,
    list: false,
  });
  const args = ['--minutes', '0.5', '--seed', '7', '--scenario', 'two,one'];
  expect(parseArguments(args, names)).toMatchObject({
    minutes: 0.5,
    seed: 7,
    chosen: ['two', 'one'],
  });
});

test.each([
  [['--scenario', 'four'], /Expected one, two, three for --scenario but received 'four'/],
  [['--minutes', 'long'], /Expected minutes for --minutes but received 'long'/],
  [['--seed=-1'], /Expected a whole number for --seed but received '-1'/],
  [['--hours', '1'], /hours/],
])('%j is refused', (args, message) => {
  expect(() => parseArguments(args, names)).toThrow(message);
});
