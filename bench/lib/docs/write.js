'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { root } = require('../paths');
const { writeJson } = require('../report');
const { readStore, mergeReport, jsonFile } = require('./store');
const { drawCharts } = require('./charts');
const { makePage, readmeTable, fillReadme } = require('./markdown');

/** Writes the page, its charts and the README's table from a store. */
function writePages(store, directory = root) {
  const docs = path.join(directory, 'docs');
  const charts = drawCharts(store.cases);
  for (const [name, svg] of Object.entries(charts)) fs.writeFileSync(path.join(docs, name), svg);
  fs.writeFileSync(path.join(docs, 'benchmarks.md'), makePage(store, Object.keys(charts)));
  const readme = path.join(directory, 'README.md');
  const table = readmeTable(store);
  if (table) fs.writeFileSync(readme, fillReadme(fs.readFileSync(readme, 'utf8'), table));
}

/** Puts what a run measured into docs/benchmarks.json and makes everything that is made of it again. */
function updateDocs(report) {
  const store = mergeReport(readStore(), report);
  writeJson(jsonFile, store);
  writePages(store);
}

module.exports = { updateDocs, writePages };
