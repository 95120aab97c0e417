'use strict';

const zlib = require('node:zlib');

const NEWLINE = 10;

/** Node 20.15 and newer have it natively. */
const crc32 = zlib.crc32 ?? makeCrc32();

function makeCrc32() {
  const table = Int32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
    return value;
  });
  return (bytes) => {
    let crc = -1;
    for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255];
    return ~crc >>> 0;
  };
}

/** Count, bytes and the sum of the CRC-32 of each line: the same for the same lines in any order. */
class LineChecksum {
  count = 0;
  bytes = 0;
  #sum = 0;

  add(line) {
    this.count += 1;
    this.bytes += line.length;
    // Always below 2^49, so a double holds it exactly.
    this.#sum = (this.#sum + crc32(line)) % 2 ** 48;
  }

  toString() {
    return `lines=${this.count} bytes=${this.bytes} checksum=${this.#sum.toString(16).padStart(12, '0')}`;
  }
}

/** Arrays of lines (Buffers without their newline) of a stream; a last line without newline counts too. */
async function* lineChunks(input) {
  let rest = null;
  for await (const chunk of input) {
    const bytes = rest === null ? chunk : Buffer.concat([rest, chunk]);
    const lines = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      lines.push(bytes.subarray(start, end));
      start = end + 1;
    }
    rest = start < bytes.length ? bytes.subarray(start) : null;
    if (lines.length > 0) yield lines;
  }
  if (rest !== null) yield [rest];
}

module.exports = { LineChecksum, lineChunks };
