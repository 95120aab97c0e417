'use strict';

const {
  expandCases,
  jobsOf,
  caseOfId,
  caseLabel,
  compareIds,
} = require('../../../bench/lib/cases');
const { parseCommandLine } = require('../../../bench/lib/command-line');
const { WORKS } = require('../../../bench/lib/works');
const { SIDES } = require('../../../bench/lib/sides');

const ids = (cases) => cases.map(({ id }) => id);

test('nothing named is the whole matrix: every headline and every variant', () => {
  const cases = expandCases([]);
  const declared = Object.values(WORKS).reduce((sum, { variants }) => sum + 1 + variants.length, 0);
  expect(cases).toHaveLength(declared);
  expect(new Set(ids(cases)).size).toBe(declared);
});

test('headline leaves out variants and series', () => {
  expect(ids(expandCases(['headline']))).toEqual(
    Object.keys(WORKS).filter((work) => !WORKS[work].series),
  );
});

test('a group names its works, and --variants adds theirs', () => {
  expect(ids(expandCases(['consume']))).toEqual(['consume-batch', 'consume-message']);
  expect(ids(expandCases(['latency'], { variants: true }))).toEqual([
    'latency',
    'latency:rate=5000',
  ]);
});

test('a case is named by what differs from the headline, in one order', () => {
  const [one] = expandCases(['consume-batch:headers=2,size=1000,partitions=4']);
  expect(one.id).toBe('consume-batch:size=1000,headers=2');
  expect(one.params).toMatchObject({ size: 1_000, headers: 2, partitions: 4, handlerUs: 0 });
  expect(caseLabel(one)).toBe('1,000 B, 2 headers');
  expect(caseOfId(one.id)).toEqual(one);
});

test('the same case by two words is run once', () => {
  expect(ids(expandCases(['consume', 'consume-batch', 'consume-batch:size=200']))).toEqual([
    'consume-batch',
    'consume-message',
  ]);
});

test('parameters of the command line reach the works that know them', () => {
  const { cases } = parseCommandLine([
    'latency',
    'consume-message',
    '--size',
    '1000',
    '--handler',
    'sync',
  ]);
  expect(ids(cases)).toEqual(['latency:size=1000', 'consume-message:size=1000,handler=sync']);
});

test('the example of the documentation', () => {
  const argv = 'consume --client easyflow,kafkajs --messages 1000000 --size 200 --rounds 2'.split(
    ' ',
  );
  const { cases, mode, writeDocs } = parseCommandLine(argv);
  expect({ mode, writeDocs }).toEqual({ mode: 'measure', writeDocs: false });
  for (const one of cases) {
    expect(one).toMatchObject({ sides: ['easyflow', 'kafkajs'], messages: 1_000_000, rounds: 2 });
  }
});

test('only a run of everything writes the documents unasked', () => {
  expect(parseCommandLine([]).writeDocs).toBe(true);
  expect(parseCommandLine(['--messages', '10']).writeDocs).toBe(false);
  expect(parseCommandLine(['latency', '--write-docs']).writeDocs).toBe(true);
});

test('the command in the documents has no path of the machine that ran it', () => {
  const command = (...argv) => parseCommandLine(argv).command;
  expect(command('latency', '--json', '/tmp/a.json', '--rounds', '1')).toBe(
    'npm run bench -- latency --rounds 1',
  );
  expect(command('latency', '--json=/tmp/a.json')).toBe('npm run bench -- latency');
  expect(command()).toBe('npm run bench');
});

test('a side that cannot do a case has no run in it, but a reason', () => {
  const [one] = expandCases(['produce-batch:compression=lz4']);
  expect(one.sides).toEqual(['c', 'easyflow', 'platformatic']);
  expect(one.lacks).toEqual({ kafkajs: 'brings no such codec' });
});

test('larger values are fewer messages', () => {
  const messages = (id) => expandCases([id])[0].messages;
  expect(messages('consume-batch:size=10000')).toBeLessThan(messages('consume-batch:size=1000'));
});

test('a series is one job, any other case its own', () => {
  const jobs = jobsOf(expandCases(['growth', 'consume']));
  expect(jobs.map((job) => job.length)).toEqual([8, 1, 1]);
});

test('tables have the headline first, then the variants as declared, then others', () => {
  const given = ['latency', 'consume-batch:size=77', 'consume-batch:headers=2', 'consume-batch'];
  expect([...given].sort(compareIds)).toEqual([
    'consume-batch',
    'consume-batch:headers=2',
    'consume-batch:size=77',
    'latency',
  ]);
});

test('every case has sides that exist and at least one of them', () => {
  for (const { sides, lacks } of expandCases([])) {
    expect(sides.length).toBeGreaterThan(0);
    for (const side of [...sides, ...Object.keys(lacks)]) expect(SIDES).toHaveProperty(side);
  }
});

test.each([
  ['consum', 'Expected one of headline, variants, all, consume'],
  ['consume-batch:size=big', 'Expected a whole number for size but received big'],
  ['consume-batch:size=0', 'Expected a positive integer for size but received 0'],
  ['consume-batch:json=maybe', 'Expected no or yes for json but received maybe'],
  ['consume-batch:size', 'Expected <name>=<value> with one of messages, size'],
  [
    'consume-batch:batch=1',
    'Expected one of size, headers, json, handlerUs, partitions, lazy, loop for consume-batch',
  ],
])('%s says what was expected', (word, message) => {
  expect(() => expandCases([word])).toThrow(message);
});

test.each([
  [['--client', 'kafka'], 'Expected some of c, easyflow'],
  [['--rounds', '0'], 'Expected a positive integer for --rounds but received 0'],
  [['--short'], 'Expected --check with --short'],
])('%j says what was expected', (argv, message) => {
  expect(() => parseCommandLine(argv)).toThrow(message);
});
