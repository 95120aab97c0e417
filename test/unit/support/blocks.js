'use strict';

// Consume blocks as the native side packs them: see lib/native.d.ts.

const WORDS = 8;
const bytesOf = (value) => (value == null ? Buffer.alloc(0) : Buffer.from(value));

function headerBytes(headers) {
  return Buffer.concat(
    headers.map(([name, value]) => {
      const nameBytes = Buffer.from(name);
      const lengths = Buffer.alloc(8);
      lengths.writeInt32LE(nameBytes.length, 0);
      lengths.writeInt32LE(value == null ? -1 : Buffer.byteLength(value), 4);
      return Buffer.concat([lengths, nameBytes, bytesOf(value)]);
    }),
  );
}

/** @param {{ offset: bigint | number, key?, value?, timestamp?, headers?: [string, any][], attributes? }[]} records */
function packBlock(records) {
  const table = Buffer.alloc(records.length * WORDS * 4);
  const parts = [table];
  let at = table.length;
  records.forEach((record, i) => {
    const { key = null, value = null, headers = [], timestamp = -1, attributes = 0 } = record;
    const bytes = Buffer.concat([bytesOf(key), bytesOf(value), headerBytes(headers)]);
    const base = i * WORDS * 4;
    table.writeInt32LE(at, base);
    table.writeInt32LE(key == null ? -1 : Buffer.byteLength(key), base + 4);
    table.writeInt32LE(value == null ? -1 : Buffer.byteLength(value), base + 8);
    table.writeInt32LE(headers.length | (attributes << 24), base + 12);
    table.writeBigInt64LE(BigInt(record.offset), base + 16);
    table.writeBigInt64LE(BigInt(timestamp), base + 24);
    parts.push(bytes);
    at += bytes.length;
  });
  const joined = Buffer.concat(parts);
  // An ArrayBuffer of its own, as a block has.
  const block = Buffer.from(new ArrayBuffer(joined.length));
  joined.copy(block);
  return block;
}

/** `count` records from offset `first`, value = offset as text. */
function range(first, count, extra = {}) {
  return Array.from({ length: count }, (_, i) => ({
    offset: BigInt(first) + BigInt(i),
    value: `${BigInt(first) + BigInt(i)}`,
    ...extra,
  }));
}

module.exports = { packBlock, range };
