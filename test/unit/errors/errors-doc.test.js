'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { ERROR_CODES, classes } = require('../../../lib/errors');

const LIB = path.join(__dirname, '../../../lib');
const doc = fs.readFileSync(path.join(LIB, '../docs/errors.md'), 'utf8');

function sources(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return sources(file);
    return entry.name.endsWith('.js') ? [fs.readFileSync(file, 'utf8')] : [];
  });
}

test('docs/errors.md has the rows of the source, in its order', () => {
  const documented = [...doc.matchAll(/^\| `(ERR_\w+)` \| `(\w+)` \| (\w+) \| (.+) \|$/gm)].map(
    ([, code, name, retriable, meaning]) => ({ code, name, retriable, meaning }),
  );
  const inSource = Object.entries(ERROR_CODES).map(([code, { name, retriable, meaning }]) => ({
    code,
    name,
    retriable: retriable === null ? 'depends' : retriable ? 'yes' : 'no',
    meaning,
  }));
  expect(documented).toEqual(inSource);
});

test('every errorCode that the source uses is in the table', () => {
  const used = new Set(sources(LIB).flatMap((text) => text.match(/ERR_KAFKA_[A-Z_]+/g) ?? []));
  used.delete('ERR_KAFKA_'); // a prefix in a comment
  expect([...used].filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([]);
});

test('every class has a code of the table, and the table names only classes', () => {
  for (const type of Object.values(classes)) expect(ERROR_CODES).toHaveProperty(type.errorCode);
  for (const { name } of Object.values(ERROR_CODES)) expect(classes).toHaveProperty(name);
});
