'use strict';

const { EmbeddedKafka } = require('../../../lib');
const { CliStage } = require('../support/cli');

let cluster;
let stage;
beforeAll(async () => {
  cluster = await EmbeddedKafka.start();
});
afterAll(() => cluster.stop());
beforeEach(() => {
  stage = new CliStage({ KAFKA_BROKERS: cluster.bootstrapServers });
});
afterEach(() => stage.close());

let number = 0;
function newTopic(partitions = 1) {
  const topic = `cli-${(number += 1)}`;
  cluster.createTopic({ topic, partitions });
  return topic;
}

const asInput = (records) => records.map((record) => JSON.stringify(record)).join('\n');
const produce = (topic, records, args = []) =>
  stage.output(['produce', topic, ...args], { input: asInput(records) });
const readAll = (topic, args = []) => stage.lines(['consume', topic, '--exit', ...args]);

describe('produce and consume', () => {
  test('a record comes out as it went in: key, headers, partition, time, value', async () => {
    const topic = newTopic(2);
    const records = [
      {
        key: 'k',
        headers: { one: '1', many: ['a', 'b'], bytes: { base64: '//4=' } },
        value: { a: [1, null, 'ü'] },
        encoding: 'json',
        partition: 1,
        timestamp: '2026-01-02T03:04:05.678Z',
      },
      { key: null, headers: {}, value: 'a text', encoding: 'text', partition: 1 },
      { key: { base64: '/w==' }, headers: {}, value: '//79', encoding: 'base64', partition: 1 },
      { key: 'gone', headers: {}, value: null, partition: 1 },
    ];
    await produce(topic, records);
    const read = await readAll(topic);
    expect(read).toMatchObject(
      records.map((record, at) => ({ ...record, topic, offset: `${at}` })),
    );
    expect(read[3]).not.toHaveProperty('encoding');
  });

  test('what consume writes is what produce reads', async () => {
    const [from, to] = [newTopic(), newTopic()];
    await produce(from, [
      { value: { n: 1 }, key: 'a' },
      { value: '//4=', encoding: 'base64' },
    ]);
    await stage.output(['produce', to], {
      input: await stage.output(['consume', from, '--exit']),
    });
    const place = (record) => ({ ...record, topic: null });
    expect((await readAll(to)).map(place)).toEqual((await readAll(from)).map(place));
  });

  test('JSON is not read and written anew: 20 digits stay', async () => {
    const topic = newTopic();
    await stage.output(['produce', topic, '--lines'], { input: '{"n":12345678901234567890}' });
    const line = await stage.output(['consume', topic, '--exit']);
    expect(line).toContain('"value":{"n":12345678901234567890}');
  });

  test('--lines takes lines as they are, empty ones too; --value takes one', async () => {
    const topic = newTopic();
    await stage.output(['produce', topic, '--lines', '--key', 'k'], { input: '{"a"\n\nx\r\ny' });
    await stage.output(['produce', topic, '--value', 'more', '--header', 'h=1=2']);
    const read = await readAll(topic, ['--value-format', 'text']);
    expect(read.map(({ value }) => value)).toEqual(['{"a"', '', 'x', 'y', 'more']);
    expect(read[0].key).toBe('k');
    expect(read[4].headers).toEqual({ h: '1=2' });
  });

  test('produce says how many it sent, as data only where asked', async () => {
    const topic = newTopic();
    const { stdout, stderr } = await stage.run(['produce', topic, '--value', 'x']);
    expect([stdout, stderr]).toEqual(['', `Sent 1 message to ${topic}.\n`]);
    expect(await stage.json(['produce', topic, '--value', 'x'])).toEqual({ topic, sent: 1 });
  });

  test('a line goes at once, it waits for no other', async () => {
    const topic = newTopic();
    const producer = stage.begin(['produce', topic, '--lines'], {
      input: 'one\n',
      keepsInputOpen: true,
    });
    const consumer = stage.begin(['consume', topic, '--from', 'beginning']);
    await consumer.until(({ lines }) => lines.length === 1, 'the first line');
    producer.type('two\n');
    await consumer.until(({ lines }) => lines.length === 2, 'the second line');
    producer.kill('SIGINT');
    expect(await producer.ended()).toBe(130);
    expect(producer.stderr).toBe(`Sent 2 messages to ${topic}.\n`);
  });

  test('a message that was refused is not forgotten because later ones were not', async () => {
    const topic = newTopic();
    cluster.pushRequestErrors('Produce', ['MSG_SIZE_TOO_LARGE']);
    const input = Array.from({ length: 3 }, (_, at) => `${at}\n`).join('');
    const options = { input: '', keepsInputOpen: true };
    const producer = stage.begin(['produce', topic, '--lines', '--json'], options);
    producer.type(input);
    producer.endInput();
    expect(await producer.ended()).toBe(1);
    expect(producer.stdout).toBe('');
    expect(producer.stderr).toMatch(
      /Sent \d messages?[\s\S]*easyflow-kafka: .*larger than allowed/,
    );
  });

  test.each([
    ['{"value"', /Line 2 of stdin: expected JSON \(or --lines\)/],
    ['{"value":1,"vlaue":2}', /Line 2 .* received vlaue/],
    ['{"key":"k"}', /Line 2 .* expected a value/],
    ['{"value":1,"partition":-1}', /Line 2 .* partition: expected a whole number/],
    ['{"value":1,"timestamp":"soon"}', /Line 2 .* timestamp/],
  ])('a wrong line is named, and what was before it is sent: %s', async (line, message) => {
    const topic = newTopic();
    const input = `{"value":"good"}\n${line}\n`;
    const { exit, stderr } = await stage.run(['produce', topic], { input });
    expect(exit).toBe(2);
    expect(stderr).toMatch(message);
    expect((await readAll(topic)).map(({ value }) => value)).toEqual(['good']);
  });
});

