'use strict';

// Reads a produce block as lib/native.d.ts describes it, with a DataView and nothing of the code under test.

function readBlock(block, byteLength) {
  const view = new DataView(block.buffer, block.byteOffset, byteLength);
  const sections = [];
  let start = 0;
  while (start < byteLength) {
    const word = (index) => view.getInt32(start + index * 4, true);
    const [bytes, sendId, topicId, count, extended] = [0, 1, 2, 3, 4].map(word);
    const size = extended ? 6 : 2;
    let at = start + 32 + count * size * 4;
    const take = (length) => {
      if (length === -1) return null;
      const taken = Buffer.from(block.buffer, block.byteOffset + at, length);
      at += length;
      return Buffer.from(taken);
    };
    const records = [];
    for (let i = 0; i < count; i += 1) {
      const field = (index) => word(8 + i * size + index);
      const record = { key: take(field(0)), value: take(field(1)) };
      if (extended) {
        record.partition = field(2);
        record.headers = [];
        const end = at + field(3);
        while (at < end) {
          const nameLength = view.getInt32(at, true);
          const valueLength = view.getInt32(at + 4, true);
          at += 8;
          record.headers.push([take(nameLength).toString(), take(valueLength)]);
        }
        record.timestamp = view.getBigInt64(start + 32 + (i * size + 4) * 4, true);
      }
      records.push(record);
    }
    if (((at + 3) & ~3) - start !== bytes)
      throw new Error(`section of ${bytes} bytes ends at ${at - start}`);
    sections.push({ sendId, topicId, extended: extended === 1, records });
    start += bytes;
  }
  return sections;
}

module.exports = { readBlock };
