'use strict';

// Each test and scenario that docs/guarantees.md names is there.

const fs = require('node:fs');
const path = require('node:path');
const { scenarios } = require('../../chaos/scenarios');

const root = path.resolve(__dirname, '../../..');
const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');
const rows = read('docs/guarantees.md')
  .split('\n')
  .filter((line) => /^\| .* \| .* \|$/.test(line) && !/^\| (what|---|failure) /.test(line));
const promises = rows
  .map((line) => line.slice(2, -2).split(' | '))
  .filter((row) => row.length === 2);

test('each promise names a test or a scenario', () => {
  expect(promises.length).toBeGreaterThan(30);
  for (const [what, proof] of promises) {
    expect([what, proof]).toEqual([what, expect.stringMatching(/^`test\/|chaos/)]);
  }
});

test('the tests exist', () => {
  const named = promises.flatMap(([, proof]) => [...proof.matchAll(/`(test\/[^`]+)` "([^"]+)"/g)]);
  expect(named.length).toBeGreaterThan(25);
  const missing = named.filter(([, file, name]) => !read(file).includes(`'${name}'`));
  expect(missing.map(([, file, name]) => `${file}: ${name}`)).toEqual([]);
});

test('the scenarios exist, and each stands behind a promise', () => {
  const text = promises.map(([, proof]) => proof).join('\n');
  const named = new Set(
    [...text.matchAll(/chaos ((?:`[a-z0-9-]+`(?:, )?)+)/g)].flatMap(([, list]) =>
      [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    ),
  );
  expect([...named].sort()).toEqual(scenarios.map(({ name }) => name).sort());
});
