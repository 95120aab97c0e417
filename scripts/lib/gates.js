'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFile } = require('node:child_process');
const paths = require('./paths');
const { typeTests } = require('./type-tests');

const PRETTIER_FILES = '**/*.{js,mjs,cjs,ts,mts,json}';
const tidyDirectory = path.join(paths.build, 'clang-tidy');
const nodeBin = (name) => path.join(paths.nodeModules, '.bin', name);

/** Resolves to { ok, output }; never rejects. */
function run(command, args) {
  return new Promise((resolve) => {
    const options = { cwd: paths.root, maxBuffer: 1 << 26 };
    execFile(command, args, options, (error, stdout, stderr) => {
      const started = !error || typeof error.code === 'number' || error.signal;
      const text = started ? `${stdout}${stderr}` : `${command}: ${error.message}`;
      resolve({ ok: !error, output: text.trim() });
    });
  });
}

function filesBelow(directory, pattern) {
  const absolute = path.join(paths.root, directory);
  if (!fs.existsSync(absolute)) return [];
  return fs
    .readdirSync(absolute, { recursive: true })
    .filter((name) => pattern.test(name))
    .map((name) => path.join(directory, name))
    .sort();
}

/** A gate that looked at nothing has not passed. */
const nothing = (what) => ({ ok: false, output: `found no ${what} to look at` });

const cppFiles = () => [
  ...filesBelow('native', /\.(cc|h)$/),
  ...filesBelow('test/native', /\.(cc|h)$/),
];

async function clangFormat({ fix }) {
  const files = cppFiles();
  if (files.length === 0) return nothing('C++ file');
  if (fix) return run('clang-format', ['-i', ...files]);
  const { ok, output } = await run('clang-format', ['--dry-run', '-Werror', ...files]);
  // It shows every space; the names and the way out say more.
  const bad = new Set([...output.matchAll(/^(\S+?):\d+:\d+: error/gm)].map(([, file]) => file));
  if (ok || bad.size === 0) return { ok, output };
  return { ok, output: `Run \`npm run format\`; not formatted:\n  ${[...bad].join('\n  ')}` };
}

/** Compile commands for clang: GCC's precompiled headers say nothing to it, and hide what is missing. */
function writeTidyCommands() {
  const commands = JSON.parse(
    fs.readFileSync(path.join(paths.build, 'compile_commands.json'), 'utf8'),
  );
  for (const entry of commands) {
    entry.command = entry.command.replace(/-Winvalid-pch|-include \S+cmake_pch\.hxx/g, '');
  }
  fs.mkdirSync(tidyDirectory, { recursive: true });
  fs.writeFileSync(path.join(tidyDirectory, 'compile_commands.json'), JSON.stringify(commands));
}

/** What the verdict on one file depends on, besides the file: headers, checks, compile commands. */
function tidyContext() {
  const hash = crypto.createHash('sha256');
  const headers = filesBelow('native', /\.h$/);
  for (const file of ['.clang-tidy', 'build/clang-tidy/compile_commands.json', ...headers]) {
    hash.update(fs.readFileSync(path.join(paths.root, file)));
  }
  return hash.digest('hex');
}

/** One file takes seconds: a verdict "clean" is kept until the file or a header changes. */
async function tidyOne(file, context) {
  const text = fs.readFileSync(path.join(paths.root, file));
  const key = crypto.createHash('sha256').update(context).update(file).update(text).digest('hex');
  if (fs.existsSync(path.join(tidyDirectory, key))) return { ok: true, output: '' };
  const result = await run('clang-tidy', ['--quiet', '-p', tidyDirectory, file]);
  if (result.ok) {
    fs.writeFileSync(path.join(tidyDirectory, key), '');
  }
  return result;
}

async function clangTidy() {
  const queue = filesBelow('native', /\.cc$/);
  if (queue.length === 0) return nothing('C++ source');
  writeTidyCommands();
  const context = tidyContext();
  const failures = [];
  const worker = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const result = await tidyOne(file, context);
      if (!result.ok) failures.push(result.output);
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
  return { ok: failures.length === 0, output: failures.join('\n') };
}

async function types() {
  const { files, ok, output } = await typeTests();
  if (files.length === 0) return nothing('type test');
  return { ok, output };
}

const GATES = [
  ['clang-format', clangFormat],
  ['clang-tidy', clangTidy],
  [
    'eslint',
    ({ fix }) => run(nodeBin('eslint'), ['--max-warnings=0', ...(fix ? ['--fix'] : []), '.']),
  ],
  [
    'prettier',
    ({ fix }) => run(nodeBin('prettier'), [fix ? '--write' : '--check', PRETTIER_FILES]),
  ],
  ['types', types],
  ['publint', () => run(nodeBin('publint'), ['run', '--strict', '--pack', 'npm'])],
];

/** Runs the gates one after another; with `fix`, only those that can repair, repairing. */
async function runGates({ fix = false, names = [], out = process.stdout } = {}) {
  const results = [];
  for (const [name, gate] of GATES) {
    if (names.length > 0 && !names.includes(name)) continue;
    if (fix && !['clang-format', 'eslint', 'prettier'].includes(name)) continue;
    const started = Date.now();
    const { ok, output } = await gate({ fix });
    if (!ok && output) out.write(`${output}\n`);
    out.write(
      `${name}: ${ok ? 'ok' : 'FAILED'} (${Math.round((Date.now() - started) / 1000)} s)\n`,
    );
    results.push({ name, ok });
  }
  return results;
}

module.exports = { runGates, gateNames: GATES.map(([name]) => name) };
