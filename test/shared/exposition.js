'use strict';

// A strict reader of Prometheus' text format 0.0.4: what a scrape would refuse or misread is an error here.

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const COMMENT = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];
const ESCAPES = { n: '\n', '"': '"', '\\': '\\' };

function fail(line, why) {
  throw new Error(`${why}: ${line}`);
}

function labelsOf(text, line) {
  const labels = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text) ?? fail(line, 'Not a label');
    const [, name, value] = match;
    if (Object.hasOwn(labels, name)) fail(line, `The label ${name} comes twice`);
    labels[name] = value.replace(/\\(.)/g, (_, escaped) => ESCAPES[escaped]);
  }
  return labels;
}

function numberOf(text, line) {
  const special = { '+Inf': Infinity, '-Inf': -Infinity, NaN };
  if (Object.hasOwn(special, text)) return special[text];
  return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : fail(line, 'Not a number');
}

const isOf = ({ name, type }, sample) =>
  type === 'histogram'
    ? [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(sample)
    : sample === name;

function checkValue({ name, type }, value, line) {
  if (type !== 'counter') return;
  if (!name.endsWith('_total')) fail(line, 'A counter whose name does not end in _total');
  if (!(value >= 0)) fail(line, 'A counter below 0');
}

const without = ({ le: _, ...labels }) => JSON.stringify(Object.entries(labels).sort());

/** Buckets count up to +Inf, which is the count. */
function checkHistogram({ name, samples }) {
  const series = new Map();
  for (const { sample, labels, value } of samples) {
    const key = without(labels);
    if (!series.has(key)) series.set(key, { bounds: [] });
    const one = series.get(key);
    if (sample === `${name}_bucket`) one.bounds.push([numberOf(labels.le, name), value]);
    else one[sample.slice(name.length + 1)] = value;
  }
  for (const [labels, { bounds, sum, count }] of series) {
    const what = `${name} ${labels}`;
    if (sum === undefined || count === undefined) fail(what, 'A histogram without sum or count');
    for (let at = 1; at < bounds.length; at += 1) {
      if (bounds[at][0] <= bounds[at - 1][0]) fail(what, 'Bounds that do not rise');
      if (bounds[at][1] < bounds[at - 1][1]) fail(what, 'Buckets that do not count up');
    }
    const [last, all] = bounds.at(-1) ?? [];
    if (last !== Infinity || all !== count) fail(what, 'A +Inf bucket that is not the count');
  }
}

/**
 * @param {string} text
 * @returns {Map<string, { type: string, help: string, samples: { sample: string, labels: object, value: number }[] }>}
 */
function parseExposition(text) {
  if (!text.endsWith('\n')) fail('the end', 'The last line does not end');
  const families = new Map();
  const seen = new Set();
  let family = null;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const comment = COMMENT.exec(line);
    if (comment !== null) {
      const [, kind, name, rest] = comment;
      if (kind === 'HELP') {
        if (families.has(name)) fail(line, 'A metric that comes twice');
        family = { name, help: rest, type: null, samples: [] };
        families.set(name, family);
      } else if (family?.name !== name || family.type !== null) fail(line, 'A TYPE out of place');
      else family.type = TYPES.includes(rest) ? rest : fail(line, 'Not a type');
      continue;
    }
    const [, sample, labelText = '', number] = SAMPLE.exec(line) ?? fail(line, 'Not a sample');
    if (family === null || !isOf(family, sample)) fail(line, 'A sample outside its metric');
    const labels = labelsOf(labelText, line);
    const key = `${sample} ${JSON.stringify(Object.entries(labels).sort())}`;
    if (seen.has(key)) fail(line, 'A series that comes twice');
    seen.add(key);
    const value = numberOf(number, line);
    checkValue(family, value, line);
    family.samples.push({ sample, labels, value });
  }
  for (const one of families.values()) {
    if (one.type === 'histogram') checkHistogram(one);
  }
  return families;
}

/** The value of one series; undefined: there is none. */
function valueOf(families, sample, labels = {}) {
  const wanted = Object.entries(labels);
  const samples = [...families.values()].flatMap((family) => family.samples);
  const found = samples.filter(
    (one) => one.sample === sample && wanted.every(([name, value]) => one.labels[name] === value),
  );
  if (found.length > 1) throw new Error(`${found.length} series of ${sample} have these labels`);
  return found[0]?.value;
}

module.exports = { parseExposition, valueOf };
