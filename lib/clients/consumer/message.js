'use strict';

const { inspect } = require('node:util');
const record = require('./record');

// Two kinds of messages over one block, with the same fields and methods. Both keep their whole block in memory as long
// as they, or a Buffer of theirs, are kept, and that counts against the consumer's budget: keep `message.detach()`.

/**
 * A message of batches() and stream(), and of eachBatch with lazyMessages: two fields over its block; `key`, `value` and
 * `headers` are made when they are touched, the Buffers as views without a copy.
 *
 * Its properties are accessors of the class, so `{ ...message }` copies nothing: use `message.toObject()`.
 */
class Message {
  #block;
  #index;
  #headers;

  constructor(block, index) {
    this.#block = block;
    this.#index = index;
    this.#headers = undefined;
  }

  get topic() {
    return this.#block.topic;
  }

  get partition() {
    return this.#block.partition;
  }

  get offset() {
    return this.#block.offsetString(this.#index);
  }

  /** Milliseconds since 1970 as a string, `-1` if the record has none. */
  get timestamp() {
    return record.timestampString(this.#block, this.#index);
  }

  /** `CreateTime` or `LogAppendTime`. */
  get timestampType() {
    return record.readTimestampType(this.#block, this.#index);
  }

  /** KafkaJS has this field; in the record format of today it is unused and 0. */
  get attributes() {
    return 0;
  }

  get magicByte() {
    return 2;
  }

  get size() {
    return record.readSize(this.#block, this.#index);
  }

  get key() {
    return record.readKey(this.#block, this.#index);
  }

  get value() {
    return record.readValue(this.#block, this.#index);
  }

  get headers() {
    if (this.#headers === undefined) this.#headers = record.readHeaders(this.#block, this.#index);
    return this.#headers;
  }

  // Code written for KafkaJS assigns to messages (`message.value = decode(message.value)`).
  set key(value) {
    record.setOwn(this, 'key', value);
  }

  set value(value) {
    record.setOwn(this, 'value', value);
  }

  set headers(value) {
    record.setOwn(this, 'headers', value);
  }

  text() {
    return record.readText(this.#block, this.#index);
  }

  json() {
    return parsed(this.text());
  }

  /** A plain object with KafkaJS's fields; its Buffers are views into the block still. */
  toObject() {
    return {
      magicByte: 2,
      attributes: 0,
      timestamp: this.timestamp,
      offset: this.offset,
      key: this.key,
      value: this.value,
      headers: this.headers,
    };
  }

  /** A plain object with copies of the bytes: keeping it keeps nothing else. */
  detach() {
    return record.withCopies(this.toObject());
  }

  toJSON() {
    return this.toObject();
  }

  [inspect.custom](depth, options) {
    return `Message ${inspect(this.toObject(), { ...options, depth })}`;
  }
}

/**
 * The message that handlers get: KafkaJS's fields are properties of the object itself, so that `{ ...message }`,
 * `Object.keys()`, `structuredClone()` and `toEqual()` see them. Making them all costs several times what a Message costs
 * of which only the value is touched: docs/migrating-from-kafkajs.md.
 */
class SpreadableMessage {
  #block;
  #index;

  constructor(block, index) {
    this.#block = block;
    this.#index = index;
    this.magicByte = 2;
    this.attributes = 0;
    this.timestamp = record.timestampString(block, index);
    this.offset = block.offsetString(index);
    this.key = record.readKey(block, index);
    this.value = record.readValue(block, index);
    this.headers = record.readHeaders(block, index);
  }

  get topic() {
    return this.#block.topic;
  }

  get partition() {
    return this.#block.partition;
  }

  get timestampType() {
    return record.readTimestampType(this.#block, this.#index);
  }

  get size() {
    return record.readSize(this.#block, this.#index);
  }

  text() {
    return record.readText(this.#block, this.#index);
  }

  json() {
    return parsed(this.text());
  }

  /** With what the handler added to it. */
  toObject() {
    return { ...this };
  }

  detach() {
    return record.withCopies(this.toObject());
  }

  [inspect.custom](depth, options) {
    return `Message ${inspect(this.toObject(), { ...options, depth })}`;
  }
}

function parsed(text) {
  return text === null ? null : JSON.parse(text);
}

module.exports = { Message, SpreadableMessage };
