'use strict';

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const service = require('../../../lib/service');

const root = path.join(__dirname, '../../..');
const run = (...args) => execFileSync(process.execPath, args, { encoding: 'utf8', cwd: root });

test('the ESM entry has the same names as the CommonJS one, none undefined', () => {
  const script = `import * as esm from 'easyflow-kafka/service';
    console.log(JSON.stringify(Object.keys(esm).filter((name) => esm[name] !== undefined)));`;
  const names = JSON.parse(run('--input-type=module', '-e', script));
  expect(names.sort()).toEqual([...Object.keys(service), 'default'].sort());
});

test('catalogs and their schema can be read by anybody', () => {
  const script = `const spm = require('easyflow-kafka/catalogs/spm.json');
    const schema = require('easyflow-kafka/catalog.schema.json');
    console.log(spm.name, schema.type);`;
  expect(run('-e', script).trim()).toBe('spm object');
});

test('the client alone loads nothing of the service layer', () => {
  const script = `require('easyflow-kafka');
    console.log(Object.keys(require.cache).filter((file) => /node_modules|[\\\\/]service[\\\\/]/.test(file)).length);`;
  expect(run('-e', script).trim()).toBe('0');
});
