'use strict';

// client.properties, in Java's syntax.

const fs = require('node:fs');
const { SETTINGS, Unacceptable, byProperty } = require('../settings');
const { sameValue } = require('./texts');

const JAAS_LOGIN = /\b(username|password)\s*=\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)')/g;
/** Files made for several programs at once carry these too. */
const OF_OTHERS = /^(schema\.registry|basic\.auth)\./;
const BAD_ESCAPE = /\\u(?![0-9a-fA-F]{4})/;
const UNREADABLE = {
  ENOENT: 'does not exist',
  EISDIR: 'is a directory',
  EACCES: 'may not be read',
};

/**
 * The entries of a text in Java's properties syntax, in order; a key may come twice, its last value counts. The parser
 * knows that an escape is wrong but not where: that is looked for here, and the rest is read in spite of it.
 *
 * @returns {{ entries: { key: string, value: string, line: number }[], mistakes: { line: number, message: string }[] }}
 */
function parseProperties(text) {
  // Only who has such a file needs the library.
  const { Properties } = require('properties-file/parser');
  const lines = text.split(/\r\n|[\r\n]/);
  const mistakes = [];
  const parses = (count) => {
    try {
      return new Properties(lines.slice(0, count).join('\n'));
    } catch {
      return null;
    }
  };
  let document = parses(lines.length);
  while (document === null) {
    let line = 1;
    while (parses(line) !== null) line += 1;
    const message = 'expected four hexadecimal digits after \\u';
    mistakes.push({ line, message });
    lines[line - 1] = BAD_ESCAPE.test(lines[line - 1])
      ? lines[line - 1].replaceAll(new RegExp(BAD_ESCAPE, 'g'), 'u')
      : '';
    document = parses(lines.length);
  }
  const entries = document.nodes
    .filter(({ type }) => type === 'property')
    .map(({ key, value, startingLineNumber }) => ({ key, value, line: startingLineNumber }));
  return { entries, mistakes };
}

/** A Java client's login line holds what the others have in two properties. */
function fromJaas(value) {
  const found = {};
  for (const [, name, double, single] of value.matchAll(JAAS_LOGIN)) {
    found[name] = double === undefined ? single : double.replace(/\\(.)/g, '$1');
  }
  return found;
}

function addJaas(settings, value, origin, problems) {
  const found = fromJaas(value);
  if (found.username === undefined || found.password === undefined) {
    const setting = { name: 'sasl.password', origin };
    problems.add(setting, 'expected username="…" password="…" in the login line');
  }
  for (const part of ['username', 'password']) {
    const name = `sasl.${part}`;
    const isSecret = part === 'password';
    if (found[part] === undefined) settings.set(name, { name, origin, isSecret, isBroken: true });
    else settings.set(name, { name, value: found[part], origin, isSecret });
  }
}

function addRow(settings, row, { key, value: text, origin }, problems) {
  const setting = { name: row.name, origin, isSecret: row.type.isSecret };
  const value = text === '' ? new Unacceptable('') : row.type.fromText(text);
  if (value instanceof Unacceptable) {
    problems.unexpected(setting, row.type.expected, value.received);
    settings.set(row.name, { ...setting, isBroken: true });
    return;
  }
  const earlier = settings.get(row.name);
  // The same name twice is Java's way to replace a value; two names of one setting are a contradiction.
  if (earlier?.key !== undefined && earlier.key !== key && !sameValue(earlier.value, value)) {
    problems.add(setting, `does not agree with ${earlier.origin}: both mean the same`);
  }
  settings.set(row.name, { ...setting, value, key });
}

/**
 * @param {string} file
 * @param {string} [givenBy] the variable or flag that named it
 * @returns {{ settings: Map<string, object>, entries: { key: string, value: string, origin: string }[] }}
 */
function readPropertiesFile(file, givenBy, problems) {
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    const setting = { name: 'file', origin: givenBy ?? file };
    problems.add(setting, `${file} ${UNREADABLE[error.code] ?? error.code}`);
    return { settings: new Map(), entries: [], isBroken: true };
  }
  const settings = new Map();
  const { entries, mistakes } = parseProperties(text);
  for (const { line, message } of mistakes) {
    problems.add({ name: 'file', origin: `${file}:${line}` }, message);
  }
  const own = entries
    .filter(({ key }) => !OF_OTHERS.test(key))
    .map(({ key, value, line }) => ({
      key,
      value: value.trim(),
      origin: `${file}:${line} (${key})`,
    }));
  for (const { key, value, origin } of own) {
    const row = byProperty.get(key);
    if (key === 'sasl.jaas.config') addJaas(settings, value, origin, problems);
    else if (row !== undefined) addRow(settings, row, { key, value, origin }, problems);
    else settings.set(`librdkafka.${key}`, { name: `librdkafka.${key}`, value, origin });
  }
  return { settings, entries: own };
}

/** Properties that say how to reach the cluster. */
const CONNECTION_PROPERTIES = new Set([
  'sasl.jaas.config',
  ...SETTINGS.filter((row) => row.connects).flatMap((row) => row.properties),
]);

module.exports = { parseProperties, readPropertiesFile, CONNECTION_PROPERTIES };
