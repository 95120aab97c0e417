'use strict';

// Packs sends into the produce block of lib/native.d.ts. The hottest code of the package: no object, closure or native
// call a message beyond one write of a long string. Everything a user can get wrong is found by measure(), before a byte
// of the send is written.

const { isUint8Array } = require('node:util/types');
const { invalidOption } = require('../../options/validate');

const HEADER_BYTES = 32;
const PLAIN_WORDS = 2;
const EXTENDED_WORDS = 6;
// Below this many characters or bytes a loop in JavaScript beats a call into C++ (measured: about 45 ns a call).
const SHORT = 24;
const INITIAL_BYTES = 1 << 20;
const KEPT_BYTES = 8 << 20;
const EXACT_FROM_BYTES = 4 << 20;
const LARGEST_SECTION = 0x7fffff00;

const VALUE = 'a Buffer, a string or null';
const HEADER_VALUE = 'a Buffer, a string, null or an array of these';

class Packer {
  /** What measure() found, until write(): no result object a send. */
  count = 0;
  /** About the memory that the send needs until it is settled. */
  weight = 0;
  #extended = false;
  #chars = 0;
  #bytes = 0;

  #buffer;
  #words;
  #offset = 0;

  constructor() {
    this.#allocate(INITIAL_BYTES);
  }

  /** Bytes packed and not yet taken. */
  get pending() {
    return this.#offset;
  }

  /** The block, valid until the next write(). */
  get block() {
    return this.#buffer;
  }

  /** To be called when the block was taken. */
  reset() {
    this.#offset = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#allocate(INITIAL_BYTES);
  }

  /**
   * Checks all messages of a send and sums up what they need.
   *
   * @param {object[]} messages
   * @param {string} path where they are, for errors: 'messages'
   * @param {boolean} partitioned whether write() will get partitions
   */
  measure(messages, path, partitioned) {
    let chars = 0;
    let bytes = 0;
    let extended = partitioned;
    const count = messages.length;
    for (let i = 0; i < count; i += 1) {
      const message = messages[i];
      if (typeof message !== 'object' || message === null) {
        throw invalidOption('a message object', `${path}[${i}]`, message);
      }
      const { key, value, headers, partition, timestamp } = message;
      if (typeof value === 'string') chars += value.length;
      else if (value instanceof Uint8Array || isUint8Array(value)) bytes += value.length;
      else if (value !== null) throw invalidOption(VALUE, `${path}[${i}].value`, value);

      if (typeof key === 'string') chars += key.length;
      else if (key !== null && key !== undefined) {
        if (!isUint8Array(key)) throw invalidOption(VALUE, `${path}[${i}].key`, key);
        bytes += key.length;
      }
      if (headers !== undefined && headers !== null) {
        extended = true;
        // Names and values are written as strings or bytes: three bytes a character at most.
        bytes += measureHeaders(headers, path, i);
      }
      if (partition !== undefined && partition !== null) {
        extended = true;
        if (!Number.isInteger(partition) || partition < -1 || partition > 0x7fffffff) {
          throw invalidOption('a partition number', `${path}[${i}].partition`, partition);
        }
      }
      if (timestamp !== undefined && timestamp !== null) {
        extended = true;
        checkTimestamp(timestamp, path, i);
      }
    }
    this.count = count;
    this.weight = chars + bytes + count * 64;
    this.#extended = extended;
    this.#chars = chars;
    this.#bytes = bytes;
  }

  /** Whether the measured send fits behind what is packed already. */
  get fits() {
    return this.#offset === 0 || this.#offset + this.#needed() <= this.#buffer.length;
  }

  /**
   * Writes the messages that were measured last.
   *
   * @param {number} sendId @param {number} topicId @param {object[]} messages
   * @param {ArrayLike<number>} [partitions] chosen in JavaScript
   */
  write(sendId, topicId, messages, partitions) {
    const start = this.#offset;
    this.#reserve(messages);
    const words = this.#words;
    const { count } = this;
    const extended = this.#extended;
    const header = start >> 2;
    let word = header + (HEADER_BYTES >> 2);
    let at = start + HEADER_BYTES + count * (extended ? EXTENDED_WORDS : PLAIN_WORDS) * 4;

    for (let i = 0; i < count; i += 1) {
      const message = messages[i];
      const { key, value } = message;
      if (key === undefined || key === null) words[word] = -1;
      else {
        const length =
          typeof key === 'string' ? this.#writeString(key, at) : this.#writeBytes(key, at);
        words[word] = length;
        at += length;
      }
      if (value === null) words[word + 1] = -1;
      else {
        const length =
          typeof value === 'string' ? this.#writeString(value, at) : this.#writeBytes(value, at);
        words[word + 1] = length;
        at += length;
      }
      if (extended) {
        const { headers, timestamp } = message;
        const { partition } = message;
        words[word + 2] = partitions !== undefined ? partitions[i] : (partition ?? -1);
        let length = 0;
        if (headers !== undefined && headers !== null) length = this.#writeHeaders(headers, at);
        words[word + 3] = length;
        at += length;
        if (timestamp === undefined || timestamp === null) {
          words[word + 4] = -1;
          words[word + 5] = -1;
        } else this.#writeTimestamp(timestamp, word + 4);
        word += EXTENDED_WORDS;
      } else word += PLAIN_WORDS;
    }

    const end = (at + 3) & ~3;
    words[header] = end - start;
    words[header + 1] = sendId;
    words[header + 2] = topicId;
    words[header + 3] = count;
    words[header + 4] = extended ? 1 : 0;
    words[header + 5] = 0;
    words[header + 6] = 0;
    words[header + 7] = 0;
    this.#offset = end;
  }

