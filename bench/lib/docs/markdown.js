'use strict';

// docs/benchmarks.md and the table in README.md, from docs/benchmarks.json alone.

const { WORKS } = require('../works');
const { SIDES } = require('../sides');
const { caseOfId, caseLabel } = require('../cases');
const { caseTable, variantTable, layOut, number, thousands } = require('../table');
const { judgeGoals } = require('../goals');

const TITLES = Object.fromEntries(Object.entries(SIDES).map(([name, { title }]) => [name, title]));
const README_WORKS = ['consume-batch', 'consume-message', 'produce-batch', 'produce-single'];
const day = (date) => date.slice(0, 10);
const minute = (date) => date.slice(0, 16).replace('T', ' ');

function goalTable(cases) {
  const rows = judgeGoals(cases).map(({ row, what, sign, limit, value, met }) => [
    row,
    what,
    value === undefined ? '–' : number(value, 2),
    `${sign} ${limit.toLocaleString('en-US')}`,
    met === null ? 'not measured' : met ? 'met' : '**not met**',
  ]);
  return layOut([['goal', 'figure', 'value', 'wanted', ''], ...rows], 2);
}

/** How a case was made, in one line. */
function provenance({ runs, cases }, ids) {
  const lines = ids.map((id) => {
    const { run, messages, rounds } = cases[id];
    const much = messages > 1 ? `${number(messages)} messages, ` : '';
    return `${much}${rounds} round${rounds > 1 ? 's' : ''}, ${minute(run)} UTC, load before ${runs[run].machine.loadBefore}`;
  });
  const distinct = new Set(lines);
  // Variants differ in their messages; the run is what they share.
  if (distinct.size === 1) return [...distinct][0];
  const dates = [...new Set(ids.map((id) => minute(cases[id].run)))];
  const rounds = [...new Set(ids.map((id) => cases[id].rounds))];
  return `${rounds.join(' or ')} rounds, ${dates.join(' and ')} UTC`;
}

/** Charts that stand before the first section of their group. */
const GROUP_CHARTS = {
  hub: ['benchmarks-hub.svg', 'Deliveries a CPU second and latency of StatusHub'],
};

function groupChart(work, images) {
  const [name, words] = GROUP_CHARTS[WORKS[work].group] ?? [];
  const isFirst = work === Object.keys(WORKS).find((one) => WORKS[one].group === WORKS[work].group);
  return isFirst && images.includes(name) ? [`![${words}](${name})`] : [];
}

function section(store, work, images) {
  const { title, headline, measure } = WORKS[work];
  const ids = Object.keys(store.cases).filter((id) => id.split(':')[0] === work);
  if (ids.length === 0) return [];
  const parts = [`## ${title}`];
  const variants = WORKS[work].series ? ids : ids.filter((id) => id !== work);
  if (!WORKS[work].series && store.cases[work]) {
    parts.push(
      `${headline}. ${provenance(store, [work])}.`,
      caseTable(measure, TITLES, store.cases[work]),
    );
  }
  if (variants.length > 0) {
    const entries = variants.map((id) => {
      return [caseLabel(caseOfId(id)), store.cases[id]];
    });
    parts.push(`${provenance(store, variants)}.`, variantTable(measure, TITLES, entries));
  }
  if (work === 'growth' && images.includes('benchmarks-growth.svg')) {
    parts.push('![Cost of a message as the work grows](benchmarks-growth.svg)');
  }
  return parts;
}

/** The machine, once; the versions; the commands. A run on other hardware is a line of its own. */
function circumstances(runs) {
  const entries = Object.entries(runs);
  const group = (pick) => {
    const byText = new Map();
    for (const [date, run] of entries) {
      const words = pick(run);
      byText.set(words, [...(byText.get(words) ?? []), day(date)]);
    }
    return [...byText].map(([words, dates]) => [words, [...new Set(dates)].join(', ')]);
  };
  const machines = group(
    ({ machine }) =>
      `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}; the broker shares it`,
  );
  const versions = group(({ versions: all }) =>
    Object.entries(all)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  const commands = entries.map(([date, { command }]) => `- ${minute(date)} UTC: \`${command}\``);
  return [
    ...machines.map(([words, dates]) => `- Machine (${dates}): ${words}.`),
    ...versions.map(([words, dates]) => `- Versions (${dates}): ${words}.`),
    ...commands,
  ].join('\n');
}

/** `images`: the charts that stand beside the page. */
function makePage(store, images) {
  const chart = (name, words) => (images.includes(name) ? [`![${words}](${name})`] : []);
  const parts = [
    '# Benchmarks',
    '<!-- Made by `npm run bench` from benchmarks.json; an edit here is lost. -->',
    'How it is measured: [bench/README.md](../bench/README.md). What each figure is made of: [performance.md](performance.md).',
    'Cells are medians, with the smallest and the largest of the runs; a case alternates its sides within one run. Compare ' +
      'within a case: rates depend on the machine, which the broker shares.',
    circumstances(store.runs),
    '## Goals',
    goalTable(store.cases),
    ...chart('benchmarks-rates.svg', 'Messages a second of every client'),
    ...chart('benchmarks-cpu.svg', 'CPU seconds per million messages of every client'),
    ...Object.keys(WORKS).flatMap((work) => [
      ...groupChart(work, images),
      ...section(store, work, images),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What stands between the marks in README.md. */
function readmeTable({ runs, cases }) {
  const works = README_WORKS.filter((work) => cases[work]);
  if (works.length === 0) return '';
  const sides = Object.keys(SIDES).filter((side) => works.some((work) => cases[work].sides[side]));
  const cell = (side, work) => {
    const rate = cases[work].sides[side]?.rate;
    return rate ? thousands(rate.median) : '–';
  };
  const heads = works.map((work) => WORKS[work].title.replace(', acks all', ''));
  const rows = sides.map((side) => [TITLES[side], ...works.map((work) => cell(side, work))]);
  const dates = [...new Set(works.map((work) => day(cases[work].run)))].join(', ');
  const { machine } = runs[cases[works[0]].run];
  return [
    `Messages a second, ${WORKS['consume-batch'].params.size} B, acks all, medians (${machine.cpu}, ${machine.cores} cores that the broker shares, ${dates}):`,
    layOut([['', ...heads], ...rows]),
    'All tables, the spread, CPU, memory and the commands: [docs/benchmarks.md](docs/benchmarks.md).',
  ].join('\n\n');
}

const BEGIN = /<!-- benchmark:begin[^>]*-->/;
const END = '<!-- benchmark:end -->';

function fillReadme(readme, table) {
  const begin = BEGIN.exec(readme);
  const end = readme.indexOf(END);
  if (!begin || end < begin.index) throw new Error('README.md has no place for the benchmark');
  const head = readme.slice(0, begin.index + begin[0].length);
  return `${head}\n\n${table}\n\n${readme.slice(end)}`;
}

module.exports = { makePage, readmeTable, fillReadme };
