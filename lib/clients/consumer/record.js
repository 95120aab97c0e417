'use strict';

// A consume block and what is read of its records. The layout is in lib/native.d.ts.

/** Words a record has in a block's table. */
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
    /** Do its offsets begin again below those before? */
    this.isRewound = false;
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

function timestampString(block, index) {
  return int64String(block.words, index * WORDS + TIMESTAMP);
}

function readTimestampType(block, index) {
  const attributes = block.words[index * WORDS + HEADER_COUNT] >>> 24;
  return (attributes & 1) === 1 ? 'LogAppendTime' : 'CreateTime';
}

/** Bytes of key and value. */
function readSize(block, index) {
  const { words } = block;
  const at = index * WORDS;
  const keyLength = words[at + KEY_LENGTH];
  const valueLength = words[at + VALUE_LENGTH];
  return (keyLength > 0 ? keyLength : 0) + (valueLength > 0 ? valueLength : 0);
}

/** A view, no copy. */
function readKey(block, index) {
  const { words } = block;
  const at = index * WORDS;
  const length = words[at + KEY_LENGTH];
  if (length < 0) return null;
  return Buffer.from(block.arrayBuffer, block.base + words[at + BYTES_OFFSET], length);
}

/** A view, no copy. */
function readValue(block, index) {
  const { words } = block;
  const at = index * WORDS;
  const length = words[at + VALUE_LENGTH];
  if (length < 0) return null;
  const keyLength = words[at + KEY_LENGTH];
  const start = block.base + words[at + BYTES_OFFSET] + (keyLength > 0 ? keyLength : 0);
  return Buffer.from(block.arrayBuffer, start, length);
}

/** The value as UTF-8 text without a Buffer between; null for a tombstone. */
function readText(block, index) {
  const { words } = block;
  const at = index * WORDS;
  const length = words[at + VALUE_LENGTH];
  if (length < 0) return null;
  const keyLength = words[at + KEY_LENGTH];
  const start = words[at + BYTES_OFFSET] + (keyLength > 0 ? keyLength : 0);
  return block.buffer.toString('utf8', start, start + length);
}

/** `{}` without headers; a name that occurs more than once has an array of its values in order. */
function readHeaders(block, index) {
  const { words } = block;
  const at = index * WORDS;
  const count = words[at + HEADER_COUNT] & 0xffffff;
  const headers = {};
  if (count === 0) return headers;
  const { buffer } = block;
  let cursor = words[at + BYTES_OFFSET] + readSize(block, index);
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
  if (name === '__proto__') setOwn(headers, name, value);
  else headers[name] = value;
}

function setOwn(object, name, value) {
  Object.defineProperty(object, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** `fields` (a message's own object) with copies of the bytes. */
function withCopies(fields) {
  const headers = {};
  for (const name of Object.keys(fields.headers ?? {})) {
    const value = fields.headers[name];
    setHeader(headers, name, Array.isArray(value) ? value.map(copyBytes) : copyBytes(value));
  }
  return { ...fields, key: copyBytes(fields.key), value: copyBytes(fields.value), headers };
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

module.exports = {
  Block,
  timestampString,
  readTimestampType,
  readSize,
  readKey,
  readValue,
  readText,
  readHeaders,
  setOwn,
  withCopies,
};
