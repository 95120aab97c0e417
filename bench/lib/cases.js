'use strict';

// From words to cases. A case: { id, work, params, messages, sides, rounds, isHeadline }; its id is the shortest text
// that names it (`consume-batch:size=1000`), which is also its key in docs/benchmarks.json.

const { PARAMS, parseParams } = require('./params');
const { WORKS, WORK_GROUPS, lacking } = require('./works');

const HEADLINE_ROUNDS = 5;
const VARIANT_ROUNDS = 3;

function caseId(work, params) {
  const defaults = WORKS[work].params;
  const given = Object.keys(defaults).filter((name) => params[name] !== defaults[name]);
  if (given.length === 0) return work;
  return `${work}:${given.map((name) => `${name}=${params[name]}`).join(',')}`;
}

/** A case's parameters in words: the headline's own, or what differs from it. */
function caseLabel({ work, params }) {
  const defaults = WORKS[work].params;
  const given = Object.keys(defaults).filter((name) => params[name] !== defaults[name]);
  if (given.length === 0) return WORKS[work].headline;
  return given.map((name) => PARAMS[name].label(params[name])).join(', ');
}

function messagesOf(work, params, isHeadline) {
  const { messages } = WORKS[work];
  if (!messages) return params.messages;
  return isHeadline ? messages.headline : messages.variant(params);
}

/** `given`: parameters; `options`: { messages, rounds, sides }, which hold for all cases of a run. */
function makeCase(work, given = {}, options = {}) {
  const definition = WORKS[work];
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(definition.params, name));
  if (unknown !== undefined) {
    const known = Object.keys(definition.params).join(', ');
    throw new TypeError(`Expected one of ${known} for ${work} but received ${unknown}`);
  }
  const params = { ...definition.params, ...given };
  const id = caseId(work, params);
  const isHeadline = id === work;
  const defaultSides = (!isHeadline && definition.variantSides?.(params)) || definition.sides;
  const wanted = options.sides ?? defaultSides;
  return {
    id,
    work,
    params,
    isHeadline,
    messages: (definition.messages && options.messages) ?? messagesOf(work, params, isHeadline),
    rounds: options.rounds ?? definition.rounds ?? (isHeadline ? HEADLINE_ROUNDS : VARIANT_ROUNDS),
    sides: definition.sides.filter((side) => wanted.includes(side) && !lacking(side, params)),
    lacks: Object.fromEntries(
      definition.sides
        .filter((side) => wanted.includes(side) && lacking(side, params))
        .map((side) => [side, lacking(side, params)]),
    ),
  };
}

const KINDS = {
  headline: { headline: true, variants: false },
  variants: { headline: false, variants: true },
  all: { headline: true, variants: true },
};

/** The cases of one work: a series has no headline, all its points go together. */
function casesOfWork(work, kind, given, options) {
  const { headline, variants } = KINDS[WORKS[work].series ? 'all' : kind];
  const own = Object.fromEntries(
    Object.entries(given).filter(([name]) => Object.hasOwn(WORKS[work].params, name)),
  );
  return [
    ...(headline ? [makeCase(work, own, options)] : []),
    ...(variants
      ? WORKS[work].variants.map((variant) => makeCase(work, { ...own, ...variant }, options))
      : []),
  ];
}

function casesOfWord(word, kind, given, options) {
  if (Object.hasOwn(KINDS, word)) {
    const works = Object.keys(WORKS).filter((work) => word === 'all' || !WORKS[work].series);
    return works.flatMap((work) => casesOfWork(work, word, given, options));
  }
  const [name, ...rest] = word.split(':');
  if (rest.length > 0 && Object.hasOwn(WORKS, name)) {
    return [makeCase(name, { ...given, ...parseParams(rest.join(':')) }, options)];
  }
  const works = Object.hasOwn(WORKS, name)
    ? [name]
    : Object.keys(WORKS).filter((work) => WORKS[work].group === name);
  if (works.length === 0) {
    const known = [...Object.keys(KINDS), ...WORK_GROUPS, ...Object.keys(WORKS)];
    throw new TypeError(
      `Expected one of ${[...new Set(known)].join(', ')}, or <work>:<name>=<value>,… for work but received ${word}`,
    );
  }
  return works.flatMap((work) => casesOfWork(work, kind, given, options));
}

/**
 * The cases that the command line names; none named is all of them.
 *
 * @param {string[]} words
 * @param {object} [options] `variants`: the works' variants too; `params`: for every work that knows them; `messages`,
 *   `rounds`, `sides`: instead of the cases' own
 */
function expandCases(words, { variants = false, params = {}, ...options } = {}) {
  const kind = variants ? 'all' : 'headline';
  const all = words.length === 0 ? ['all'] : words;
  const cases = all.flatMap((word) => casesOfWord(word, kind, params, options));
  const byId = new Map(cases.map((one) => [one.id, one]));
  return [...byId.values()].filter(({ sides }) => sides.length > 0);
}

/** Cases that are run together: the points of a series, any other case alone. */
function jobsOf(cases) {
  const jobs = new Map();
  for (const one of cases) {
    const key = WORKS[one.work].series ? one.work : one.id;
    jobs.set(key, [...(jobs.get(key) ?? []), one]);
  }
  return [...jobs.values()];
}

/** Where a case stands in the tables: by work, the headline first, then as declared. */
function compareIds(a, b) {
  const place = (id) => {
    const [work] = id.split(':');
    const declared = casesOfWork(work, 'all', {}, {}).map((one) => one.id);
    const at = declared.indexOf(id);
    return Object.keys(WORKS).indexOf(work) * 1_000 + (at < 0 ? 999 : at);
  };
  return place(a) - place(b) || a.localeCompare(b);
}

function caseOfId(id, options) {
  const [work, ...rest] = id.split(':');
  return makeCase(work, rest.length > 0 ? parseParams(rest.join(':')) : {}, options);
}

const caseTitle = (one) => `${WORKS[one.work].title}: ${caseLabel(one)}`;

module.exports = { expandCases, jobsOf, makeCase, caseOfId, caseLabel, caseTitle, compareIds };
