'use strict';

const { inspect } = require('node:util');
const { Block } = require('../../../lib/clients/consumer/record');
const { Message, SpreadableMessage } = require('../../../lib/clients/consumer/message');
const { Batch } = require('../../../lib/clients/consumer/batch');
const { packBlock, range } = require('../support/blocks');

const blockOf = (records) => new Block(1, 0, packBlock(records), records.length, 'topic', 3);

describe.each([
  ['Message', Message],
  ['SpreadableMessage', SpreadableMessage],
])('%s', (_, Type) => {
  const messageOf = (record) => new Type(blockOf([{ offset: 0, ...record }]), 0);

  test('reads key, value and headers as Buffers', () => {
    const message = messageOf({ key: 'k', value: 'välue', headers: [['h', 'x']], timestamp: 1732 });
    expect(message.key).toEqual(Buffer.from('k'));
    expect(message.value).toEqual(Buffer.from('välue'));
    expect(Buffer.isBuffer(message.value)).toBe(true);
    expect(message.headers).toEqual({ h: Buffer.from('x') });
    expect(message.timestamp).toBe('1732');
    expect(message.topic).toBe('topic');
    expect(message.partition).toBe(3);
    expect(message.size).toBe(7);
    expect(message.text()).toBe('välue');
  });

  test('tells null from empty', () => {
    const tombstone = messageOf({ key: '', value: null });
    expect(tombstone.key).toHaveLength(0);
    expect(tombstone.value).toBeNull();
    expect(tombstone.text()).toBeNull();
    expect(tombstone.json()).toBeNull();
    expect(messageOf({ key: null, value: '' }).key).toBeNull();
    expect(messageOf({ key: null, value: '' }).value).toHaveLength(0);
    expect(tombstone.headers).toEqual({});
  });

  test('keeps headers binary, null and repeated', () => {
    const binary = Buffer.from([0, 1, 0, 255]);
    const { headers } = messageOf({
      value: 'v',
      headers: [
        ['a', binary],
        ['n', null],
        ['a', ''],
        ['__proto__', 'p'],
        ['a', null],
      ],
    });
    expect(headers.a).toEqual([binary, Buffer.alloc(0), null]);
    expect(headers.n).toBeNull();
    expect(Object.keys(headers)).toEqual(['a', 'n', '__proto__']);
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  });

  test.each([
    0n,
    1n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
  ])('is exact for offset %s', (offset) => {
    expect(messageOf({ offset, value: 'v' }).offset).toBe(offset.toString());
    expect(blockOf([{ offset }]).offset(0)).toBe(offset);
  });

  test('shows a missing timestamp as -1', () => {
    expect(messageOf({ timestamp: -1 }).timestamp).toBe('-1');
    expect(messageOf({ attributes: 1 }).timestampType).toBe('LogAppendTime');
    expect(messageOf({}).timestampType).toBe('CreateTime');
  });

  test('shares memory until it is detached', () => {
    const block = blockOf([{ offset: 0, key: 'k', value: 'value', headers: [['h', 'x']] }]);
    const message = new Type(block, 0);
    expect(message.value.buffer).toBe(block.arrayBuffer);
    const copy = message.detach();
    for (const bytes of [copy.key, copy.value, copy.headers.h]) {
      expect(bytes.buffer).not.toBe(block.arrayBuffer);
    }
    expect(copy).toEqual(message.toObject());
  });

  test('may be assigned to, as code for KafkaJS does', () => {
    const message = messageOf({ value: '{"a":1}' });
    message.value = message.json();
    expect(message.value).toEqual({ a: 1 });
  });

  test('shows itself as what it stands for', () => {
    const message = messageOf({ value: 'v', offset: 7 });
    expect(inspect(message)).toMatch(/^Message \{[^]*offset: '7'/);
    expect(JSON.parse(JSON.stringify(message)).offset).toBe('7');
  });
});

describe('what KafkaJS code does with the message of eachMessage', () => {
  const message = () =>
    new SpreadableMessage(
      blockOf([{ offset: 7, timestamp: 1732, key: 'k', value: '{"a":1}', headers: [['h', 'x']] }]),
      0,
    );
  const fields = {
    magicByte: 2,
    attributes: 0,
    timestamp: '1732',
    offset: '7',
    key: Buffer.from('k'),
    value: Buffer.from('{"a":1}'),
    headers: { h: Buffer.from('x') },
  };

  test('spread, with the value decoded', () => {
    const { value, ...rest } = fields;
    expect({ ...message(), value: JSON.parse(message().value) }).toEqual({
      ...rest,
      value: JSON.parse(value),
    });
  });

  test('keys, entries, toEqual', () => {
    expect(Object.keys(message())).toEqual(Object.keys(fields));
    expect(Object.fromEntries(Object.entries(message()))).toEqual(fields);
    expect(message()).toEqual(fields);
  });

  test('JSON and structuredClone', () => {
    expect(JSON.stringify(message())).toBe(JSON.stringify(fields));
    const clone = structuredClone(message());
    expect(clone).toMatchObject({ offset: '7', timestamp: '1732' });
    expect(Buffer.from(clone.value)).toEqual(fields.value);
  });

  test('what a handler adds or assigns goes along', () => {
    const seen = message();
    seen.value = 'decoded';
    seen.traceId = 't';
    expect({ ...seen }).toMatchObject({ value: 'decoded', traceId: 't' });
    expect(seen.toObject()).toMatchObject({ value: 'decoded', traceId: 't' });
    expect(seen.json()).toEqual({ a: 1 });
  });
});

describe('Batch', () => {
  const lane = { highWatermark: 0n };

  test("has KafkaJS's methods", () => {
    const batch = new Batch(blockOf(range(10, 5)), 0, { highWatermark: 20n });
    expect(batch.topic).toBe('topic');
    expect(batch.partition).toBe(3);
    expect(batch.isEmpty()).toBe(false);
    expect(batch.firstOffset()).toBe('10');
    expect(batch.lastOffset()).toBe('14');
    expect(batch.highWatermark).toBe('20');
    expect(batch.offsetLag()).toBe('5');
    expect(batch.offsetLagLow()).toBe('9');
    expect(batch.messages.map(({ offset }) => offset)).toEqual(['10', '11', '12', '13', '14']);
    expect(batch.messages).toBe(batch.messages);
  });

  test('begins where it is told to', () => {
    const batch = new Batch(blockOf(range(10, 5)), 3, lane);
    expect(batch.firstOffset()).toBe('13');
    expect([...batch].map(({ offset }) => offset)).toEqual(['13', '14']);
    expect(batch.length).toBe(2);
  });

  test('shows a watermark that is not below itself', () => {
    const batch = new Batch(blockOf(range(2n ** 53n, 3)), 0, lane);
    expect(batch.highWatermark).toBe('9007199254740995');
    expect(batch.offsetLag()).toBe('0');
    expect(batch.offsetLagLow()).toBe('2');
  });
});

describe('Block', () => {
  test('finds the first record at or above an offset', () => {
    const block = blockOf([{ offset: 5 }, { offset: 7 }, { offset: 8 }, { offset: 20 }]);
    const found = [4n, 5n, 6n, 7n, 8n, 9n, 20n, 21n].map((offset) => block.indexOf(offset));
    expect(found).toEqual([0, 0, 1, 1, 2, 3, 3, 4]);
  });
});
