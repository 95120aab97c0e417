'use strict';

// TypeScript of a catalog's events. A writer of its own, because events use the part of JSON Schema that has a type, and
// json-schema-to-typescript would bring prettier, lodash and a YAML parser into every installation.

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const SCALARS = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const propertyName = (name) => (IDENTIFIER.test(name) ? name : quote(name));
const indent = (text) => text.replaceAll('\n', '\n  ');

/** `employee.onboard` → `EmployeeOnboard` */
function pascalCase(name) {
  const words = name.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const joined = words
    .map((word) => (/[a-z]/.test(word) ? word : word.toLowerCase()))
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

const comment = (text) =>
  text ? `/** ${text.replaceAll('*/', '* /').replace(/\s+/g, ' ')} */\n` : '';

function literal(value) {
  if (typeof value === 'string') return quote(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  const fields = Object.entries(value).map(([k, v]) => `${propertyName(k)}: ${literal(v)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join('; ')} }`;
}

const union = (types) => [...new Set(types)].join(' | ') || 'never';
/** A union as a part of something that binds closer. */
const part = (type) => (type.includes(' | ') || type.includes(' & ') ? `(${type})` : type);

/** What a schema says besides its combinations (`anyOf` …). */
function ownType(schema) {
  if (Object.hasOwn(schema, 'const')) return literal(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map(literal));
  const types = schema.type === undefined ? impliedTypes(schema) : [schema.type].flat();
  if (types === null) return null;
  return union(
    types.map((type) => {
      if (type === 'object') return objectType(schema);
      if (type === 'array') return arrayType(schema);
      return SCALARS[type];
    }),
  );
}

/** Keywords that say something about one type only. */
function impliedTypes(schema) {
  if (schema.properties !== undefined || schema.required !== undefined) return ['object'];
  return schema.items !== undefined ? ['array'] : null;
}

function arrayType({ items, additionalItems, minItems = 0 }) {
  if (!Array.isArray(items)) return `${part(items === undefined ? 'unknown' : typeOf(items))}[]`;
  const members = items.map((item, i) => `${part(typeOf(item))}${i < minItems ? '' : '?'}`);
  if (additionalItems !== false) {
    members.push(
      `...${part(additionalItems === undefined ? 'unknown' : typeOf(additionalItems))}[]`,
    );
  }
  return `[${members.join(', ')}]`;
}

function objectType({ properties = {}, required = [], additionalProperties = true }) {
  const names = new Set([...Object.keys(properties), ...required]);
  const lines = [...names].map((name) => {
    const schema = properties[name] ?? true;
    const mark = required.includes(name) ? '' : '?';
    return `${comment(schema.description)}${propertyName(name)}${mark}: ${typeOf(schema)};`;
  });
  if (additionalProperties !== false) {
    // Beside named properties an index signature has to fit all of them.
    const type =
      names.size > 0 || additionalProperties === true ? 'unknown' : typeOf(additionalProperties);
    lines.push(`[property: string]: ${type};`);
  }
  return lines.length === 0 ? 'Record<string, never>' : `{\n  ${indent(lines.join('\n'))}\n}`;
}

function typeOf(schema) {
  if (schema === true) return 'unknown';
  if (schema === false) return 'never';
  const parts = [ownType(schema)];
  for (const keyword of ['anyOf', 'oneOf']) {
    if (schema[keyword] !== undefined) parts.push(union(schema[keyword].map(typeOf)));
  }
  parts.push(...(schema.allOf ?? []).map(typeOf));
  const known = parts.filter((type) => type !== null && type !== 'unknown');
  if (known.length === 0) return 'unknown';
  return known.length === 1 ? known[0] : known.map(part).join(' & ');
}

/** Type names by event type; two that become the same are told apart by a number. */
function typeNames(types) {
  const taken = new Set();
  return new Map(
    types.map((type) => {
      const base = pascalCase(type);
      let name = base;
      for (let n = 2; taken.has(name); n += 1) name = `${base}${n}`;
      taken.add(name);
      return [type, name];
    }),
  );
}

/**
 * A TypeScript module with a type for every event's payload, and for the catalog's topics, groups and events.
 *
 * @param {import('./catalog').Catalog} catalog
 * @returns {string}
 */
function writeTypes(catalog) {
  const { events, topics, groups } = catalog;
  const prefix = pascalCase(catalog.name);
  const own = [`${prefix}Events`, `${prefix}EventType`, `${prefix}Topics`, `${prefix}Group`];
  const names = typeNames([...own, ...events.map(({ type }) => type)]);
  const payloads = events.map(({ type, description, schema }) => {
    return `${comment(description)}export type ${names.get(type)} = ${typeOf(schema)};`;
  });
  const ofTopic = topics.map(({ id, name, description, events: carried }) => {
    const shown = name === id ? description : `${description} (${name})`;
    return `${comment(shown)}${quote(id)}: ${union(carried.map(quote))};`;
  });
  return (
    [
      `// Events of the catalog ${catalog.name} ${catalog.version}. Written by \`easyflow-kafka catalog types\`.`,
      ...payloads,
      `/** Payloads by event type. */\nexport interface ${prefix}Events {\n  ${events
        .map(({ type }) => `${quote(type)}: ${names.get(type)};`)
        .join('\n  ')}\n}`,
      `export type ${prefix}EventType = keyof ${prefix}Events;`,
      `/** Event types by topic id. */\nexport interface ${prefix}Topics {\n  ${indent(ofTopic.join('\n'))}\n}`,
      `export type ${prefix}Group = ${union(groups.map(({ id }) => quote(id)))};`,
    ].join('\n\n') + '\n'
  );
}

module.exports = { writeTypes };
