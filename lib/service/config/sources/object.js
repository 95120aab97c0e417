'use strict';

// Options in an object, KafkaJS's shape: what a program gives, and what a preset starts from.

const { checkOptions, isObject } = require('../../../options/validate');
const { nearest } = require('../../../options/nearest');
const shapes = require('../../../options/shapes');
const { redactText } = require('../secrets');
const { Unacceptable, byName, byProperty } = require('../settings');

const BLOCKS = {
  producer: shapes.producerShape,
  consumer: shapes.consumerShape,
  retry: shapes.retryShape,
};
const SASL = ['mechanism', 'username', 'password', 'oauthBearerProvider', 'authenticationProvider'];
const OWN = [
  ...Object.keys(BLOCKS),
  'groupId',
  'securityProtocol',
  'sslEnabled',
  'saslEnabled',
  'librdkafka',
  'topics',
  'parameters',
];
const KNOWN = [...new Set([...Object.keys(shapes.kafkaShape), ...OWN])];

class ObjectReader {
  #origin;
  #problems;
  settings = new Map();

  constructor(origin, problems) {
    this.#origin = origin;
    this.#problems = problems;
  }

  read(options) {
    if (!this.#isObject(this.#origin, options)) return;
    for (const [name, value] of Object.entries(options)) {
      if (value !== undefined && value !== null) this.#readOption(name, value);
    }
  }

  #readOption(name, value) {
    if (name === 'sasl') this.#readSasl(value);
    else if (name === 'librdkafka') this.#readProperties(value);
    else if (name === 'topics' || name === 'parameters') this.#readNames(name, value);
    else if (Object.hasOwn(BLOCKS, name)) this.#readBlock(name, value);
    else if (byName.has(name)) this.#addRow(byName.get(name), name, value);
    else if (Object.hasOwn(shapes.kafkaShape, name))
      this.#addChecked(shapes.kafkaShape, name, value);
    else this.#unknown(name, name, KNOWN);
  }

  #setting(path, isSecret = false) {
    return { name: path, origin: `${this.#origin}.${path}`, isSecret };
  }

  #isObject(path, value) {
    if (isObject(value)) return true;
    const origin = path === this.#origin ? path : `${this.#origin}.${path}`;
    this.#problems.unexpected({ name: path, origin }, 'an object', value);
    return false;
  }

  #unknown(path, name, known) {
    const suggestion = nearest(name, known);
    const hint = suggestion ? `: did you mean "${suggestion}"?` : '';
    this.#problems.add(this.#setting(path), `is unknown${hint}`);
  }

  #addRow(row, path, value, { fromText = false } = {}) {
    const { type } = row;
    const setting = { ...this.#setting(path, type.isSecret), name: row.name };
    const canBeText = type.fromText !== undefined && typeof value === 'string';
    let accepted = value;
    if (fromText) accepted = type.fromText(String(value));
    else if (!type.accepts(value)) accepted = new Unacceptable(value);
    // Any case, as everywhere.
    else if (canBeText) accepted = type.fromText(value);
    if (accepted instanceof Unacceptable) {
      this.#problems.unexpected(setting, type.expected, accepted.received);
      this.settings.set(row.name, { ...setting, isBroken: true });
    } else {
      this.settings.set(row.name, { ...setting, value: accepted });
    }
  }

  /** What the table does not have: KafkaJS's other options and those of this package. */
  #addChecked(shape, path, value) {
    const name = path.split('.').at(-1);
    const setting = this.#setting(path);
    try {
      checkOptions(shape, { [name]: value }, setting.origin);
      this.settings.set(path, { ...setting, value });
    } catch (error) {
      this.#problems.add(setting, redactText(error.message));
      this.settings.set(path, { ...setting, isBroken: true });
    }
  }

  #readBlock(block, value) {
    if (!this.#isObject(block, value)) return;
    for (const [name, item] of Object.entries(value)) {
      if (item === undefined || item === null) continue;
      const path = `${block}.${name}`;
      const row = path === 'consumer.groupId' ? byName.get('groupId') : byName.get(path);
      if (row !== undefined) this.#addRow(row, path, item);
      else if (Object.hasOwn(BLOCKS[block], name)) this.#addChecked(BLOCKS[block], path, item);
      // A block of its own, which that client checks.
      else if (name === 'librdkafka')
        this.settings.set(path, { ...this.#setting(path), value: item });
      else this.#unknown(path, name, Object.keys(BLOCKS[block]));
    }
  }

  #readSasl(value) {
    const name = 'saslEnabled';
    const setting = { ...this.#setting('sasl'), name };
    if (value === false) {
      this.settings.set(name, { ...setting, value: false });
      return;
    }
    if (!this.#isObject('sasl', value)) {
      this.settings.set(name, { ...setting, isBroken: true });
      return;
    }
    this.settings.set(name, { ...setting, value: true });
    for (const [part, item] of Object.entries(value)) {
      if (item === undefined || item === null) continue;
      const path = `sasl.${part}`;
      if (byName.has(path)) this.#addRow(byName.get(path), path, item);
      else if (SASL.includes(part))
        this.settings.set(path, { ...this.#setting(path), value: item });
      else this.#unknown(path, part, SASL);
    }
  }

  #readProperties(value) {
    if (!this.#isObject('librdkafka', value)) return;
    for (const [property, item] of Object.entries(value)) {
      if (item === undefined || item === null) continue;
      const path = `librdkafka.${property}`;
      const row = byProperty.get(property);
      if (row !== undefined) this.#addRow(row, path, item, { fromText: true });
      else this.settings.set(path, { ...this.#setting(path), value: item });
    }
  }

  #readNames(block, value) {
    if (!this.#isObject(block, value)) return;
    for (const [id, name] of Object.entries(value)) {
      if (name === undefined || name === null) continue;
      const path = `${block}.${id}`;
      const setting = this.#setting(path);
      if (typeof name === 'string' && name !== '')
        this.settings.set(path, { ...setting, value: name });
      else this.#problems.unexpected(setting, 'a non-empty string', name);
    }
  }
}

/** @returns {Map<string, { name: string, value?: unknown, origin: string, isBroken?: boolean }>} */
function readObject(options, origin, problems) {
  const reader = new ObjectReader(origin, problems);
  reader.read(options ?? {});
  return reader.settings;
}

module.exports = { readObject };
