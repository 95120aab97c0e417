'use strict';

// docs/benchmarks.json: { runs: { <date>: how it was made }, cases: { <id>: { run, messages, rounds, sides } } }. A run
// replaces the cases that it measured and leaves the others with the date and the machine of their own run.

const fs = require('node:fs');
const path = require('node:path');
const { root } = require('../paths');
const { compareIds } = require('../cases');

const jsonFile = path.join(root, 'docs', 'benchmarks.json');
const EMPTY = { runs: {}, cases: {} };

function readStore(file = jsonFile) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return EMPTY;
    throw error;
  }
}

/** Sides that a partial run left out keep no figures: ratios across runs would say nothing. */
function mergeReport(store, report) {
  const { date, command, machine, versions, librdkafkaProperties } = report;
  const measured = Object.entries(report.cases).map(([id, one]) => [id, { run: date, ...one }]);
  const cases = { ...store.cases, ...Object.fromEntries(measured) };
  const sorted = Object.keys(cases)
    .sort(compareIds)
    .map((id) => [id, cases[id]]);
  const runs = { ...store.runs, [date]: { command, machine, versions, librdkafkaProperties } };
  const used = new Set(sorted.map(([, { run }]) => run));
  return {
    runs: Object.fromEntries(Object.entries(runs).filter(([key]) => used.has(key))),
    cases: Object.fromEntries(sorted),
  };
}

module.exports = { readStore, mergeReport, jsonFile };
