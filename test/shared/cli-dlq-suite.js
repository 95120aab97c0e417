'use strict';

// `easyflow-kafka dlq …` as a process, on any broker.

const { clientsOf, unique } = require('./clients');
const { CliStage } = require('../unit/support/cli');

function cliDlqSuite(broker) {
  jest.setTimeout(240_000);
  const clients = clientsOf(broker);
  let stage;
  beforeEach(() => {
    stage = new CliStage({ KAFKA_BROKERS: broker.bootstrap });
  });
  afterEach(() => stage.close());

  /** A topic with dead letters of a group, as subscriptions write them. */
  async function deadTopic(letters, { exists = true } = {}) {
    const topic = unique('tasks');
    const dead = `dlq.${topic}`;
    await broker.createTopic(dead, 1);
    if (exists) await broker.createTopic(topic, 1);
    const producer = await clients.producer();
    const messages = letters.map(({ value, reason, failedAt = '2026-01-01T00:00:00.000Z' }) => ({
      value,
      key: 'k',
      headers: {
        'origin.topic': topic,
        'origin.partition': '0',
        'origin.offset': '7',
        'retry.group': 'workers',
        'retry.attempts': '3',
        'dlq.reason': reason,
        'dlq.message': `${value} failed`,
        'dlq.failed-at': failedAt,
      },
    }));
    await producer.send({ topic: dead, messages });
    return { topic, dead };
  }

  const LETTERS = [
    { value: 'a', reason: 'attempts' },
    { value: 'b', reason: 'invalid', failedAt: '2026-02-01T00:00:00.000Z' },
    { value: 'c', reason: 'attempts', failedAt: '2026-03-01T00:00:00.000Z' },
  ];
  const values = (messages) => messages.map(({ value }) => value.toString());

  test('list: by reason, by time, so many; a table for people', async () => {
    const { topic, dead } = await deadTopic(LETTERS);
    const of = async (...args) =>
      (await stage.json(['dlq', 'list', '--topic', topic, ...args])).map(({ value }) => value);
    const [first] = await stage.json(['dlq', 'list', '--topic', topic, '--limit', '1']);
    expect(first).toMatchObject({
      topic: dead,
      partition: 0,
      offset: '0',
      original: topic,
      group: 'workers',
      attempts: 3,
      reason: 'attempts',
      message: 'a failed',
      key: 'k',
      value: 'a',
    });
    expect(await of('--since', '2026-02-01', '--until', '2026-03-01')).toEqual(['b']);
    const table = await stage.output(['dlq', 'list', '--topic', topic, '--reason', 'invalid']);
    expect(table).toMatch(/^TOPIC +PARTITION +OFFSET +FAILED AT[^\n]*\n[^\n]+ invalid [^\n]+\n$/);
  });

  test('retry, quarantine and release change nothing without --execute', async () => {
    const { topic, dead } = await deadTopic(LETTERS);
    const dry = await stage.run(['dlq', 'retry', '--topic', topic, '--json']);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      executed: false,
      letters: [{ result: 'would be sent back' }, {}, {}],
    });
    expect([dry.exit, dry.stderr]).toEqual([0, expect.stringMatching(/Nothing was changed/)]);
    expect(await clients.readAll(topic)).toEqual([]);

    const execute = (command, ...args) => stage.json(['dlq', command, ...args, '--execute']);
    expect(await execute('retry', '--topic', topic, '--reason', 'attempts')).toEqual({
      executed: true,
      failed: 0,
      letters: [
        { topic: dead, partition: 0, offset: '0', result: 'sent back' },
        { topic: dead, partition: 0, offset: '2', result: 'sent back' },
      ],
    });
    expect(values(await clients.readAll(topic))).toEqual(['a', 'c']);

    await execute('quarantine', `${dead}/0/1`);
    const [held] = await stage.json(['dlq', 'list', '--topic', topic, '--quarantined']);
    expect(held).toMatchObject({ topic: `quarantine.${topic}`, value: 'b', reason: 'invalid' });
    await execute('release', '--topic', topic);
    expect(values(await clients.readAll(topic))).toEqual(['a', 'c', 'b']);
  });

  test('a topic that is not there fails its letters only, and ends with 1', async () => {
    const gone = await deadTopic(LETTERS.slice(0, 1), { exists: false });
    const there = await deadTopic(LETTERS.slice(0, 1));
    const places = [gone, there].map(({ dead }) => `${dead}/0/0`);
    const { exit, stdout } = await stage.run(['dlq', 'retry', ...places, '--execute', '--json']);
    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      failed: 1,
      letters: [
        { result: expect.stringMatching(/^failed: There is no topic/) },
        { result: 'sent back' },
      ],
    });
    expect(values(await clients.readAll(there.topic))).toEqual(['a']);
  });
}

module.exports = { cliDlqSuite };
