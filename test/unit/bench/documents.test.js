'use strict';

const { summarize } = require('../../../bench/lib/summary');
const { summarizeCase } = require('../../../bench/lib/report');
const { expandCases } = require('../../../bench/lib/cases');
const { caseTable, variantTable } = require('../../../bench/lib/table');
const { mergeReport } = require('../../../bench/lib/docs/store');
const { makePage, readmeTable, fillReadme } = require('../../../bench/lib/docs/markdown');
const { drawCharts } = require('../../../bench/lib/docs/charts');
const { judgeGoals, unevenness } = require('../../../bench/lib/goals');

const TITLES = { c: 'C', easyflow: 'ours', kafkajs: 'kafkajs' };
const run = (seconds, more = {}) => ({
  messages: 1_000_000,
  seconds,
  cpuSeconds: seconds / 2,
  peakRssMb: 80,
  loopDelay: { p50: 1, p99: 4, max: 9 },
  ...more,
});
const runsOf = (seconds, more) => seconds.map((one) => run(one, more));

const BY_SIDE = {
  c: runsOf([0.5, 0.5], { loopDelay: undefined }),
  easyflow: runsOf([0.5, 0.4, 0.8]),
  kafkajs: runsOf([5, 4]),
};
const [CASE] = expandCases(['consume-batch'], { sides: Object.keys(BY_SIDE) });

const reportOf = (date, cases) => ({
  date,
  command: `npm run bench -- ${Object.keys(cases).join(' ')}`,
  machine: { cpu: 'A CPU', cores: 2, memoryGb: 8, system: 'Linux 1', loadBefore: 0.1 },
  versions: { node: '20.0.0' },
  cases,
});
const figures = () => summarizeCase(CASE, BY_SIDE);

test('a summary has medians with their range, and only what all runs have', () => {
  const summary = summarize([run(1), run(2), run(4, { loopDelay: undefined }), { failed: 'x' }]);
  expect(summary).toMatchObject({
    runs: 3,
    failed: 1,
    rate: { median: 500_000, min: 250_000, max: 1_000_000 },
  });
  expect(summary).not.toHaveProperty('loopP99Ms');
  expect(summarize([{ failed: 'x' }])).toBeNull();
});

test('a table of one case', () => {
  expect(caseTable('rate', TITLES, figures()).split('\n')).toEqual(
    [
      '|         |                messages/s |        CPU-s per M |  × C | × kafkajs | loop p99 ms | peak RSS MB |',
      '|---------|--------------------------:|-------------------:|-----:|----------:|------------:|------------:|',
      '| C       |                   2,000 k |               0.25 | 1.00 |      8.89 |           – |          80 |',
      '| ours    | 2,000 k (1,250 k – 2,500 k) | 0.25 (0.20 – 0.40) | 1.00 |      8.89 |         4.0 |          80 |',
      '| kafkajs |     225 k (200 k – 250 k) | 2.25 (2.00 – 2.50) | 0.11 |      1.00 |         4.0 |          80 |',
    ].map((line) => expect.stringMatching(flexible(line))),
  );
});

