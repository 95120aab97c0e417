'use strict';

// What a DLQHandler does with what subscriptions gave up, on any broker.

const { DLQHandler, KafkaService } = require('../../lib/service');
const { logLevel } = require('../../lib');
const { clientsOf, unique } = require('./clients');
const { until } = require('./consumer-tools');
const { QUICK, catalogOf, created } = require('./orders');

const LONG_MS = 600_000;
const text = (header) => header?.toString();

function dlqSuite(broker) {
  // Some wait for metadata, which librdkafka asks for every few seconds.
  jest.setTimeout(120_000);
  const clients = clientsOf(broker);
  const open = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()));
  });

  const kafka = () => ({ brokers: broker.bootstrap.split(','), logLevel: logLevel.NOTHING });

  /** A service and the topics of one system: other tests' dead letters are not this handler's business. */
  async function system() {
    const topic = unique('orders');
    const rule = `${unique('dead')}.{topic}`;
    const quarantine = `${unique('quarantine')}.{topic}`;
    const dead = rule.replace('{topic}', topic);
    for (const name of [topic, dead]) await broker.createTopic(name, 1);
    const catalog = { ...catalogOf(topic), dlq: { name: rule, partitions: 1 } };
    const service = new KafkaService({
      ...kafka(),
      catalog,
      env: {},
      file: null,
      consumer: { maxWaitTimeInMs: 50, fromBeginning: true },
      policies: { retry: QUICK },
    });
    open.push(() => service.shutdown());
    await service.initialize();

    const groupId = unique('handler');
    const handler = (options = {}) => {
      const made = new DLQHandler(kafka(), {
        catalog,
        quarantine,
        groupId,
        delayMs: 20,
        ...options,
        consumer: { maxWaitTimeInMs: 50, metadataMaxAge: 200, ...options.consumer },
      });
      open.push(() => made.stop());
      const told = [];
      made.on('retried', (letter) => told.push({ event: 'retried', ...letter }));
      made.on('quarantined', (letter) => told.push({ event: 'quarantined', ...letter }));
      return Object.assign(made, { told });
    };
    const deadLetters = (count) => clients.readUntil(dead, (all) => all.length >= count);
    return {
      topic,
      dead,
      quarantine: quarantine.replace('{topic}', topic),
      rule,
      service,
      handler,
      deadLetters,
    };
  }

  /** A handler that fails while `isBroken`, and what it was called with. */
  function worker() {
    const calls = [];
    const state = { isBroken: true, calls };
    state.handle = async ({ data }, { attempt }) => {
      calls.push(`${data.orderId}#${attempt}`);
      if (state.isBroken) throw new Error('the database is away');
    };
    return state;
  }

  it('sends a message back to the group that gave up, and to no other', async () => {
    const { topic, dead, service, handler, deadLetters } = await system();
    const failing = worker();
    const other = [];
    const groups = [unique('failing'), unique('other')];
    await service.subscribe('orders', groups[0], failing.handle);
    await service.subscribe('orders', groups[1], async ({ data }) => other.push(data.orderId));
    await service.publish('orders', created('a'));
    await deadLetters(1);
    failing.isBroken = false;

    const dlq = handler();
    await dlq.start();
    await until(() => failing.calls.length === 4);
    expect(failing.calls).toEqual(['a#1', 'a#2', 'a#3', 'a#1']);
    await until(() => service.recorder.topics.get(topic).outcomes.get('elsewhere') === 1);
    expect(other).toEqual(['a']);
    await until(() => dlq.told.length > 0); // told when the broker has acknowledged it, and it is read before
    expect(dlq.told).toEqual([
      {
        event: 'retried',
        topic,
        group: groups[0],
        reason: 'attempts',
        returns: 1,
        from: { topic: dead, partition: 0, offset: '0' },
        automatic: true,
      },
    ]);
    const [first, second] = await clients.readUntil(topic, (all) => all.length >= 2);
    expect(second.value.equals(first.value)).toBe(true);
    expect(text(second.key)).toBe(text(first.key));
  });

  it('waits for the delay, counted from the failure', async () => {
    const { service, handler, deadLetters } = await system();
    const failing = worker();
    await service.subscribe('orders', unique('group'), failing.handle);
    await service.publish('orders', created('a'));
    const [letter] = await deadLetters(1);
    failing.isBroken = false;
    const dlq = handler({ delayMs: 1_500 });
    await dlq.start();
    await until(() => dlq.told.length === 1);
    expect(Date.now() - Date.parse(text(letter.headers['dlq.failed-at']))).toBeGreaterThan(
      1_450, // a timer may be a moment early
    );
  });

  it('puts into quarantine what has come back too often, as it is and with the last error', async () => {
    const { topic, quarantine, service, handler } = await system();
    const failing = worker();
    const group = unique('group');
    await service.subscribe('orders', group, failing.handle);
    await service.publish('orders', { ...created('a'), headers: { source: 'shop' } });
    const dlq = handler({ maxReturns: 2 });
    await dlq.start();
    await until(() => dlq.told.length === 3);
    const [message] = await clients.readUntil(quarantine, (all) => all.length >= 1);
    expect(dlq.told.map(({ event, returns }) => [event, returns])).toEqual([
      ['retried', 1],
      ['retried', 2],
      ['quarantined', 2],
    ]);
    expect(dlq.told[2]).toMatchObject({ why: 'returns', to: quarantine, topic, group });
    expect(failing.calls).toHaveLength(9);
    expect(JSON.parse(message.value).data).toEqual({ orderId: 'a' });
    const headers = Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, text(value)]),
    );
    expect(headers).toMatchObject({
      source: 'shop',
      'origin.topic': topic,
      'origin.offset': '0',
      'retry.group': group,
      'retry.returns': '2',
      'dlq.reason': 'attempts',
      'dlq.message': 'the database is away',
      'dlq.quarantine-reason': 'returns',
    });
  });

  it.each([
    ['unreadable', '{"type":'],
    ['invalid', JSON.stringify({ type: 'created', data: { orderId: 1 }, metadata: {} })],
    ['not-retriable', JSON.stringify({ ...created('a'), metadata: {} })],
  ])('puts what is %s into quarantine at once', async (reason, value) => {
    const { topic, quarantine, service, handler } = await system();
    await service.subscribe('orders', unique('group'), async () => {
      throw Object.assign(new Error('never'), { retriable: false });
    });
    const producer = await clients.producer();
    await producer.send({ topic, messages: [{ key: 'k', value }] });
    const dlq = handler({ delayMs: LONG_MS });
    await dlq.start();
    await until(() => dlq.told.length === 1);
    const [message] = await clients.readUntil(quarantine, (all) => all.length >= 1);
    expect(text(message.value)).toBe(value);
    expect(dlq.told).toMatchObject([{ event: 'quarantined', reason, why: reason, returns: 0 }]);
  });

  it('does not send where a header points to: letters of others go into quarantine', async () => {
    const { dead, quarantine, handler } = await system();
    const elsewhere = await clients.newTopic();
    const producer = await clients.producer();
    const forged = { 'origin.topic': elsewhere, 'dlq.reason': 'attempts', 'retry.group': 'g' };
    await producer.send({
      topic: dead,
      messages: [{ value: 'from another program' }, { value: 'forged', headers: forged }],
    });
    const dlq = handler();
    await dlq.start();
    await until(() => dlq.told.length === 2);
    expect(await clients.readAll(quarantine)).toHaveLength(2);
    expect(dlq.told).toMatchObject([
      { event: 'quarantined', why: 'foreign', group: null },
      { event: 'quarantined', why: 'foreign', group: null },
    ]);
    expect(await clients.readAll(elsewhere)).toEqual([]);
  });

  /** A letter of a group for a topic, as a subscription writes it. */
  const letterFor = (topic, value) => ({
    value,
    headers: { 'origin.topic': topic, 'dlq.reason': 'attempts', 'retry.group': 'group' },
  });

  it('letters whose topic was deleted hold back nothing: they go into quarantine, and back once it is made again', async () => {
    const { rule, handler } = await system();
    const gone = unique('gone');
    const producer = await clients.producer();
    await broker.createTopic(rule.replace('{topic}', gone), 1);
    await producer.send({
      topic: rule.replace('{topic}', gone),
      messages: [letterFor(gone, 'a'), letterFor(gone, 'b')],
    });
    const dlq = handler({ retry: { attempts: 2, initialDelayMs: 20 } });
    await dlq.start();
    await until(() => dlq.told.length === 2);
    expect(dlq.told).toMatchObject([
      { event: 'quarantined', why: 'no-topic', topic: gone, from: { offset: '0' } },
      { event: 'quarantined', why: 'no-topic', topic: gone, from: { offset: '1' } },
    ]);
    const held = await clients.readAll(dlq.told[0].to);
    const why = ({ value, headers }) => `${value} ${text(headers['dlq.quarantine-reason'])}`;
    expect(held.map(why).sort()).toEqual(['a no-topic', 'b no-topic']);
    const admin = await clients.admin();
    expect(await admin.listTopics()).not.toContain(gone);

    // Somebody makes it again: letters go back from then on, and those of the quarantine may.
    await broker.createTopic(gone, 1);
    await producer.send({
      topic: rule.replace('{topic}', gone),
      messages: [letterFor(gone, 'c')],
    });
    await until(() => dlq.told.length === 3);
    expect(dlq.told[2]).toMatchObject({ event: 'retried', topic: gone, from: { offset: '2' } });
    const a = held.find(({ value }) => text(value) === 'a');
    await dlq.release({ topic: dlq.told[0].to, partition: a.partition, offset: a.offset });
    const back = await clients.readUntil(gone, (all) => all.length >= 2);
    expect(back.map(({ value }) => text(value))).toEqual(['c', 'a']);
  });

  it('waits for a topic that is made again', async () => {
    const { rule, handler } = await system();
    const late = unique('late');
    const dead = rule.replace('{topic}', late);
    await broker.createTopic(dead, 1);
    const producer = await clients.producer();
    await producer.send({ topic: dead, messages: [letterFor(late, 'a')] });
    const dlq = handler({ retry: { attempts: 1_000, initialDelayMs: 20, maxDelayMs: 50 } });
    await dlq.start();
    await expect(dlq.retry({ topic: dead, partition: 0, offset: '0' })).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_UNKNOWN_TOPIC',
      topic: late,
    });
    await broker.createTopic(late, 1);
    await until(() => dlq.told.length === 1);
    expect(dlq.told).toMatchObject([{ event: 'retried', topic: late, automatic: true }]);
    expect(await clients.readAll(late)).toHaveLength(1);
  });

  it('finds dead letters of a topic that was made after start()', async () => {
    const { rule, handler } = await system();
    const dlq = handler();
    await dlq.start();
    const late = rule.replace('{topic}', unique('late'));
    await broker.createTopic(late, 1);
    const producer = await clients.producer();
    await producer.send({ topic: late, messages: [{ value: 'x' }] });
    await until(() => dlq.told.length === 1);
    expect(dlq.told[0].from.topic).toBe(late);
  });

  it('stop() while a letter waits: it is left to the next start', async () => {
    const { service, handler, deadLetters } = await system();
    const failing = worker();
    await service.subscribe('orders', unique('group'), failing.handle);
    await service.publish('orders', created('a'));
    await deadLetters(1);
    failing.isBroken = false;
    const first = handler({ delayMs: LONG_MS });
    await first.start();
    await first.stop();
    await first.stop();
    expect(first.told).toEqual([]);
    const second = handler();
    await second.start();
    await until(() => second.told.length === 1);
    await until(() => failing.calls.length === 4);
  });

  it('by hand: lists, sends back, puts into quarantine and releases', async () => {
    const { topic, dead, quarantine, service, handler, deadLetters } = await system();
    const failing = worker();
    const group = unique('group');
    await service.subscribe('orders', group, failing.handle);
    await service.publish('orders', ['a', 'b', 'c'].map(created));
    await deadLetters(3);
    failing.isBroken = false;
    failing.calls.length = 0;

    const dlq = handler();
    const letters = await dlq.list({ topic });
    expect(letters).toHaveLength(3);
    expect(letters[0]).toMatchObject({
      topic: dead,
      partition: 0,
      offset: '0',
      original: topic,
      group,
      attempts: 3,
      returns: 0,
      reason: 'attempts',
      error: 'Error',
      message: 'the database is away',
    });
    expect(text(letters[0].key)).toBe('a');
    expect(JSON.parse(letters[0].value).data).toEqual({ orderId: 'a' });
    expect(await dlq.list({ limit: 2 })).toHaveLength(2);

    expect(await dlq.retry(letters[0])).toMatchObject({ group, returns: 1, automatic: false });
    await until(() => failing.calls.length === 1);
    await dlq.quarantine({ topic: dead, partition: 0, offset: '1' });
    const [held] = await dlq.list({ topic, quarantined: true });
    expect(held).toMatchObject({ topic: quarantine, original: topic, reason: 'attempts' });
    expect(await dlq.release(held)).toMatchObject({ group, returns: 0 });
    await until(() => failing.calls.length === 2);
    expect(failing.calls).toEqual(['a#1', 'b#1']);
  });

  it('by hand before its turn: it is not sent a second time, and holds back nothing any more', async () => {
    const { topic, dead, handler } = await system();
    const dlq = handler({ delayMs: LONG_MS });
    await dlq.start();
    const letter = (value, failedAt) => {
      const { headers } = letterFor(topic, value);
      return { value, headers: { ...headers, 'dlq.failed-at': new Date(failedAt).toISOString() } };
    };
    // The turn of the first one does not come while this runs; that of the second one has come, behind it.
    const producer = await clients.producer();
    const messages = [letter('a', Date.now()), letter('b', 0)];
    await producer.send({ topic: dead, messages });
    await dlq.retry({ topic: dead, partition: 0, offset: '0' });
    await until(() => dlq.told.length === 2);
    expect(dlq.told.map(({ from, automatic }) => [from.offset, automatic])).toEqual([
      ['0', false],
      ['1', true],
    ]);
    expect((await clients.readAll(topic)).map(({ value }) => text(value))).toEqual(['a', 'b']);
  });

  it('names what is wrong with a place or an option', async () => {
    const { topic, dead, quarantine, handler } = await system();
    const dlq = handler();
    const at = (place) => dlq.retry({ partition: 0, offset: '0', ...place });
    await expect(at({ topic })).rejects.toMatchObject({ option: 'topic' });
    await expect(at({ topic: quarantine })).rejects.toMatchObject({ option: 'topic' });
    await expect(at({ topic: dead })).rejects.toMatchObject({ option: 'offset' });
    await expect(at({ topic: dead, partition: '0' })).rejects.toMatchObject({
      option: 'partition',
    });
    await expect(dlq.release({ topic: dead, partition: 0, offset: '0' })).rejects.toMatchObject({
      option: 'topic',
    });
    expect(() => new DLQHandler(kafka(), { quarantine: 'dlq.held.{topic}' })).toThrow(
      expect.objectContaining({ option: 'quarantine' }),
    );
    expect(() => new DLQHandler(kafka(), { quarantine: 'held' })).toThrow(/name with \{topic\}/);
  });
}

module.exports = { dlqSuite };
