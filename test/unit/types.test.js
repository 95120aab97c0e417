'use strict';

// A program typed for KafkaJS compiles with nothing but its import changed, however TypeScript resolves packages.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFile } = require('node:child_process');
const { LEFT_OUT } = require('./support/kafkajs-left-out');

const root = path.join(__dirname, '..', '..');
const program = path.join(root, 'test', 'types', 'kafkajs-program.ts');

let project;

beforeEach(() => {
  project = fs.mkdtempSync(path.join(os.tmpdir(), 'types-'));
  const modules = path.join(project, 'node_modules');
  fs.mkdirSync(modules);
  fs.symlinkSync(root, path.join(modules, 'easyflow-kafka'));
  fs.symlinkSync(path.join(root, 'node_modules', '@types'), path.join(modules, '@types'));
});
afterEach(() => fs.rmSync(project, { recursive: true }));

/** What tsc says about the file, with every strict option. */
function compile(file, source, options, packageJson = {}) {
  fs.writeFileSync(path.join(project, file), source);
  fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify(packageJson));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    lib: ['ES2023'],
    types: ['node'],
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    ...options,
  };
  const config = path.join(project, 'tsconfig.json');
  fs.writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }));
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '-p', config, '--pretty', 'false'], (_, stdout) =>
      resolve(stdout),
    );
  });
}

function migrated() {
  const source = fs.readFileSync(program, 'utf8');
  const changed = source.replace("from 'kafkajs';", "from 'easyflow-kafka';");
  expect(changed).not.toBe(source);
  return changed;
}

test.each([
  ['CommonJS', { module: 'CommonJS', moduleResolution: 'Node10' }, {}],
  ['NodeNext, CommonJS', { module: 'NodeNext' }, {}],
  ['NodeNext, ES modules', { module: 'NodeNext' }, { type: 'module' }],
  ['a bundler', { module: 'ESNext', moduleResolution: 'Bundler' }, { type: 'module' }],
])('KafkaJS program, %s', async (_, options, packageJson) => {
  expect(await compile('program.ts', migrated(), options, packageJson)).toBe('');
});

test('a mistake is found: the check is none without it', async () => {
  const source = migrated().replace("groupId: 'g',\n", 'groupId: 5,\n');
  const output = await compile('program.ts', source, { module: 'NodeNext' });
  expect(output).toMatch(/error TS2322: Type 'number' is not assignable to type 'string'/);
});

test('every type that KafkaJS exports is there, and every value that we export has a type', async () => {
  const types = require.resolve('kafkajs/types/index.d.ts');
  const declared = /^export (?:declare )?(?:class|interface|type|enum|const|function) (\w+)/gm;
  const names = [...fs.readFileSync(types, 'utf8').matchAll(declared)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(150);
  const wanted = [...new Set(names)].filter((name) => !LEFT_OUT.includes(name));
  const api = require('../../lib');
  const source = [
    `import type { ${wanted.join(', ')} } from 'easyflow-kafka';`,
    "import * as api from 'easyflow-kafka';",
    ...Object.keys(api).map((name) => `void api.${name};`),
    ...Object.keys(api.KafkaJS).map((name) => `void api.KafkaJS.${name};`),
  ];
  const options = { module: 'NodeNext', noUnusedLocals: false };
  expect(await compile('names.ts', source.join('\n'), options)).toBe('');
});
