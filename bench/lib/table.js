'use strict';

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Medians with the smallest and largest rate of one side's runs; null when none succeeded. */
function summarize(runs) {
  const good = runs.filter((run) => !run.failed);
  if (good.length === 0) return null;
  const of = (pick) => median(good.map(pick));
  const rates = good.map(({ messages, seconds }) => messages / seconds);
  const summary = {
    rate: median(rates),
    min: Math.min(...rates),
    max: Math.max(...rates),
    cpuPerMillion: of(({ cpuSeconds, messages }) => (cpuSeconds / messages) * 1e6),
    peakRssMb: of(({ peakRssMb }) => peakRssMb),
  };
  for (const key of ['loopDelay', 'latency']) {
    if (!good.every((run) => run[key])) continue;
    summary[key] = {};
    for (const name of ['p50', 'p99', 'max']) summary[key][name] = of((run) => run[key][name]);
  }
  return summary;
}

const number = (value, digits = 0) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const thousands = (rate) => (rate >= 1e4 ? `${number(rate / 1e3)} k` : number(rate));
const ratio = (rate, base) => (base ? `${(rate / base.rate).toFixed(2)}` : '–');
const triple = (values, digits = 1) =>
  values ? ['p50', 'p99', 'max'].map((name) => number(values[name], digits)).join(' / ') : '–';

const RATE_COLUMNS = [
  ['messages/s', (s) => thousands(s.rate)],
  ['min – max', (s) => `${thousands(s.min)} – ${thousands(s.max)}`],
  ['× kafkajs', (s, all) => ratio(s.rate, all.kafkajs)],
  ['× C', (s, all) => ratio(s.rate, all.c)],
];
const LATENCY_COLUMNS = [['latency ms p50 / p99 / max', (s) => triple(s.latency, 2)]];
const COMMON_COLUMNS = [
  ['CPU-s per M', (s) => number(s.cpuPerMillion, 2)],
  ['loop ms p50 / p99 / max', (s) => triple(s.loopDelay)],
  ['peak RSS MB', (s) => number(s.peakRssMb)],
];

function layOut(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`;
  const rule = `|${widths.map((width, at) => (at === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}

/** A Markdown table of one kind of work. `titles`: by side, in order; `runs`: by side. */
function workTable(titles, runs) {
  const summaries = Object.fromEntries(
    Object.entries(runs).map(([name, list]) => [name, summarize(list)]),
  );
  const isLatency = Object.values(summaries).some((summary) => summary?.latency);
  const columns = [...(isLatency ? LATENCY_COLUMNS : RATE_COLUMNS), ...COMMON_COLUMNS];
  const rows = Object.entries(titles).map(([name, title]) => {
    const summary = summaries[name];
    if (summary) return [title, ...columns.map(([, cell]) => cell(summary, summaries))];
    return [title, 'failed', ...columns.slice(1).map(() => '–')];
  });
  return layOut([['', ...columns.map(([head]) => head)], ...rows]);
}

module.exports = { median, summarize, workTable };