  #tableBytes() {
    return HEADER_BYTES + this.count * (this.#extended ? EXTENDED_WORDS : PLAIN_WORDS) * 4 + 4;
  }

  #needed() {
    return this.#tableBytes() + this.#chars * 3 + this.#bytes;
  }

  #reserve(messages) {
    let needed = this.#needed();
    if (this.#offset + needed <= this.#buffer.length) return;
    // Three bytes a character is a lot for large sends of plain ASCII: count them.
    if (needed > EXACT_FROM_BYTES) {
      needed = this.#tableBytes() + this.#bytes + exactStringBytes(messages);
    }
    if (needed > LARGEST_SECTION) {
      throw invalidOption('at most 2 GiB of messages in one call', 'messages', messages);
    }
    if (this.#offset + needed <= this.#buffer.length) return;
    const size = 2 ** Math.ceil(Math.log2(this.#offset + needed));
    const old = this.#buffer;
    this.#allocate(Math.min(size, LARGEST_SECTION + this.#offset));
    this.#buffer.set(old.subarray(0, this.#offset));
  }

  #allocate(size) {
    const memory = new ArrayBuffer(size);
    this.#buffer = Buffer.from(memory);
    this.#words = new Int32Array(memory, 0, size >> 2);
  }

  #writeString(text, at) {
    const { length } = text;
    if (length > SHORT) return this.#buffer.utf8Write(text, at);
    const buffer = this.#buffer;
    for (let i = 0; i < length; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 127) return buffer.utf8Write(text, at);
      buffer[at + i] = code;
    }
    return length;
  }

  #writeBytes(bytes, at) {
    const { length } = bytes;
    const buffer = this.#buffer;
    if (length > SHORT) buffer.set(bytes, at);
    else for (let i = 0; i < length; i += 1) buffer[at + i] = bytes[i];
    return length;
  }

  #writeHeaders(headers, start) {
    let at = start;
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (typeof value === 'string') at = this.#writeHeader(name, value, at);
      else if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i += 1) {
          if (value[i] !== undefined) at = this.#writeHeader(name, value[i], at);
        }
      } else if (value !== undefined) at = this.#writeHeader(name, value, at);
    }
    return at - start;
  }

  /** @returns {number} where it ends */
  #writeHeader(name, value, start) {
    const nameLength = this.#writeString(name, start + 8);
    const at = start + 8 + nameLength;
    let valueLength = -1;
    if (typeof value === 'string') valueLength = this.#writeString(value, at);
    else if (value !== null) valueLength = this.#writeBytes(value, at);
    this.#writeInt(nameLength, start);
    this.#writeInt(valueLength, start + 4);
    return valueLength > 0 ? at + valueLength : at;
  }

  /** Headers are not aligned. */
  #writeInt(number, at) {
    const buffer = this.#buffer;
    buffer[at] = number;
    buffer[at + 1] = number >> 8;
    buffer[at + 2] = number >> 16;
    buffer[at + 3] = number >> 24;
  }

  #writeTimestamp(timestamp, word) {
    const ms = typeof timestamp === 'object' ? timestamp.getTime() : Number(timestamp);
    this.#words[word] = ms | 0;
    // `| 0` keeps the low word of doubles too; the high word of what is left is exact below 2^53.
    this.#words[word + 1] = Math.floor(ms / 4_294_967_296);
  }
}

function measureHeaders(headers, path, index) {
  if (typeof headers !== 'object' || Array.isArray(headers)) {
    throw invalidOption('an object', `${path}[${index}].headers`, headers);
  }
  let bytes = 0;
  for (const name of Object.keys(headers)) {
    // Librdkafka gives names as C strings: a consumer would see this one cut.
    if (name.includes('\0')) {
      throw invalidOption('names without NUL characters', `${path}[${index}].headers`, name);
    }
    const value = headers[name];
    if (typeof value === 'string') bytes += 8 + (name.length + value.length) * 3;
    else if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i += 1) {
        bytes += measureHeader(name, value[i], path, index, i);
      }
    } else bytes += measureHeader(name, value, path, index, -1);
  }
  return bytes;
}

function measureHeader(name, value, path, index, item) {
  const base = 8 + name.length * 3;
  if (typeof value === 'string') return base + value.length * 3;
  if (value === null || value === undefined) return base;
  if (isUint8Array(value)) return base + value.length;
  throw invalidOption(
    HEADER_VALUE,
    `${path}[${index}].headers[${JSON.stringify(name)}]${item === -1 ? '' : `[${item}]`}`,
    value,
  );
}

function checkTimestamp(timestamp, path, index) {
  const ms =
    timestamp instanceof Date
      ? timestamp.getTime()
      : typeof timestamp === 'string' && /^\d{1,16}$/.test(timestamp)
        ? Number(timestamp)
        : typeof timestamp === 'bigint'
          ? Number(timestamp)
          : timestamp;
  if (Number.isSafeInteger(ms) && ms >= 0) return;
  throw invalidOption(
    'milliseconds since 1970 as a string of digits, a number or a Date',
    `${path}[${index}].timestamp`,
    timestamp,
  );
}

function exactStringBytes(messages) {
  let bytes = 0;
  for (let i = 0; i < messages.length; i += 1) {
    const { key, value } = messages[i];
    if (typeof key === 'string') bytes += Buffer.byteLength(key);
    if (typeof value === 'string') bytes += Buffer.byteLength(value);
  }
  return bytes;
}

module.exports = { Packer };
