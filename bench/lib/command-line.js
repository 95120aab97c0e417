'use strict';

const { parseArgs } = require('node:util');
const { SIDES } = require('./sides');
const { PARAMS } = require('./params');
const { expandCases } = require('./cases');

const HELP = `npm run bench [-- [work …] [options]]

  work        a work (consume-batch, …), a group of them (consume, produce), one case
              (consume-batch:size=1000,headers=2), headline, variants or all; nothing is all
  --variants  with works: their variants, too
  --client    easyflow,kafkajs …: only these sides
  --messages, --rounds, --size, --partitions, --handler
              instead of what the cases have
  --json      where all samples go (build/bench-results/<date>.json); with --check, the verdicts
  --write-docs
              put the figures into docs/benchmarks.json, its page, its charts and README.md; a run of
              everything does so by itself
  --check [--short] [--against <file>]
              compare with docs/benchmarks.json (or another file) by ratios to C; exit code 1 on a loss
  --pages     make the pages from docs/benchmarks.json again, and measure nothing
  --list      the cases of such a run and how long it takes`;

/** Options that are parameters of every work that knows them. */
const PARAM_OPTIONS = ['size', 'partitions', 'handler'];

function count(text, name) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new TypeError(`Expected a positive integer for --${name} but received ${text}`);
}

function sidesOf(text) {
  if (text === undefined) return undefined;
  const sides = text.split(',');
  const unknown = sides.find((name) => !Object.hasOwn(SIDES, name));
  if (unknown === undefined) return sides;
  const known = Object.keys(SIDES).join(', ');
  throw new TypeError(`Expected some of ${known} for --client but received ${unknown}`);
}

/** What a reader would type for the same figures: where the samples went is nothing to them. */
function commandOf(argv) {
  const at = argv.findIndex((word) => word.startsWith('--json'));
  const words = argv.filter(
    (_, index) => at < 0 || index < at || index > at + (argv[at] === '--json' ? 1 : 0),
  );
  return ['npm run bench', ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
}

/** { mode: 'measure' | 'check' | 'pages' | 'list' | 'help', cases, … }; throws a TypeError that says what was expected. */
function parseCommandLine(argv) {
  const flag = { type: 'boolean', default: false };
  const value = { type: 'string' };
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(
        ['client', 'messages', 'rounds', 'json', 'against', ...PARAM_OPTIONS].map((name) => [
          name,
          value,
        ]),
      ),
      ...Object.fromEntries(
        ['variants', 'write-docs', 'check', 'short', 'pages', 'list', 'help'].map((name) => [
          name,
          flag,
        ]),
      ),
    },
  });
  if (values.short && !values.check) throw new TypeError('Expected --check with --short');
  const params = Object.fromEntries(
    PARAM_OPTIONS.filter((name) => values[name] !== undefined).map((name) => [
      name,
      PARAMS[name].parse(values[name], `--${name}`),
    ]),
  );
  const cases = expandCases(positionals, {
    variants: values.variants,
    params,
    messages: count(values.messages, 'messages'),
    rounds: count(values.rounds, 'rounds'),
    sides: sidesOf(values.client),
  });
  const mode = ['help', 'list', 'pages', 'check'].find((name) => values[name]) ?? 'measure';
  return {
    mode,
    cases,
    isShort: values.short,
    against: values.against,
    json: values.json,
    // What changes every case is no run of everything.
    writeDocs: values['write-docs'] || argv.length === 0,
    command: commandOf(argv),
  };
}

module.exports = { parseCommandLine, HELP };
