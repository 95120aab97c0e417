'use strict';

const { inspect } = require('node:util');

/** Words a record has in a consume block's table, see lib/native.d.ts. */
const WORDS = 8;
const BYTES_OFFSET = 0;
const KEY_LENGTH = 1;
const VALUE_LENGTH = 2;
const HEADER_COUNT = 3;
const OFFSET = 4;
const TIMESTAMP = 6;

const TWO_32 = 2 ** 32;
/** Above this high word a 64-bit number does not fit a double exactly. */
const MAX_EXACT_HIGH = 2 ** 21;

/**
 * One consume block: the records of one partition as the native side packed them. It is shared by all messages made
 * from it and lives as long as any of them, or any Buffer they gave out, is kept.
 */
class Block {
  constructor(slot, generation, buffer, count, topic, partition) {
    this.slot = slot;
    this.generation = generation;
    this.buffer = buffer;
    this.count = count;
    this.topic = topic;
    this.partition = partition;
    this.arrayBuffer = buffer.buffer;
    this.base = buffer.byteOffset;
    this.words = new Int32Array(buffer.buffer, buffer.byteOffset, count * WORDS);
  }

  /** Offset of record `index` as a BigInt. */
  offset(index) {
    const at = index * WORDS + OFFSET;
    return (BigInt(this.words[at + 1]) << 32n) | BigInt(this.words[at] >>> 0);
  }

  offsetString(index) {
    return int64String(this.words, index * WORDS + OFFSET);
  }

  /** Index of the first record whose offset is `offset` (a BigInt) or higher; `count` if there is none. */
  indexOf(offset) {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.offset(middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * A consumed message. It is two fields over its block; `key`, `value` and `headers` are made when they are touched,
 * the Buffers as views without a copy. A message that is kept (or a Buffer of it) therefore keeps its whole block in
 * memory, and that counts against the consumer's budget: keep `message.detach()` instead.
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
    return int64String(this.#block.words, this.#index * WORDS + OFFSET);
  }

  /** Milliseconds since 1970 as a string, `-1` if the record has none. */
  get timestamp() {
    return int64String(this.#block.words, this.#index * WORDS + TIMESTAMP);
  }

  /** `CreateTime` or `LogAppendTime`. */
  get timestampType() {
    const attributes = this.#block.words[this.#index * WORDS + HEADER_COUNT] >>> 24;
    return (attributes & 1) === 1 ? 'LogAppendTime' : 'CreateTime';
  }

  /** KafkaJS has this field; in the record format of today it is unused and 0. */
  get attributes() {
    return 0;
  }

  get magicByte() {
    return 2;
  }

  /** Bytes of key and value. */
  get size() {
    const words = this.#block.words;
    const at = this.#index * WORDS;
    const keyLength = words[at + KEY_LENGTH];
    const valueLength = words[at + VALUE_LENGTH];
    return (keyLength > 0 ? keyLength : 0) + (valueLength > 0 ? valueLength : 0);
  }

  get key() {
    const block = this.#block;
    const at = this.#index * WORDS;
    const length = block.words[at + KEY_LENGTH];
    if (length < 0) return null;
    return Buffer.from(block.arrayBuffer, block.base + block.words[at + BYTES_OFFSET], length);
  }

  get value() {
    const block = this.#block;
    const words = block.words;
    const at = this.#index * WORDS;
    const length = words[at + VALUE_LENGTH];
    if (length < 0) return null;
    const keyLength = words[at + KEY_LENGTH];
    const start = block.base + words[at + BYTES_OFFSET] + (keyLength > 0 ? keyLength : 0);
    return Buffer.from(block.arrayBuffer, start, length);
  }

  /** `{}` without headers; a name that occurs more than once has an array of its values in order. */
  get headers() {
    if (this.#headers === undefined) this.#headers = readHeaders(this.#block, this.#index);
    return this.#headers;
  }

  // Code written for KafkaJS assigns to messages (`message.value = decode(message.value)`).
  set key(value) {
    own(this, 'key', value);
  }

  set value(value) {
    own(this, 'value', value);
  }

  set headers(value) {
    own(this, 'headers', value);
  }

  /** The value as UTF-8 text without a Buffer between; null for a tombstone. */
  text() {
    const block = this.#block;
    const words = block.words;
    const at = this.#index * WORDS;
    const length = words[at + VALUE_LENGTH];
    if (length < 0) return null;
    const keyLength = words[at + KEY_LENGTH];
    const start = words[at + BYTES_OFFSET] + (keyLength > 0 ? keyLength : 0);
    return block.buffer.toString('utf8', start, start + length);
  }

  /** The value parsed as JSON; null for a tombstone. */
  json() {
    const text = this.text();
    return text === null ? null : JSON.parse(text);
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
    const copy = this.toObject();
    copy.key = copyBytes(copy.key);
    copy.value = copyBytes(copy.value);
    const headers = {};
    for (const name of Object.keys(copy.headers)) {
      const value = copy.headers[name];
      setHeader(headers, name, Array.isArray(value) ? value.map(copyBytes) : copyBytes(value));
    }
    copy.headers = headers;
    return copy;
  }

  toJSON() {
    return this.toObject();
  }

  [inspect.custom](depth, options) {
    return `Message ${inspect(this.toObject(), { ...options, depth })}`;
  }
}

function own(object, name, value) {
  Object.defineProperty(object, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function copyBytes(bytes) {
  return Buffer.isBuffer(bytes) ? Buffer.from(bytes) : bytes;
}

function int64String(words, at) {
  const low = words[at] >>> 0;
  const high = words[at + 1];
  if (high === 0) return `${low}`;
  if (high > 0 && high < MAX_EXACT_HIGH) return `${high * TWO_32 + low}`;
  return ((BigInt(high) << 32n) | BigInt(low)).toString();
}

function readHeaders(block, index) {
  const words = block.words;
  const at = index * WORDS;
  const count = words[at + HEADER_COUNT] & 0xffffff;
  const headers = {};
  if (count === 0) return headers;
  const buffer = block.buffer;
  const keyLength = words[at + KEY_LENGTH];
  const valueLength = words[at + VALUE_LENGTH];
  let cursor =
    words[at + BYTES_OFFSET] +
    (keyLength > 0 ? keyLength : 0) +
    (valueLength > 0 ? valueLength : 0);
  for (let i = 0; i < count; i++) {
    const nameLength = buffer.readInt32LE(cursor);
    const length = buffer.readInt32LE(cursor + 4);
    cursor += 8;
    const name = buffer.toString('utf8', cursor, cursor + nameLength);
    cursor += nameLength;
    const value = length < 0 ? null : buffer.subarray(cursor, cursor + length);
    if (length > 0) cursor += length;
    addHeader(headers, name, value);
  }
  return headers;
}

function addHeader(headers, name, value) {
  if (!Object.hasOwn(headers, name)) {
    setHeader(headers, name, value);
  } else {
    const present = headers[name];
    if (Array.isArray(present)) present.push(value);
    else setHeader(headers, name, [present, value]);
  }
}

/** Plain assignment would call the setter of a header named `__proto__`. */
function setHeader(headers, name, value) {
  if (name === '__proto__') own(headers, name, value);
  else headers[name] = value;
}

module.exports = { Block, Message, WORDS };
