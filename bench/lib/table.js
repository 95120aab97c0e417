'use strict';

// Markdown tables of cases. What a table takes is what docs/benchmarks.json keeps of a case:
// { messages, rounds, sides: { <side>: summary | { failed } | { lacks } } }.

const { hubColumns } = require('../hub/metrics');

const number = (value, digits = 0) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const thousands = (rate) => (rate >= 1e4 ? `${number(rate / 1e3)} k` : number(rate));

const NONE = '–';
/** The median with its range, where there is more than one run. */
function spread(metric, text) {
  if (!metric) return NONE;
  const { median, min, max } = metric;
  return min === max ? text(median) : `${text(median)} (${text(min)} – ${text(max)})`;
}
const of = (metric, text) => (metric ? text(metric.median) : NONE);
const ratio = (metric, base) => (metric && base ? (metric.median / base.median).toFixed(2) : NONE);
const digits = (count) => (value) => number(value, count);

const LOOP = ['loop p99 ms', (s) => of(s.loopP99Ms, digits(1))];
const RSS = ['peak RSS MB', (s) => of(s.peakRssMb, digits(0))];
const CPU = ['CPU-s per M', (s) => spread(s.cpuPerMillion, digits(2))];

/** By measure: the head of a column, and its cell from a side's summary and all summaries of the case. */
const COLUMNS = {
  rate: [
    ['messages/s', (s) => spread(s.rate, thousands)],
    CPU,
    ['× C', (s, all) => ratio(s.rate, all.c?.rate)],
    ['× kafkajs', (s, all) => ratio(s.rate, all.kafkajs?.rate)],
    LOOP,
    RSS,
  ],
  latency: [
    ['p50 ms', (s) => spread(s.latencyP50Ms, digits(2))],
    ['p99 ms', (s) => spread(s.latencyP99Ms, digits(2))],
    ['max ms', (s) => of(s.latencyMaxMs, digits(1))],
    CPU,
    LOOP,
    RSS,
  ],
  start: [
    ['ms', (s) => spread(s.startMs, digits(0))],
    ['× C', (s, all) => ratio(s.startMs, all.c?.startMs)],
    RSS,
  ],
  memory: [
    ['peak RSS MB', (s) => spread(s.peakRssMb, digits(0))],
    ['before the sleep', (s) => of(s.beforeRssMb, digits(0))],
    LOOP,
  ],
  idle: [
    ['% of a core', (s) => spread(s.cpuPercent, digits(2))],
    ['threads', (s) => of(s.threads, digits(0))],
    ['RSS MB', (s) => of(s.rssMb, digits(0))],
    ['dns p99 ms (alone)', (s) => besides(s.dnsP99Ms, s.dnsAloneP99Ms)],
    ['file p99 ms (alone)', (s) => besides(s.fileP99Ms, s.fileAloneP99Ms)],
    LOOP,
  ],
  ...hubColumns({ spread, of, ratio, digits, thousands }),
};

const besides = (metric, alone) => `${of(metric, digits(1))} (${of(alone, digits(1))})`;

function layOut(rows, leftColumns = 1) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isLeft = (at) => at < leftColumns;
  const pad = (cell, at) => (isLeft(at) ? cell.padEnd(widths[at]) : cell.padStart(widths[at]));
  const line = (row) => `| ${row.map(pad).join(' | ')} |`;
  const rule = widths.map((width, at) =>
    isLeft(at) ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`,
  );
  return [line(rows[0]), `|${rule.join('|')}|`, ...rows.slice(1).map(line)].join('\n');
}

function cellsOf(side, all, columns) {
  if (side.lacks) return ['n/a', ...columns.slice(1).map(() => NONE)];
  if (side.failed && !side.runs) return ['failed', ...columns.slice(1).map(() => NONE)];
  return columns.map(([, cell]) => cell(side, all));
}

/** A table of one case, a row a side. `titles`: by side, in order. */
function caseTable(measure, titles, { sides }) {
  const columns = COLUMNS[measure];
  const rows = Object.keys(titles)
    .filter((name) => sides[name])
    .map((name) => [titles[name], ...cellsOf(sides[name], sides, columns)]);
  return layOut([['', ...columns.map(([head]) => head)], ...rows]);
}

/** One table of many cases: [label, case] pairs, a row for each side of each. */
function variantTable(measure, titles, entries) {
  const columns = COLUMNS[measure];
  const rows = entries.flatMap(([label, { sides }]) =>
    Object.keys(titles)
      .filter((name) => sides[name])
      .map((name, at) => [
        at === 0 ? label : '',
        titles[name],
        ...cellsOf(sides[name], sides, columns),
      ]),
  );
  return layOut([['', '', ...columns.map(([head]) => head)], ...rows], 2);
}

module.exports = { caseTable, variantTable, layOut, number, thousands };
