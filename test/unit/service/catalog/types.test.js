'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFile } = require('node:child_process');
const { catalogs, loadCatalog, writeTypes } = require('../../../../lib/service');

const root = path.join(__dirname, '../../../..');

let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'catalog-types-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** What tsc says about the files, strictly. */
function compile(files) {
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--strict', '--noEmit', '--exactOptionalPropertyTypes', '--pretty', 'false'];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [tsc, ...options, ...Object.keys(files)],
      { cwd: folder },
      (_, stdout) => resolve(stdout),
    );
  });
}

/** A catalog with one event for each schema. */
function catalogOf(schemas) {
  const types = Object.keys(schemas);
  return loadCatalog({
    name: 'shapes',
    version: '1.0.0',
    topics: [{ id: 'all', envelope: 'bare', events: types }],
    events: Object.fromEntries(types.map((type) => [type, { schema: schemas[type] }])),
  });
}

test('the types of every shipped catalog compile, and its examples are of them', async () => {
  const files = {};
  for (const name of catalogs) {
    const catalog = loadCatalog(name);
    files[`${name}.ts`] = writeTypes(catalog);
    const values = catalog.events.flatMap(({ type, examples }) =>
      examples.map(
        (value, i) =>
          `export const v${i}_${type.replace(/\W/g, '_')}: Events['${type}'] = ${JSON.stringify(value)};`,
      ),
    );
    const [, events] = /export interface (\w+Events) /.exec(files[`${name}.ts`]);
    files[`${name}-values.ts`] =
      `import type { ${events} as Events } from './${name}';\n${values.join('\n')}\n`;
  }
  expect(await compile(files)).toBe('');
});

test('a payload that the schema refuses does not compile', async () => {
  const output = await compile({
    'etelios.ts': writeTypes(loadCatalog('etelios')),
    'wrong.ts': `import type { EteliosEvents, EteliosEventType, EteliosTopics, EteliosGroup } from './etelios';
export const missing: EteliosEvents['USER_CREATED'] = { userId: 'u', email: 'e' };
export const wrong: EteliosEvents['USER_CREATED'] = { userId: 5, email: 'e', role: 'r' };
export const type: EteliosEventType = 'USER_CREATE';
export const topic: EteliosTopics['user.created'] = 'USER_DELETED';
export const group: EteliosGroup = 'nobody';
export const right: EteliosEvents['USER_CREATED'] = { userId: 'u', email: 'e', role: 'r', more: 1 };
`,
  });
  const lines = [...output.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, line]) => Number(line));
  expect(lines).toEqual([2, 3, 4, 5, 6]);
});

test('what JSON Schema can say about a type', async () => {
  const text = writeTypes(
    catalogOf({
      scalars: { type: ['string', 'integer', 'null'] },
      literals: { enum: ["it's", 1, null, true, { a: [1] }] },
      closed: {
        type: 'object',
        properties: { 'a-b': { type: 'boolean' } },
        required: ['a-b'],
        additionalProperties: false,
      },
      map: { type: 'object', additionalProperties: { type: 'number' } },
      list: { type: 'array', items: { type: ['string', 'null'] } },
      tuple: {
        type: 'array',
        items: [{ type: 'string' }, { type: 'number' }],
        minItems: 1,
        additionalItems: false,
      },
      either: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
      both: {
        allOf: [
          { properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: {} }, required: ['b'] },
        ],
      },
      implied: { required: ['x'] },
      anything: {},
    }),
  );
  const output = await compile({
    'shapes.ts': text,
    'values.ts': `import type { ShapesEvents as E } from './shapes';
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};
same<E['scalars'], string | number | null>(true);
same<E['literals'], "it's" | 1 | null | true | { a: [1] }>(true);
same<E['closed'], { 'a-b': boolean }>(true);
same<E['map'], { [property: string]: number }>(true);
same<E['list'], (string | null)[]>(true);
same<E['tuple'], [string, number?]>(true);
same<E['either'], string | string[]>(true);
same<E['anything'], unknown>(true);
export const both: E['both'] = { a: 'a', b: 1 };
export const implied: E['implied'] = { x: 1 };
`,
  });
  expect(output).toBe('');
});

test('two events whose names become one are told apart', () => {
  const text = writeTypes(catalogOf({ 'a.b': {}, a_b: {}, SHAPES_EVENTS: {} }));
  expect([...text.matchAll(/^export type (\w+) = unknown/gm)].map(([, name]) => name)).toEqual([
    'AB',
    'AB2',
    'ShapesEvents2',
  ]);
});

test('a description cannot end its comment', () => {
  const text = writeTypes(
    catalogOf({ a: { type: 'object', properties: { x: { description: 'ends */ here' } } } }),
  );
  expect(text).toContain('/** ends * / here */');
});
