'use strict';

const { Packer } = require('../../../lib/clients/producer/pack');
const { readBlock } = require('./read-block');

function pack(messages, partitions) {
  const packer = new Packer();
  packer.measure(messages, 'messages', partitions !== undefined);
  packer.write(7, 3, messages, partitions);
  return readBlock(packer.block, packer.pending);
}

const text = (record) => ({
  key: record.key?.toString() ?? null,
  value: record.value?.toString() ?? null,
});

test('plain records of strings, Buffers and nulls', () => {
  const long = 'v'.repeat(100);
  const [section] = pack([
    { key: 'k', value: 'v' },
    { key: Buffer.from('kb'), value: Buffer.from(long) },
    { value: null },
    { key: null, value: '' },
    { key: '', value: new Uint8Array([1, 2]) },
    { key: undefined, value: long },
  ]);
  expect(section).toMatchObject({ sendId: 7, topicId: 3, extended: false });
  expect(section.records.map(text)).toEqual([
    { key: 'k', value: 'v' },
    { key: 'kb', value: long },
    { key: null, value: null },
    { key: null, value: '' },
    { key: '', value: '\u0001\u0002' },
    { key: null, value: long },
  ]);
});

test('any text is UTF-8, also short, also surrogates at the edges', () => {
  const texts = [
    'é',
    'žluťoučký kůň',
    '日本語'.repeat(40),
    '😀',
    '\ud83d',
    '\ude00',
    'a\0b',
    'ascii',
    '\u0080',
  ];
  const [section] = pack(texts.map((value) => ({ key: value, value })));
  expect(section.records).toEqual(
    texts.map((value) => ({ key: Buffer.from(value), value: Buffer.from(value) })),
  );
});

test('headers: binary, null, repeated, empty; undefined is left out', () => {
  const [section] = pack([
    {
      value: 'v',
      headers: {
        text: 'é',
        binary: Buffer.from([0, 255]),
        none: null,
        repeated: ['1', Buffer.from('2'), null],
        gone: undefined,
        empty: '',
        long: 'x'.repeat(300),
      },
    },
    { value: 'w', headers: {} },
    { value: 'x' },
  ]);
  expect(section.extended).toBe(true);
  expect(section.records[0].headers).toEqual([
    ['text', Buffer.from('é')],
    ['binary', Buffer.from([0, 255])],
    ['none', null],
    ['repeated', Buffer.from('1')],
    ['repeated', Buffer.from('2')],
    ['repeated', null],
    ['empty', Buffer.from('')],
    ['long', Buffer.from('x'.repeat(300))],
  ]);
  expect(section.records.map(({ headers }) => headers.length)).toEqual([8, 0, 0]);
  expect(section.records.map(text).map(({ value }) => value)).toEqual(['v', 'w', 'x']);
});

test('partitions and timestamps', () => {
  const [section] = pack([
    { value: 'a', partition: 5, timestamp: '1700000000123' },
    { value: 'b', partition: null, timestamp: 4_294_967_295 },
    { value: 'c', timestamp: new Date(1_700_000_000_000) },
    { value: 'd', timestamp: 9_007_199_254_740_991n },
    { value: 'e', partition: 0 },
    { value: 'f', timestamp: '0' },
  ]);
  expect(section.records.map(({ partition, timestamp }) => [partition, timestamp])).toEqual([
    [5, 1_700_000_000_123n],
    [-1, 4_294_967_295n],
    [-1, 1_700_000_000_000n],
    [-1, 9_007_199_254_740_991n],
    [0, -1n],
    [-1, 0n],
  ]);
});

test('partitions chosen in JavaScript go before those of the messages', () => {
  const [section] = pack([{ value: 'a', partition: 5 }, { value: 'b' }], Int32Array.of(1, 2));
  expect(section.records.map(({ partition }) => partition)).toEqual([1, 2]);
});

test('many sections in one block, one larger than the buffer', () => {
  const packer = new Packer();
  const sends = [
    [{ value: 'small' }],
    [{ key: 'é', value: 'y'.repeat(5) }],
    Array.from({ length: 3_000 }, (_, i) => ({ key: `k${i}`, value: 'z'.repeat(2_000) })),
    [{ value: Buffer.alloc(3_000_001, 7) }],
  ];
  sends.forEach((messages, i) => {
    packer.measure(messages, 'messages', false);
    packer.write(i, 0, messages);
  });
  const sections = readBlock(packer.block, packer.pending);
  expect(sections.map(({ sendId, records }) => [sendId, records.length])).toEqual([
    [0, 1],
    [1, 1],
    [2, 3000],
    [3, 1],
  ]);
  expect(sections[2].records[2_999]).toEqual({
    key: Buffer.from('k2999'),
    value: Buffer.from('z'.repeat(2_000)),
  });
  expect(sections[3].records[0].value.equals(Buffer.alloc(3_000_001, 7))).toBe(true);
  packer.reset();
  expect(packer.pending).toBe(0);
  expect(packer.block.length).toBeLessThan(9 << 20);
});

test.each([
  ['messages[1]', [{ value: 'a' }, null]],
  ['messages[0]', ['text']],
  ['messages[0].value', [{ key: 'k' }]],
  ['messages[1].value', [{ value: 'a' }, { value: 5 }]],
  ['messages[0].value', [{ value: { json: true } }]],
  ['messages[0].key', [{ key: 5, value: 'a' }]],
  ['messages[0].partition', [{ partition: 1.5, value: 'a' }]],
  ['messages[0].partition', [{ partition: '1', value: 'a' }]],
  ['messages[0].timestamp', [{ timestamp: 'soon', value: 'a' }]],
  ['messages[0].timestamp', [{ timestamp: -1, value: 'a' }]],
  ['messages[0].timestamp', [{ timestamp: '-1', value: 'a' }]],
  ['messages[0].headers', [{ headers: [], value: 'a' }]],
  ['messages[0].headers', [{ headers: { 'a\0b': 'x' }, value: 'a' }]],
  ['messages[0].headers["a"]', [{ headers: { a: 5 }, value: 'a' }]],
  ['messages[0].headers["a"][1]', [{ headers: { a: ['x', {}] }, value: 'a' }]],
])('what is wrong is named before anything is packed: %s', (option, messages) => {
  const packer = new Packer();
  expect(() => packer.measure(messages, 'messages', false)).toThrow(
    expect.objectContaining({ errorCode: 'ERR_KAFKA_INVALID_OPTION', option }),
  );
  expect(packer.pending).toBe(0);
});