describe('consume', () => {
  const values = (records) => records.map(({ value }) => value);

  test('--from an offset, --limit, --partition', async () => {
    const topic = newTopic(2);
    await produce(
      topic,
      [0, 1, 2, 3].flatMap((n) => [0, 1].map((partition) => ({ value: n, partition }))),
    );
    expect(values(await readAll(topic, ['--partition', '1', '--from', '2']))).toEqual([2, 3]);
    expect(values(await readAll(topic, ['--partition', '0', '--limit', '3']))).toEqual([0, 1, 2]);
    expect(await readAll(topic, ['--from', 'end'])).toEqual([]);
    expect(await readAll(topic)).toHaveLength(8);
    const { exit, stderr } = await stage.run(['consume', topic, '--exit', '--partition', '0,7']);
    expect(`${exit} ${stderr}`).toMatch(/^1 .*none is 7/);
  });

  test('without --exit it waits for what comes, and Ctrl-C ends it well', async () => {
    const topic = newTopic();
    await produce(topic, [{ value: 'old' }]);
    const consumer = stage.begin(['consume', topic, '--from', 'beginning']);
    await consumer.until(({ lines }) => lines.length === 1, 'the old one');
    await produce(topic, [{ value: 'new' }]);
    await consumer.until(({ lines }) => lines.length === 2, 'the new one');
    consumer.kill('SIGINT');
    expect(await consumer.ended()).toBe(0);
    expect(consumer.stderr).toBe('');
  });

  test('a group goes on where what was written ended', async () => {
    const topic = newTopic();
    await produce(
      topic,
      [1, 2, 3, 4].map((value) => ({ value })),
    );
    const group = ['--group', `${topic}-group`, '--from', 'beginning', '--limit', '2'];
    expect(values(await stage.lines(['consume', topic, ...group]))).toEqual([1, 2]);
    const lag = await stage.json(['lag', `${topic}-group`, '--topic', topic]);
    expect(lag).toMatchObject({ lag: '2', partitions: [{ committed: '2', high: '4' }] });
  });

  test('a reader that goes away ends it quietly', async () => {
    const topic = newTopic();
    const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at}`).join('\n');
    await stage.output(['produce', topic, '--lines'], { input: lines });
    const consumer = stage.begin(['consume', topic, '--from', 'beginning']);
    await consumer.until(({ stdout }) => stdout !== '', 'the first lines');
    consumer.closeOutput();
    await produce(topic, [{ value: 'one more' }]);
    expect(`${await consumer.ended()} ${consumer.stderr}`).toBe('0 ');
  });

  test.each([
    [['--group', 'g', '--exit'], /no --exit/],
    [['--group', 'g', '--from', '7'], /offsets reset/],
    [['--from', 'soon'], /beginning, end, an offset or an ISO time/],
    [['--limit', '0'], /from 1 to/],
    [['--value-format', 'xml'], /auto, text, base64/],
  ])('%j is a usage error', async (args, message) => {
    const { exit, stdout, stderr } = await stage.run(['consume', 'any', ...args]);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('with a catalog', () => {
  const payload = { employeeId: 'e-1', name: 'Ada', department: 'R&D' };
  const catalog = ['--catalog', 'officeflow', '--org', 'acme'];

  test('a payload is checked, put into its envelope, keyed; consume says which event it is', async () => {
    const args = ['produce', 'employee.onboard', ...catalog, '--type', 'employee.onboard'];
    await stage.output([...args, '--metadata', '{"employeeId":"e-1"}'], {
      input: JSON.stringify(payload),
    });
    const [record] = await readAll('employee.onboard', catalog);
    expect(record).toMatchObject({
      topic: 'employee.onboard.acme',
      key: 'e-1',
      value: { type: 'employee.onboard', payload },
      event: { type: 'employee.onboard', payload },
    });
  });

  test('what the schema refuses is not sent', async () => {
    const args = [
      'produce',
      'employee.exit',
      ...catalog,
      '--type',
      'employee.exit',
      '--value',
      '{}',
    ];
    const { exit, stderr } = await stage.run(args);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/Expected a string for \$\.employeeId/);
    const other = args.with(-3, 'employee.onboard');
    expect((await stage.run(other)).stderr).toMatch(/--type: expected one of employee\.exit/);
  });
});
