'use strict';

// What stands around a payload on the wire. An envelope: `{ name, encode, recognises, decode }`; docs/catalogs.md.

const { invalidOption } = require('../../options/validate');
const { trimStack } = require('../../errors');
const { Content, envelopeError } = require('./content');
const cloudevents = require('./cloudevents');

const definitions = [
  require('./easyflow'),
  require('./task-manager'),
  require('./officeflow'),
  require('./etelios'),
  require('./spm'),
  cloudevents.structured,
  cloudevents.binary,
  require('./bare'),
];

const byName = new Map(definitions.map((definition) => [definition.name, definition]));
const envelopeNames = Object.freeze([...byName.keys()]);

function trimmed(call) {
  try {
    return call();
  } catch (error) {
    throw trimStack(error);
  }
}

function publicFace({ name, write, matches, read, schemaOf }) {
  return Object.freeze({
    name,
    encode: (input) => trimmed(() => write(input)),
    recognises: (value, headers) => matches(new Content(value, headers)),
    decode: (value, headers) => trimmed(() => read(new Content(value, headers))),
    schemaOf,
  });
}

/** By name. */
const envelopes = Object.freeze(
  Object.fromEntries(definitions.map((definition) => [definition.name, publicFace(definition)])),
);

function definitionOf(name) {
  const definition = byName.get(name);
  if (definition === undefined) {
    throw invalidOption(`one of ${envelopeNames.join(', ')}`, 'envelope', name);
  }
  return definition;
}

function envelope(name) {
  definitionOf(name);
  return envelopes[name];
}

/**
 * A message of a topic that carries one of these envelopes. With one it has to be that one; of several the first that
 * recognises it reads it. Throws an EnvelopeError.
 *
 * @param {readonly string[]} names
 */
function decodeMessage(names, value, headers) {
  const content = new Content(value, headers);
  const candidates = names.map(definitionOf);
  const found =
    candidates.length === 1 ? candidates[0] : candidates.find(({ matches }) => matches(content));
  return trimmed(() => {
    if (found === undefined) {
      const reason = content.parsed.reason ?? `it is none of ${names.join(', ')}`;
      throw envelopeError(names.join(' or '), reason);
    }
    return { envelope: found.name, ...found.read(content) };
  });
}

module.exports = { envelopes, envelope, envelopeNames, decodeMessage };
