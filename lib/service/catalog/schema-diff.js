'use strict';

// What one JSON Schema accepts and another does not. Swapped, the same question tells whether old readers understand new
// messages.

const { isDeepStrictEqual } = require('node:util');

/** A larger value accepts less, a smaller one accepts less. */
const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
/** Any change may refuse what was accepted, an addition surely. */
const RULES = ['pattern', 'format', 'multipleOf', 'contains', 'propertyNames', 'dependencies'];
const COMBINATIONS = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'patternProperties'];

const show = (value) => JSON.stringify(value);
const asObject = (schema) => (schema === true || schema === undefined ? {} : schema);

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

function typesOf({ type }) {
  const types = new Set(type === undefined ? TYPES : [type].flat());
  if (types.has('number')) types.add('integer');
  return types;
}

const valuesOf = (schema) => (Object.hasOwn(schema, 'const') ? [schema.const] : schema.enum);

function typeChanges(from, to, add) {
  const accepted = typesOf(to);
  const lost = [...typesOf(from)].filter((type) => !accepted.has(type));
  // Every number is lost: that integers are too goes without saying.
  const shown = lost.filter((type) => type !== 'integer' || !lost.includes('number'));
  if (from.type === undefined && lost.length > 0)
    add(`only ${[to.type].flat().join(', ')} is accepted`);
  else if (shown.length > 0) add(`the type ${shown.join(', ')} is not accepted any more`);
}

function valueChanges(from, to, add) {
  const before = valuesOf(from);
  const after = valuesOf(to);
  if (after === undefined) return;
  if (before === undefined) {
    add(`only ${after.map(show).join(', ')} is accepted`);
    return;
  }
  const lost = before.filter((value) => !after.some((other) => isDeepStrictEqual(value, other)));
  if (lost.length > 0) add(`${lost.map(show).join(', ')} is not accepted any more`);
}

function boundChanges(from, to, add) {
  for (const keyword of LOWER_BOUNDS) {
    if (to[keyword] > (from[keyword] ?? -Infinity)) add(`${keyword} is ${to[keyword]}`);
  }
  for (const keyword of UPPER_BOUNDS) {
    if (to[keyword] < (from[keyword] ?? Infinity)) add(`${keyword} is ${to[keyword]}`);
  }
  if (to.uniqueItems === true && from.uniqueItems !== true) add('items have to differ');
}

function ruleChanges(from, to, add) {
  for (const keyword of RULES) {
    if (to[keyword] === undefined || isDeepStrictEqual(from[keyword], to[keyword])) continue;
    add(
      `${keyword} is ${show(to[keyword])}${from[keyword] === undefined ? '' : `, it was ${show(from[keyword])}`}`,
    );
  }
  for (const keyword of COMBINATIONS) {
    if (to[keyword] === undefined || isDeepStrictEqual(from[keyword], to[keyword])) continue;
    add(`${keyword} has changed; whether it accepts less cannot be told`);
  }
}

function objectChanges(from, to, path, found) {
  const required = (to.required ?? []).filter((name) => !(from.required ?? []).includes(name));
  for (const name of required) found.push({ path: `${path}.${name}`, what: 'is required' });
  const after = to.properties ?? {};
  for (const [name, schema] of Object.entries(from.properties ?? {})) {
    if (Object.hasOwn(after, name)) narrowed(schema, after[name], `${path}.${name}`, found);
    else if (to.additionalProperties === false) {
      found.push({ path: `${path}.${name}`, what: 'is not accepted any more' });
    }
  }
  if (to.additionalProperties === false && from.additionalProperties !== false) {
    found.push({ path, what: 'other properties than the named ones are not accepted any more' });
  } else if (typeof to.additionalProperties === 'object') {
    narrowed(from.additionalProperties, to.additionalProperties, `${path}.*`, found);
  }
}

function arrayChanges(from, to, path, found) {
  if (to.items === undefined || isDeepStrictEqual(from.items, to.items)) return;
  if (Array.isArray(from.items) || Array.isArray(to.items)) {
    found.push({ path: `${path}[]`, what: 'has changed; whether it accepts less cannot be told' });
  } else {
    narrowed(from.items, to.items, `${path}[]`, found);
  }
}

function narrowed(before, after, path, found) {
  if (after === false && before !== false) {
    found.push({ path, what: 'is not accepted any more' });
    return;
  }
  if (before === false) return;
  const from = asObject(before);
  const to = asObject(after);
  const add = (what) => found.push({ path, what });
  const values = valuesOf(from);
  // Values say more than a type that is written beside them or not.
  if (values === undefined || valuesOf(to) === undefined) typeChanges(withType(from), to, add);
  valueChanges(from, to, add);
  boundChanges(from, to, add);
  ruleChanges(from, to, add);
  objectChanges(from, to, path, found);
  arrayChanges(from, to, path, found);
}

const typeName = (value) => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

/** The types of the values, where a schema lists values only. */
function withType(schema) {
  const values = valuesOf(schema);
  if (schema.type !== undefined || values === undefined) return schema;
  return { ...schema, type: [...new Set(values.map(typeName))] };
}

/** @returns {{ path: string, what: string }[]} why `to` refuses something that `from` accepts */
function narrowings(from, to) {
  const found = [];
  narrowed(from, to, '$', found);
  return found;
}

module.exports = { narrowings };
