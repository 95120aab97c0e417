'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { EmbeddedKafka } = require('../..');

const root = path.join(__dirname, '..', '..');
const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
/** The first snippet below a heading. */
function snippet(heading) {
  const section = readme.slice(readme.indexOf(`\n## ${heading}\n`));
  return /```js\n([^]*?)```/.exec(section)[1];
}
const quickStart = snippet('Quick start');
const embedded = snippet('Tests without Kafka');

/** Runs code as it stands in the README, in the package's own folder: its name resolves there. */
function start(code) {
  const child = spawn(process.execPath, ['-e', code], { cwd: root, stdio: 'pipe' });
  const program = { child, output: '' };
  program.exit = new Promise((resolve) => child.once('close', resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      program.output += text;
      if (!child.killed && /automation-tasks \d 0 task-001/.test(program.output))
        child.kill('SIGINT');
    });
  }
  return program;
}

test('the quick start sends, receives and ends with Ctrl-C', async () => {
  const broker = await EmbeddedKafka.start();
  try {
    const program = start(quickStart.replace('localhost:9092', broker.bootstrapServers));
    expect(`${await program.exit} ${program.output}`).toMatch(
      /^0 [^]*automation-tasks \d 0 task-001 \{"status":"pending"\}/,
    );
  } finally {
    await broker.stop();
  }
});

test('the embedded broker of the README ends by itself', async () => {
  const program = start(embedded);
  expect(`${await program.exit} ${program.output}`).toMatch(/^0 [^]*stored in partition \d at/);
});

test.each([
  ['README.md', '.'],
  ['docs/examples.md', 'docs'],
])('every link of %s leads to a file', (file, folder) => {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link);
  expect(links.filter((link) => !fs.existsSync(path.join(root, folder, link)))).toEqual([]);
});
