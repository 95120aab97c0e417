'use strict';

// What is sent is what arrives, byte for byte.

const { clientsOf, rejection, text } = require('./clients');

/** @param {{ bootstrap: string, isEmbedded: boolean, createTopic: Function }} broker */
function payloadSuite(broker) {
  jest.setTimeout(120_000);
  const { producer, newTopic, readAll } = clientsOf(broker);

  async function roundTrip(messages, options) {
    const topic = await newTopic();
    const client = await producer(options);
    await client.send({ topic, messages });
    return readAll(topic);
  }

  test('keys and values: strings, Buffers, Uint8Arrays, empty and null stay what they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const messages = await roundTrip([
      { key: 'key', value: 'value' },
      { key: bytes, value: bytes },
      { key: new Uint8Array([1, 0, 2]), value: new Uint8Array([0]) },
      { key: '', value: '' },
      { key: Buffer.alloc(0), value: Buffer.alloc(0) },
      { key: null, value: null },
      { value: 'no key' },
      { key: 'tombstone', value: null },
    ]);
    expect(messages.map(({ key, value }) => [key, value])).toEqual([
      [Buffer.from('key'), Buffer.from('value')],
      [bytes, bytes],
      [Buffer.from([1, 0, 2]), Buffer.from([0])],
      [Buffer.alloc(0), Buffer.alloc(0)],
      [Buffer.alloc(0), Buffer.alloc(0)],
      [null, null],
      [null, Buffer.from('no key')],
      [Buffer.from('tombstone'), null],
    ]);
  });

  test('a view into a larger buffer sends its own bytes only', async () => {
    const large = Buffer.from('--key--value--');
    const [message] = await roundTrip([
      { key: large.subarray(2, 5), value: new Uint8Array(large.buffer, large.byteOffset + 7, 5) },
    ]);
    expect([text(message.key), text(message.value)]).toEqual(['key', 'value']);
  });

  test('strings of every width, mixed in one batch, short and long', async () => {
    const samples = ['plain', 'Grüße', 'żółć', '日本語', '😀', 'é', 'a\0b', '\u{10FFFF}', 'ÿ', ' '];
    const values = samples.flatMap((sample) => [
      sample,
      sample.repeat(7),
      sample.repeat(500),
      `${'x'.repeat(23)}${sample}`,
      `${'x'.repeat(24)}${sample}`,
    ]);
    const messages = await roundTrip(values.map((value, i) => ({ key: `${value}${i}`, value })));
    expect(messages.map(({ value }) => text(value))).toEqual(values);
    expect(messages.map(({ key }) => text(key))).toEqual(values.map((value, i) => `${value}${i}`));
  });

  test('half a surrogate pair becomes the replacement character, as Buffer.from makes it', async () => {
    const broken = ['\ud83d', 'a\udc00b', `${'x'.repeat(30)}\ud800`];
    const messages = await roundTrip(broken.map((value) => ({ value })));
    expect(messages.map(({ value }) => value)).toEqual(broken.map((value) => Buffer.from(value)));
  });

  test('headers: text, bytes with NUL, empty, null, repeated; undefined is left out', async () => {
    const bytes = Buffer.from([0, 1, 0, 255, 0]);
    const [message, plain, none] = await roundTrip([
      {
        value: 'v',
        headers: {
          text: 'Grüße',
          bytes,
          empty: '',
          nothing: null,
          left: undefined,
          many: ['one', bytes, null, ''],
          'na\u00efve name 😀': 'x',
          '': 'no name',
        },
      },
      { value: 'no headers', headers: {} },
      { value: 'null headers', headers: null },
    ]);
    expect(message.headers).toEqual({
      text: Buffer.from('Grüße'),
      bytes,
      empty: Buffer.alloc(0),
      nothing: null,
      many: [Buffer.from('one'), bytes, null, Buffer.alloc(0)],
      'na\u00efve name 😀': Buffer.from('x'),
      '': Buffer.from('no name'),
    });
    expect('left' in message.headers).toBe(false);
    expect(plain.headers).toEqual({});
    expect(none.headers).toEqual({});
  });

  test('many headers, large headers, in messages next to plain ones', async () => {
    const headers = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`h${i}`, 'é'.repeat(i)]),
    );
    const large = Buffer.alloc(100_000, 7);
    const messages = await roundTrip([
      { value: 'a' },
      { value: 'b', headers },
      { value: 'c' },
      { value: 'd', headers: { large } },
    ]);
    expect(messages.map(({ value }) => text(value)).join('')).toBe('abcd');
    for (const [name, value] of Object.entries(headers)) {
      expect(text(messages[1].headers[name])).toBe(value);
    }
    expect(messages[2].headers).toEqual({});
    expect(messages[3].headers.large.equals(large)).toBe(true);
  });

  test('timestamps are exact to the millisecond, in every form', async () => {
    const now = Date.now();
    const old = 1_234_567_890_123;
    const messages = await roundTrip([
      { value: '', timestamp: `${old}` },
      { value: '', timestamp: old + 1 },
      { value: '', timestamp: BigInt(old + 2) },
      { value: '', timestamp: new Date(old + 3) },
      { value: '', timestamp: '1' },
      { value: '', timestamp: `${0xffffffff}` },
      { value: '', timestamp: `${0x100000000}` },
      { value: '', timestamp: '0' },
      { value: '', timestamp: new Date(0) },
      { value: '' },
      { value: '', timestamp: null },
    ]);
    const stamps = messages.map(({ timestamp }) => timestamp);
    expect(stamps.slice(0, 9)).toEqual([
      ...[old, old + 1, old + 2, old + 3, 1, 0xffffffff, 0x100000000, 0, 0].map(String),
    ]);
    for (const stamp of stamps.slice(9)) {
      expect(Number(stamp)).toBeGreaterThanOrEqual(now - 5);
      expect(Number(stamp)).toBeLessThanOrEqual(Date.now() + 5);
    }
  });

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'compression %s of one send(), and as the default of a producer',
    async (compression) => {
      const topic = await newTopic();
      const value = 'compress me, '.repeat(1_000);
      const batch = (prefix) =>
        Array.from({ length: 20 }, (_, i) => ({ value: `${prefix}${i} ${value}` }));
      const client = await producer();
      await client.send({ topic, compression, messages: batch('send') });
      const own = await producer({ compression });
      await own.send({ topic, messages: batch('own') });
      const messages = await readAll(topic);
      expect(messages.map((message) => text(message.value))).toEqual(
        [...batch('send'), ...batch('own')].map((message) => message.value),
      );
    },
  );

  test('Buffers that change after send() returned are sent as they were', async () => {
    const topic = await newTopic();
    const client = await producer();
    const key = Buffer.from('key');
    const small = Buffer.from('small');
    const large = Buffer.alloc(300_000, 1);
    const header = Buffer.from('header');
    const message = { key, value: small, headers: { header } };
    const sending = client.send({ topic, messages: [message, { value: large }] });
    key.fill(0);
    small.fill(0);
    large.fill(2);
    header.fill(0);
    message.value = 'another';
    await sending;
    const [first, second] = await readAll(topic);
    expect([text(first.key), text(first.value), text(first.headers.header)]).toEqual([
      'key',
      'small',
      'header',
    ]);
    expect(second.value.equals(Buffer.alloc(300_000, 1))).toBe(true);
  });

  test('large messages: strings and Buffers around the sizes where buffers grow', async () => {
    const sizes = [262_143, 262_144, 262_145, 524_288, 900_000];
    const messages = await roundTrip(
      sizes.flatMap((size, i) => [
        { key: `b${size}`, value: Buffer.alloc(size, i + 1) },
        { key: `s${size}`, value: 'é'.repeat(size / 2) },
        { key: 'tiny', value: 'tiny' },
      ]),
    );
    expect(messages).toHaveLength(sizes.length * 3);
    for (const [i, size] of sizes.entries()) {
      expect(messages[i * 3].value.equals(Buffer.alloc(size, i + 1))).toBe(true);
      expect(text(messages[i * 3 + 1].value) === 'é'.repeat(size / 2)).toBe(true);
      expect(text(messages[i * 3 + 2].value)).toBe('tiny');
    }
  });

  test('a wrong message is refused before anything of the send is written', async () => {
    const topic = await newTopic();
    const client = await producer();
    const wrong = [
      [{ value: undefined }, 'messages[1].value'],
      [{ value: 5 }, 'messages[1].value'],
      [{ value: { a: 1 } }, 'messages[1].value'],
      [{ value: '', key: 5 }, 'messages[1].key'],
      [{ value: '', partition: 1.5 }, 'messages[1].partition'],
      [{ value: '', timestamp: 'soon' }, 'messages[1].timestamp'],
      [{ value: '', headers: { a: 5 } }, 'messages[1].headers["a"]'],
      [null, 'messages[1]'],
    ];
    for (const [message, option] of wrong) {
      const error = await rejection(client.send({ topic, messages: [{ value: 'fine' }, message] }));
      expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_INVALID_OPTION', option });
    }
    expect(await readAll(topic)).toEqual([]);
  });
}

module.exports = { payloadSuite };