/** The same cells, however wide the columns are. */
function flexible(line) {
  const cells = line.split('|').slice(1, -1);
  const quoted = cells.map((cell) => cell.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const rule = /^[-:]+$/;
  return new RegExp(
    `^\\|${quoted.map((cell) => (rule.test(cell) ? '-+:?' : `\\s*${cell}\\s*`)).join('\\|')}\\|$`,
  );
}

test('a side that failed and one that cannot do it have rows, too', () => {
  const table = variantTable('rate', TITLES, [
    ['lz4', { sides: { c: { failed: 3 }, kafkajs: { lacks: 'no codec' } } }],
  ]);
  expect(table).toMatch(/\| lz4 \| C +\| +failed \| +– \|/);
  expect(table).toMatch(/\| {5}\| kafkajs +\| +n\/a \| +– \|/);
});

test('a partial run replaces its cases and leaves the others with their own run', () => {
  const first = mergeReport(
    { runs: {}, cases: {} },
    reportOf('2026-01-01T00:00:00Z', { latency: figures(), 'consume-batch': figures() }),
  );
  const second = mergeReport(first, reportOf('2026-02-02T00:00:00Z', { latency: figures() }));
  expect(Object.keys(second.cases)).toEqual(['consume-batch', 'latency']);
  expect(second.cases['consume-batch'].run).toBe('2026-01-01T00:00:00Z');
  expect(second.cases.latency.run).toBe('2026-02-02T00:00:00Z');
  const third = mergeReport(
    second,
    reportOf('2026-03-03T00:00:00Z', { 'consume-batch': figures() }),
  );
  expect(Object.keys(third.runs)).toEqual(['2026-02-02T00:00:00Z', '2026-03-03T00:00:00Z']);
});

describe('the page', () => {
  const store = mergeReport(
    { runs: {}, cases: {} },
    reportOf('2026-01-01T10:20:30Z', {
      'consume-batch': figures(),
      'consume-batch:size=1000': figures(),
    }),
  );
  const page = makePage(store, Object.keys(drawCharts(store.cases)));

  test('says how, where and when its figures were made', () => {
    expect(page).toContain('A CPU, 2 cores, 8 GB, Linux 1');
    expect(page).toContain('2026-01-01 10:20 UTC: `npm run bench -- consume-batch');
    expect(page).toContain(
      '200 B. 1,000,000 messages, 5 rounds, 2026-01-01 10:20 UTC, load before 0.1.',
    );
  });

  test('has every goal, with what was not measured', () => {
    expect(page).toMatch(/\| consume eachBatch +\| × C +\| +1\.00 \| +≥ 0\.95 \| +met \|/);
    expect(page).toMatch(/\| consume eachBatch +\| × kafkajs +\| +8\.89 \| +≥ 7 \| +met \|/);
    expect(page).toMatch(/\| 50 idle consumers +\| % of a core +\| +– \| +≤ 1 \| not measured \|/);
  });

  test('names its variants by what differs', () => {
    expect(page).toMatch(/\| 1,000 B \| C on librdkafka/);
  });

  test('shows only charts that were drawn', () => {
    expect(page).toContain('(benchmarks-rates.svg)');
    expect(page).not.toContain('(benchmarks-growth.svg)');
  });

  test('the table of the README stands between its marks, however often it is filled', () => {
    const readme = 'a\n<!-- benchmark:begin (words) -->\n<!-- benchmark:end -->\nb\n';
    const table = readmeTable(store);
    const once = fillReadme(readme, table);
    expect(once).toBe(
      `a\n<!-- benchmark:begin (words) -->\n\n${table}\n\n<!-- benchmark:end -->\nb\n`,
    );
    expect(fillReadme(once, table)).toBe(once);
    expect(table).toMatch(/\| easyflow-kafka +\| +2,000 k \|/);
    expect(() => fillReadme('no marks', table)).toThrow('no place');
  });
});

test('a missed goal is said to be missed', () => {
  const slow = summarizeCase(CASE, { ...BY_SIDE, easyflow: runsOf([4, 4]) });
  const goals = judgeGoals({ 'consume-batch': slow });
  expect(goals[0]).toMatchObject({ what: '× C', value: 0.125, met: false });
  expect(makePage({ runs: {}, cases: {} }, [])).toContain('not measured');
});

test('growth is the distance of the points from their middle', () => {
  const point = (cpu) => ({ sides: { easyflow: { cpuPerMillion: { median: cpu } } } });
  const cases = {
    growth: point(1),
    'growth:messages=10000': point(1.2),
    'growth:partitions=200': point(3),
  };
  expect(unevenness(cases, 'messages')).toBeCloseTo(0.2 / 2.2);
  expect(unevenness(cases, 'partitions')).toBeCloseTo(0.5);
  expect(unevenness({ growth: point(1) }, 'messages')).toBeUndefined();
});

test('charts are well-formed and have a bar for each side', () => {
  const charts = drawCharts({ 'consume-batch': figures() });
  expect(Object.keys(charts)).toEqual(['benchmarks-rates.svg', 'benchmarks-cpu.svg']);
  const svg = charts['benchmarks-rates.svg'];
  expect(svg.match(/<rect /g)).toHaveLength(3);
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).not.toMatch(/NaN|undefined/);
});

test('the line of a series goes through its points in order', () => {
  const point = (cpu) => ({
    sides: { easyflow: { cpuPerMillion: { median: cpu, min: cpu, max: cpu } } },
  });
  const svg = drawCharts({
    growth: point(1),
    'growth:messages=10000': point(1),
    'growth:messages=10000000': point(1),
  })['benchmarks-growth.svg'];
  const [, points] = /<polyline points="([^"]+)"/.exec(svg);
  const xs = points.split(' ').map((pair) => Number(pair.split(',')[0]));
  expect(xs).toEqual([...xs].sort((a, b) => a - b));
  expect(xs).toHaveLength(3);
});
