'use strict';

const { WORKS } = require('../works');
const { SIDES } = require('../sides');
const { thousands, number } = require('../table');
const { barChart, lineChart } = require('./svg');

const BAR_NAMES = { easyflow: 'ours', c: 'limit' };

function panel(title, cases, id, metric, format) {
  const sides = cases[id]?.sides ?? {};
  const rows = Object.keys(SIDES)
    .filter((side) => sides[side]?.[metric])
    .map((side) => ({
      label: SIDES[side].title,
      name: BAR_NAMES[side] ?? 'bar',
      ...sides[side][metric],
    }));
  return rows.length > 0 ? [{ title, rows, format }] : [];
}

const RATE_WORKS = ['consume-batch', 'consume-message', 'produce-batch', 'produce-single'];

function rateChart(cases) {
  const panels = RATE_WORKS.flatMap((work) =>
    panel(
      `${WORKS[work].title}, ${WORKS[work].headline}: messages/s`,
      cases,
      work,
      'rate',
      thousands,
    ),
  );
  return panels.length > 0 ? barChart('Messages a second', panels) : null;
}

function cpuChart(cases) {
  const panels = RATE_WORKS.flatMap((work) =>
    panel(
      `${WORKS[work].title}, ${WORKS[work].headline}: CPU-s per M`,
      cases,
      work,
      'cpuPerMillion',
      (value) => number(value, 2),
    ),
  );
  return panels.length > 0 ? barChart('CPU seconds per million messages', panels) : null;
}

/** The points of one series, in order; the headline case is one of them. */
function series(cases, varied) {
  return Object.entries(cases)
    .filter(([id]) => id === 'growth' || id.startsWith(`growth:${varied}=`))
    .filter(([, { sides }]) => sides.easyflow?.cpuPerMillion)
    .map(([id, { sides }]) => ({
      x: id === 'growth' ? WORKS.growth.params[varied] : Number(id.split('=')[1]),
      ...sides.easyflow.cpuPerMillion,
    }))
    .sort((a, b) => a.x - b.x);
}

function growthChart(cases) {
  const title = 'CPU seconds per million messages';
  const panels = ['messages', 'partitions']
    .map((varied) => ({
      title: `${title}, by ${varied}`,
      points: series(cases, varied),
      xTitle: varied,
      xFormat: (x) => number(x),
      yFormat: (y) => number(y, 2),
    }))
    .filter(({ points }) => points.length > 1);
  return panels.length > 0 ? lineChart('Cost of a message as the work grows', panels) : null;
}

const HUB_PANELS = [
  ['hub-fanout', 'perCpuSecond', 'deliveries a CPU second', thousands],
  ['hub-channels', 'perCpuSecond', 'deliveries a CPU second', thousands],
  ['hub-fanout', 'latencyP99Ms', 'p99 ms, publish to client', (value) => number(value, 1)],
];

function hubChart(cases) {
  const panels = HUB_PANELS.flatMap(([work, metric, words, format]) =>
    panel(`${WORKS[work].title}: ${words}`, cases, work, metric, format),
  );
  return panels.length > 0 ? barChart('StatusHub', panels) : null;
}

/** By file name beside docs/benchmarks.md; null where there are no figures to draw. */
const CHARTS = {
  'benchmarks-rates.svg': rateChart,
  'benchmarks-cpu.svg': cpuChart,
  'benchmarks-growth.svg': growthChart,
  'benchmarks-hub.svg': hubChart,
};

const drawCharts = (cases) =>
  Object.fromEntries(
    Object.entries(CHARTS)
      .map(([name, draw]) => [name, draw(cases)])
      .filter(([, svg]) => svg !== null),
  );

module.exports = { drawCharts };
