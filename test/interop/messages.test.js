'use strict';

// Records written by one client and read by another: nothing is lost or changed on the way.

const { CompressionTypes } = require('../../lib');
const { kcat, kcatProduce, python, newKafkajs } = require('./support/peers');
const { createTopic, produce, consume, withClient, unique } = require('./support/ours');

const binary = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

/** In our form. Headers of different names only: order among names is not part of an object. */
const MESSAGES = [
  { key: 'plain', value: 'text' },
  { key: 'ключ-鍵-🔑', value: 'значение-値-💎', headers: { имя: 'значение' } },
  { key: binary, value: binary, headers: { binary, text: 'abc' } },
  { key: null, value: 'without a key' },
  { key: '', value: '', headers: { empty: '' } },
  { key: 'tombstone', value: null },
  { key: 'repeated', value: 'v', headers: { again: ['one', 'two', 'three'], once: '1' } },
  { key: 'null header', value: 'v', headers: { none: null, some: [null, 'x'] } },
  { key: 'nul bytes', value: 'a\0b', headers: { nul: Buffer.from('c\0d') } },
  { key: 'timed', value: 'v', timestamp: '1600000000123' },
  { key: 'large', value: Buffer.alloc(200_000, 'large ') },
  ...Array.from({ length: 50 }, (_, i) => ({ key: `${i}`, value: `compressible `.repeat(20) + i })),
];

const base64 = (data) => (data == null ? null : Buffer.from(data).toString('base64'));

/** [name, base64] pairs of our headers. */
function headerPairs(headers = {}) {
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((item) => [name, base64(item)]),
  );
}

/** What every client must agree on. */
function essence({ key, value, headers, timestamp }) {
  return {
    key: base64(key),
    value: base64(value),
    headers: headerPairs(headers),
    ...(timestamp === undefined ? {} : { timestamp: Number(timestamp) }),
  };
}

/** Where a message was sent without a timestamp, that of the reader is not compared. */
function expectSame(read, sent = MESSAGES) {
  expect(read).toHaveLength(sent.length);
  const wanted = sent.map(essence);
  const got = read.map((message, i) => {
    const { timestamp, ...rest } = message;
    return 'timestamp' in wanted[i] ? { ...rest, timestamp: Number(timestamp) } : rest;
  });
  expect(got).toEqual(wanted);
}

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const ourCodec = (name) =>
  CompressionTypes[Object.keys(CompressionTypes).find((key) => key.toLowerCase() === name)];

describe.each(CODECS)('compressed with %s', (codec) => {
  test('ours to confluent-kafka', async () => {
    const topic = await createTopic(`to-python-${codec}`);
    await produce(topic, MESSAGES, { compression: ourCodec(codec) });
    const read = await python('consume', { topic, partitions: 1, count: MESSAGES.length });
    expectSame(
      read.map(({ key, value, headers, timestamp }) => ({ key, value, headers, timestamp })),
    );
  });

  test('confluent-kafka to ours', async () => {
    const topic = await createTopic(`from-python-${codec}`);
    const messages = MESSAGES.map(essence);
    await python('produce', { topic, messages, properties: { 'compression.type': codec } });
    expectSame((await consume(topic, MESSAGES.length)).map(essence));
  });

  test('ours to kcat and back', async () => {
    const topic = await createTopic(`kcat-${codec}`);
    const lines = Array.from({ length: 100 }, (_, i) => `key-${i}\tvalue ${'é'.repeat(i)}`);
    const messages = lines.map((line) => {
      const [key, value] = line.split('\t');
      return { key, value };
    });
    await produce(topic, messages, { compression: ourCodec(codec) });
    const printed = await kcat(['-C', '-e', '-q', '-o', 'beginning', '-t', topic, '-K', '\t']);
    expect(printed.toString().trimEnd().split('\n')).toEqual(lines);
    await kcatProduce(['-t', topic, '-K', '\t', '-z', codec], { input: printed });
    const read = await consume(topic, 2 * lines.length);
    const texts = read.map(({ key, value }) => `${key}\t${value}`);
    expect(texts).toEqual([...lines, ...lines]);
  });
});

describe('kcat', () => {
  test('sees our keys, headers, tombstones and timestamps', async () => {
    const topic = await createTopic('kcat-sees');
    await produce(topic, [
      {
        key: 'k',
        value: 'v',
        headers: { a: ['1', '2'], b: 'x', n: null },
        timestamp: 1_600_000_000_123,
      },
      { key: 'gone', value: null },
    ]);
    const printed = await kcat(['-C', '-e', '-q', '-o', 'beginning', '-J', '-t', topic]);
    const read = printed.toString().trim().split('\n').map(JSON.parse);
    expect(read).toMatchObject([
      {
        key: 'k',
        payload: 'v',
        headers: ['a', '1', 'a', '2', 'b', 'x', 'n', null],
        tstype: 'create',
        ts: 1_600_000_000_123,
      },
      { key: 'gone', payload: null },
    ]);
  });

  test('its headers and tombstones come to us', async () => {
    const topic = await createTopic('kcat-sends');
    const headers = ['-H', 'a=1', '-H', 'a=2', '-H', 'b=x', '-H', 'n'];
    await kcatProduce(['-t', topic, '-K', ':', '-Z', ...headers], { input: 'k:v\ngone:\n' });
    const [first, second] = await consume(topic, 2);
    expect(essence(first)).toMatchObject({
      key: base64('k'),
      value: base64('v'),
      headers: [
        ['a', base64('1')],
        ['a', base64('2')],
        ['b', base64('x')],
        ['n', null],
      ],
    });
    expect(second.key.toString()).toBe('gone');
    expect(second.value).toBeNull();
  });
});

describe('kafkajs', () => {
  // It cannot write null headers, and its own gzip is the only codec that it brings.
  const messages = MESSAGES.filter(({ key }) => key !== 'null header');

  /** kafkajs gives '' for a null header and one string for one value: only bytes are compared. */
  const read = ({ key, value, headers, timestamp }) => essence({ key, value, headers, timestamp });

  test('ours to kafkajs', async () => {
    const topic = await createTopic('to-kafkajs');
    await produce(topic, messages, { compression: CompressionTypes.GZIP });
    const seen = [];
    await withClient(newKafkajs().consumer({ groupId: unique('kafkajs') }), async (consumer) => {
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise((resolve, reject) => {
        const eachMessage = async ({ message }) => {
          seen.push(read(message));
          if (seen.length === messages.length) resolve();
        };
        consumer.run({ eachMessage }).catch(reject);
      });
    });
    expectSame(seen, messages);
  });

  test('kafkajs to ours', async () => {
    const topic = await createTopic('from-kafkajs');
    await withClient(newKafkajs().producer(), (producer) =>
      producer.send({ topic, messages, compression: 1 }),
    );
    expectSame((await consume(topic, messages.length)).map(read), messages);
  });
});
