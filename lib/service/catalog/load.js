'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { classes, trimStack } = require('../../errors');
const { invalidOption, isObject } = require('../../options/validate');
const { nearest } = require('../../options/nearest');
const { Catalog } = require('./catalog');
const { catalogProblems } = require('./check');
const { catalogError } = require('./mistakes');
const { problem } = require('./problems');

const SHIPPED = path.join(__dirname, '..', 'catalogs');

/** Names of the catalogs of this package. */
const catalogs = Object.freeze(
  fs
    .readdirSync(SHIPPED)
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.basename(file, '.json'))
    .sort(),
);

/** The file of a shipped catalog: other languages read it too. */
const catalogFile = (name) => path.join(SHIPPED, `${name}.json`);

const looksLikeFile = (source) => source.endsWith('.json') || /[\\/]/.test(source);

function readJson(file, shown) {
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (cause) {
    throw new classes.CatalogError(`The catalog ${file} cannot be read: ${cause.message}`, {
      cause,
      problems: [problem({ file: shown, segments: [], expected: 'a file', came: cause.code })],
    });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw catalogError(shown, [
      problem({ file: shown, segments: [], expected: 'JSON', came: error.message }),
    ]);
  }
}

function fromData(data, file) {
  const problems = catalogProblems(data, file);
  if (problems.length > 0) throw catalogError(file, problems);
  return new Catalog(data, { file });
}

const fromFile = (file, shown) => fromData(readJson(file, shown), shown);

const shipped = new Map();

function fromName(name) {
  if (!catalogs.includes(name)) {
    const suggestion = nearest(name, catalogs);
    throw invalidOption(
      `one of ${catalogs.join(', ')}${suggestion ? ` (did you mean ${suggestion}?)` : ''}, or the path of a .json file`,
      'catalog',
      name,
    );
  }
  if (!shipped.has(name)) shipped.set(name, fromFile(catalogFile(name), `${name}.json`));
  return shipped.get(name);
}

/** As it would be in a file, so that nobody changes it later. */
const copyOf = (data) => JSON.parse(JSON.stringify(data));

/**
 * A catalog by the name of a shipped one, by the path of a file, or from an object of the same form.
 *
 * @param {string | URL | object | Catalog} source
 * @returns {Catalog}
 */
function loadCatalog(source) {
  try {
    if (source instanceof Catalog) return source;
    if (source instanceof URL) return fromFile(source, path.basename(source.pathname));
    if (typeof source === 'string' && looksLikeFile(source)) {
      return fromFile(source, path.basename(source));
    }
    if (typeof source === 'string') return fromName(source);
    if (isObject(source)) return fromData(copyOf(source), 'catalog');
    throw invalidOption('a name, a path or an object', 'catalog', source);
  } catch (error) {
    throw trimStack(error);
  }
}

module.exports = { loadCatalog, catalogs, catalogFile };
