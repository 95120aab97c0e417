'use strict';

const { formatTable, summarize } = require('../../chaos/table');

const trial = (scenario, fields) => ({
  scenario,
  messages: 1_000,
  lost: 0,
  doubled: 0,
  repeated: 0,
  disordered: 0,
  recoveryMs: 1_000,
  violations: [],
  ...fields,
});

test('a row a scenario: sums, and the slowest recovery', () => {
  const rows = summarize(
    ['kill', 'cut', 'slow'],
    [
      trial('kill', { repeated: 2 }),
      trial('cut', { lost: 1, violations: ['1 lost'] }),
      trial('kill', { repeated: 3, recoveryMs: 2_340 }),
    ],
  );
  expect(rows).toMatchObject([
    { scenario: 'kill', runs: 2, messages: 2_000, repeated: 5, recoveryMs: 2_340, violations: 0 },
    { scenario: 'cut', runs: 1, lost: 1, violations: 1 },
    { scenario: 'slow', runs: 0 },
  ]);
  expect(formatTable(rows)).toMatch(/\| kill .*2,000 .* 2\.3 \| ok/);
  expect(formatTable(rows)).toMatch(/\| cut .*FAILED/);
  expect(formatTable(rows)).toMatch(/\| slow .*not run/);
});

test('one run without recovery is none for the scenario', () => {
  const rows = summarize(['kill'], [trial('kill'), trial('kill', { recoveryMs: null })]);
  expect(rows).toMatchObject([{ recoveryMs: null }]);
  expect(formatTable(rows)).toMatch(/none/);
});
