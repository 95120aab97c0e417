'use strict';

// Charts as SVG text: bars with a mark from the smallest to the largest run, and lines over a logarithmic axis. The colours
// follow the reader's light or dark scheme.

const STYLE = `<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 14px; }
  .soft { fill: #57606a; }
  .axis { stroke: #8c959f; stroke-width: 1; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .bar { fill: #8c959f; }
  .ours { fill: #0969da; }
  .limit { fill: #afb8c1; }
  .range { stroke: #24292f; stroke-width: 1.5; }
  .line { fill: none; stroke: #0969da; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .soft { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .bar { fill: #656c76; }
    .ours { fill: #4493f8; }
    .limit { fill: #3d444d; }
    .range { stroke: #e6edf3; }
    .line { stroke: #4493f8; }
  }
</style>`;

const WIDTH = 760;
const LABEL_WIDTH = 220;
const VALUE_WIDTH = 110;
const ROW = 22;
const PANEL_HEAD = 34;
const PANEL_GAP = 14;

const escape = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const at = (value) => value.toFixed(1);

const text = (x, y, words, { name = '', anchor = 'start' } = {}) =>
  `<text x="${at(x)}" y="${at(y)}" class="${name}" text-anchor="${anchor}">${escape(words)}</text>`;
const line = (x1, y1, x2, y2, name) =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${name}"/>`;

const frame = (height, title, parts) =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}">`,
    STYLE,
    ...parts,
    '</svg>',
    '',
  ].join('\n');

function bars({ title, rows, format }, top) {
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
  const most = Math.max(...rows.map(({ max }) => max));
  const x = (value) => LABEL_WIDTH + (value / most) * room;
  const parts = rows.flatMap(({ label, name, median, min, max }, index) => {
    const y = top + PANEL_HEAD + index * ROW;
    const middle = y + (ROW - 6) / 2;
    const width = Math.max(1, x(median) - LABEL_WIDTH);
    return [
      text(LABEL_WIDTH - 8, middle + 4, label, { anchor: 'end' }),
      `<rect x="${LABEL_WIDTH}" y="${at(y)}" width="${at(width)}" height="${ROW - 6}" class="${name}"/>`,
      line(x(min), middle, x(max), middle, 'range'),
      text(x(max) + 6, middle + 4, format(median), { name: 'soft' }),
    ];
  });
  return [text(0, top + 18, title, { name: 'title' }), ...parts];
}

/** Panels of horizontal bars; a row: { label, name, median, min, max }, `name` one of bar, ours and limit. */
function barChart(title, panels) {
  let top = 0;
  const parts = [];
  for (const panel of panels) {
    parts.push(...bars(panel, top));
    top += PANEL_HEAD + panel.rows.length * ROW + PANEL_GAP;
  }
  return frame(top, title, parts);
}

const PLOT = { left: 60, right: 20, height: 150 };

function plot({ title, points, xTitle, xFormat, yFormat }, top) {
  const [first, last] = [Math.log10(points[0].x), Math.log10(points.at(-1).x)];
  const room = WIDTH - PLOT.left - PLOT.right;
  const most = Math.max(...points.map(({ max }) => max)) * 1.15;
  const base = top + PANEL_HEAD + PLOT.height;
  const x = (value) => PLOT.left + ((Math.log10(value) - first) / (last - first)) * room;
  const y = (value) => base - (value / most) * PLOT.height;
  const path = points.map((point) => `${at(x(point.x))},${at(y(point.median))}`).join(' ');
  return [
    text(0, top + 18, title, { name: 'title' }),
    ...[0.5, 1].map((share) => line(PLOT.left, y(most * share), WIDTH, y(most * share), 'grid')),
    ...[0, 0.5, 1].map((share) =>
      text(PLOT.left - 8, y(most * share) + 4, yFormat(most * share), {
        name: 'soft',
        anchor: 'end',
      }),
    ),
    line(PLOT.left, base, WIDTH, base, 'axis'),
    `<polyline points="${path}" class="line"/>`,
    ...points.flatMap((point) => [
      line(x(point.x), y(point.min), x(point.x), y(point.max), 'range'),
      `<circle cx="${at(x(point.x))}" cy="${at(y(point.median))}" r="3.5" class="ours"/>`,
      text(x(point.x), base + 16, xFormat(point.x), { name: 'soft', anchor: 'middle' }),
    ]),
    text(WIDTH, base + 32, xTitle, { name: 'soft', anchor: 'end' }),
  ];
}

/** Panels of lines; a point: { x, median, min, max }, in the order of x. */
function lineChart(title, panels) {
  const height = PANEL_HEAD + PLOT.height + 40 + PANEL_GAP;
  const parts = panels.flatMap((panel, index) => plot(panel, index * height));
  return frame(height * panels.length, title, parts);
}

module.exports = { barChart, lineChart };
