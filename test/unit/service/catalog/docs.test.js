'use strict';

// docs/catalogs.md: its example is a catalog, its tables are complete.

const fs = require('node:fs');
const path = require('node:path');
const { asyncapi, envelopes, loadCatalog, writeTypes } = require('../../../../lib/service');
const schema = require('../../../../lib/service/catalog/schema.json');

const root = path.join(__dirname, '../../../..');
const text = fs.readFileSync(path.join(root, 'docs/catalogs.md'), 'utf8');

test('the example is a catalog without a mistake that shows every field', () => {
  const [, example] = /```json\n([\s\S]*?)```/.exec(text);
  const data = JSON.parse(example);
  const catalog = loadCatalog(data);
  expect(catalog.nameOf('orders', { tenant: 'acme' })).toBe('orders.acme');
  expect(writeTypes(catalog)).toContain('ShopEvents');
  expect(asyncapi(catalog).info.title).toBe('The shop');
  const left = Object.keys(schema.properties).filter((field) => !(field in data));
  expect(left).toEqual(['$schema', 'description']);
});

test('every envelope has its row', () => {
  for (const name of Object.keys(envelopes)) expect(text).toContain(`\n| \`${name}\` |`);
});

test('the codes of diff() are those in its source', () => {
  const source = fs.readFileSync(path.join(root, 'lib/service/catalog/diff.js'), 'utf8');
  const used = new Set([...source.matchAll(/add\(\s*'([a-z-]+)'/g)].map(([, code]) => code));
  const section = text.slice(text.indexOf('| code |'));
  const documented = [...section.matchAll(/`([a-z]+-[a-z]+)`(?=.*\|$)/gm)].map(([, code]) => code);
  expect(used.size).toBeGreaterThan(10);
  expect(documented.sort()).toEqual([...used].sort());
});
