'use strict';

const { PassThrough } = require('node:stream');
const { Output, progressText, table } = require('../../../lib/cli/output');

function outputOn({ json = false, terminals = [] } = {}) {
  const streams = {};
  for (const name of ['stdout', 'stderr']) {
    streams[name] = new PassThrough();
    streams[name].isTTY = terminals.includes(name);
  }
  const output = new Output({ json, signal: new AbortController().signal, ...streams });
  const text = (name) => streams[name].read()?.toString() ?? '';
  return { output, text };
}

test('a table for people, one document for programs', async () => {
  const rows = [
    { name: 'a', count: 1 },
    { name: 'long', count: 20 },
  ];
  const show = (all) => table(['name', 'count'], all.map(Object.values));
  const people = outputOn();
  await people.output.result(rows, show);
  expect(people.text('stdout')).toBe('NAME  COUNT\na         1\nlong     20\n');
  const programs = outputOn({ json: true });
  await programs.output.result(rows, show);
  expect(JSON.parse(programs.text('stdout'))).toEqual(rows);
});

describe('progress', () => {
  test('on a terminal, with a bar where the whole is known, gone before the next message', () => {
    const { output, text } = outputOn({ terminals: ['stderr'] });
    output.progress(5, { total: 10 });
    expect(text('stderr')).toBe('\r\x1b[K[############------------]  50 % of 10 messages');
    output.say('Done.');
    expect(text('stderr')).toBe('\r\x1b[KDone.\n');
  });

  test('not into a file', () => {
    const { output, text } = outputOn();
    output.progress(5);
    output.close();
    expect(text('stderr')).toBe('');
  });

  test('not between lines of data on the same terminal', async () => {
    const { output, text } = outputOn({ terminals: ['stdout', 'stderr'] });
    await output.write('data\n');
    output.progress(5);
    expect(text('stderr')).toBe('');
  });

  test.each([
    [0, 0, /100 % of 0/],
    [3, 2, /100 % of 2/],
    [7, undefined, /^7 messages$/],
  ])('%s of %s', (done, total, expected) => {
    expect(progressText(done, total, 'messages')).toMatch(expected);
  });
});

describe('color', () => {
  const { NO_COLOR } = process.env;
  afterEach(() => {
    if (NO_COLOR === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = NO_COLOR;
  });

  test('on a terminal, unless NO_COLOR is set', () => {
    delete process.env.NO_COLOR;
    const onTerminal = outputOn({ terminals: ['stdout'] });
    expect(onTerminal.output.paint('green', 'ok')).toBe('\x1b[32mok\x1b[39m');
    expect(outputOn().output.paint('green', 'ok')).toBe('ok');
    process.env.NO_COLOR = '1';
    expect(onTerminal.output.paint('green', 'ok')).toBe('ok');
  });
});
