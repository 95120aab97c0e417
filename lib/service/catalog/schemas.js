'use strict';

// The events' schemas: references resolved, and judged by ajv.

const { Ajv } = require('ajv');
const addFormats = require('ajv-formats').default;
const { problem, problemsOf } = require('./problems');

const REFERENCE = /^#\/definitions\/([^/]+)$/;
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Strict about keywords (a misspelt one checks nothing), not about how types and properties are spread. */
function newAjv() {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    strictTuples: false,
    ownProperties: true,
  });
  addFormats(ajv);
  return ajv;
}

/**
 * A copy of a schema in which every `#/definitions/<name>` is replaced by what it names: an event's schema can then be
 * shown, compared and handed on by itself.
 *
 * @param {(segments: (string | number)[], expected: string, value: unknown) => void} mistake
 */
function expand(schema, definitions, segments, mistake, open = []) {
  if (Array.isArray(schema)) {
    return schema.map((item, i) => expand(item, definitions, [...segments, i], mistake, open));
  }
  if (!isObject(schema)) return schema;
  if (!Object.hasOwn(schema, '$ref')) {
    return Object.fromEntries(
      Object.entries(schema).map(([key, value]) => [
        key,
        expand(value, definitions, [...segments, key], mistake, open),
      ]),
    );
  }
  const { $ref, ...beside } = schema;
  const [, name] = REFERENCE.exec($ref) ?? [];
  if (name === undefined || !Object.hasOwn(definitions, name)) {
    const names = Object.keys(definitions).join(', ') || 'none';
    mistake([...segments, '$ref'], `#/definitions/<name> (there are ${names})`, $ref);
    return beside;
  }
  if (open.includes(name)) {
    mistake([...segments, '$ref'], 'a definition that does not contain itself', $ref);
    return beside;
  }
  const target = expand(definitions[name], definitions, ['definitions', name], mistake, [
    ...open,
    name,
  ]);
  return { ...target, ...expand(beside, definitions, segments, mistake, open) };
}

/** What is wrong with an expanded schema itself. */
function schemaProblems(ajv, schema, segments, file) {
  const at = (found) =>
    problem({ file, segments, expected: 'a JSON Schema (draft 7)', came: found, value: schema });
  if (!ajv.validateSchema(schema)) {
    // The branches of the meta-schema's alternatives are one mistake.
    const found = new Map(
      problemsOf(ajv.errors, schema)
        .reverse()
        .map((p) => [p.path, p]),
    );
    return [...found.values()].map(({ path, expected, received }) =>
      at(`one with ${received} at ${path} instead of ${expected}`),
    );
  }
  try {
    ajv.compile(schema);
    return [];
  } catch (error) {
    return [at(`one that cannot be used: ${error.message}`)];
  }
}

module.exports = { newAjv, expand, schemaProblems };
