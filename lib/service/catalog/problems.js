'use strict';

// Mistakes in JSON, in the house's sentence form: what ajv found, and what a catalog's own checks found.

const { display } = require('../../options/validate');
const { nearest } = require('../../options/nearest');

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** `$.topics[3].name`, `$.events["employee.onboard"]` */
function pathOf(segments) {
  let path = '$';
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`;
    else path += IDENTIFIER.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
  }
  return path;
}

/** A JSON pointer's segments as keys and indexes, and the value there. */
function walk(root, pointer) {
  const segments = [];
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    segments.push(Array.isArray(value) ? Number(key) : key);
    value = value?.[key];
  }
  return { segments, value };
}

function typeName(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** `"x" of type string`, or `nothing`. */
const received = (value) =>
  value === undefined ? 'nothing' : `${display(value)} of type ${typeName(value)}`;

/** @returns {{ file?: string, path: string, expected: string, received: string, message: string }} */
function problem({
  file,
  segments,
  path = pathOf(segments),
  expected,
  value,
  came = received(value),
}) {
  const where = file === undefined ? path : `${file} ${path}`;
  const message = `Expected ${expected} for ${where} but received ${came}`;
  return { ...(file !== undefined && { file }), path, expected, received: came, message };
}

// ── Words for what a schema wants ───────────────────────────────────────────────────────────────────────────────────

const TYPE_WORDS = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'a boolean',
  object: 'an object',
  array: 'an array',
  null: 'null',
};
const FORMAT_WORDS = {
  'date-time': 'a date and time (RFC 3339)',
  date: 'a date (RFC 3339)',
  email: 'an e-mail address',
  uri: 'a URI',
  uuid: 'a UUID',
};

const listOf = (words) => words.join(' or ');
const typeWords = (type) => listOf([type].flat().map((name) => TYPE_WORDS[name]));

/** A schema in a few words. */
function describe(schema) {
  if (schema === undefined || typeof schema !== 'object') return 'a value';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined)
    return `one of ${schema.enum.map((v) => JSON.stringify(v)).join(', ')}`;
  if (schema.format !== undefined) return formatWords(schema.format);
  if (schema.type !== undefined) return typeWords(schema.type);
  const branches = schema.anyOf ?? schema.oneOf;
  return branches === undefined ? 'a value' : listOf([...new Set(branches.map(describe))]);
}

const formatWords = (format) => FORMAT_WORDS[format] ?? `a string of format ${format}`;
const atLeast = (noun) => (limit) => `at least ${limit} ${noun}`;
const atMost = (noun) => (limit) => `at most ${limit} ${noun}`;

/** By keyword, from ajv's parameters and the schema around the keyword. */
const EXPECTED = {
  type: ({ type }) => typeWords(type),
  enum: (_, schema) => describe({ enum: schema.enum }),
  const: ({ allowedValue }) => JSON.stringify(allowedValue),
  format: ({ format }) => formatWords(format),
  pattern: ({ pattern }) => `a string that matches ${pattern}`,
  minimum: ({ limit }) => `a number from ${limit}`,
  maximum: ({ limit }) => `a number up to ${limit}`,
  exclusiveMinimum: ({ limit }) => `a number above ${limit}`,
  exclusiveMaximum: ({ limit }) => `a number below ${limit}`,
  minLength: ({ limit }) => atLeast('characters')(limit),
  maxLength: ({ limit }) => atMost('characters')(limit),
  minItems: ({ limit }) => atLeast('items')(limit),
  maxItems: ({ limit }) => atMost('items')(limit),
  minProperties: ({ limit }) => atLeast('properties')(limit),
  maxProperties: ({ limit }) => atMost('properties')(limit),
  uniqueItems: () => 'items that differ',
  anyOf: (_, schema) => describe({ anyOf: schema.anyOf }),
  oneOf: (_, schema) => `exactly one of: ${describe({ anyOf: schema.oneOf })}`,
};

function fromError(error, root, file) {
  const { keyword, params, parentSchema } = error;
  const { segments, value } = walk(root, error.instancePath);
  if (error.propertyName !== undefined) {
    const name = error.propertyName;
    const expected = `a name that matches ${params.pattern ?? 'its rule'}`;
    return problem({ file, segments: [...segments, name], expected, value: name });
  }
  if (keyword === 'required') {
    const name = params.missingProperty;
    const expected = describe(parentSchema.properties?.[name]);
    return problem({ file, segments: [...segments, name], expected });
  }
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name = params.additionalProperty ?? params.unevaluatedProperty;
    const suggestion = nearest(name, Object.keys(parentSchema.properties ?? {}));
    const expected = `no such property${suggestion ? ` (did you mean "${suggestion}"?)` : ''}`;
    return problem({ file, segments: [...segments, name], expected, value: value?.[name] });
  }
  const expected = EXPECTED[keyword]?.(params, parentSchema) ?? `a value that ${error.message}`;
  return problem({ file, segments, expected, value });
}

/**
 * Ajv's errors (made with `allErrors` and `verbose`), one problem for each mistake: the branches of an `anyOf` are one
 * mistake, and so are a rule for names and the name that broke it.
 */
function problemsOf(errors, root, file) {
  const alternatives = errors
    .filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
    .map(({ schemaPath, instancePath }) => ({ schemaPath: `${schemaPath}/`, instancePath }));
  const isBranch = ({ schemaPath, instancePath }) =>
    alternatives.some(
      (other) =>
        schemaPath.startsWith(other.schemaPath) && instancePath.startsWith(other.instancePath),
    );
  return errors
    .filter((error) => !['propertyNames', 'if'].includes(error.keyword) && !isBranch(error))
    .map((error) => fromError(error, root, file));
}

module.exports = { problem, problemsOf, pathOf, received };
