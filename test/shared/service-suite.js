'use strict';

// What a KafkaService does with messages, on any broker.

const { CircuitBreaker, MemoryIdempotencyStore } = require('../../lib/service');
const { clientsOf, unique } = require('./clients');
const { until, deferred } = require('./consumer-tools');
const { QUICK, created, ordersOf } = require('./orders');

const text = (header) => header?.toString();

function serviceSuite(broker) {
  jest.setTimeout(120_000);
  const clients = clientsOf(broker);
  const { start } = ordersOf(broker);
  const publishAll = (service, ids) => service.publish('orders', ids.map(created));
  const deadLetters = (topic, count) =>
    clients.readUntil(`dlq.${topic}`, (messages) => messages.length >= count);

  it('hands an event to its handler in the shape of its envelope, with what is known of it', async () => {
    const { service, topic, group } = await start();
    const calls = [];
    await service.subscribe('orders', group, async (event, metadata) => {
      calls.push({ event, metadata });
    });
    const event = {
      type: 'created',
      data: { orderId: 'o-1' },
      metadata: { eventId: 'e-1', tenantId: 't' },
    };
    const { partition, baseOffset } = await service.publishEvent(topic, event);
    await until(() => calls.length === 1);
    const [{ event: got, metadata }] = calls;
    expect(got).toMatchObject(event);
    expect(metadata).toMatchObject({
      topic,
      partition,
      offset: baseOffset,
      key: 'o-1',
      type: 'created',
      eventId: 'e-1',
      attempt: 1,
      group,
    });
    expect(metadata.correlationId).toEqual(expect.any(String));
  });

  it('a topic that nobody has made is there when its group has joined: the first event is not missed', async () => {
    const { service, group } = await start({ service: { consumer: { maxWaitTimeInMs: 50 } } });
    const topic = unique('made-by-its-consumer');
    const seen = [];
    await service.subscribe(topic, group, async ({ word }) => seen.push(word));
    await service.publishEvent(topic, { word: 'first' });
    await until(() => seen.length === 1);
    expect(seen).toEqual(['first']);
  });

  it('refuses an event that does not fit its schema, and sends nothing', async () => {
    const { service, topic } = await start();
    await expect(
      service.publish('orders', [created('o-1'), { type: 'created', data: { orderId: 7 } }]),
    ).rejects.toMatchObject({ errorCode: 'ERR_KAFKA_INVALID_EVENT', topic });
    await service.publish('orders', created('o-2'));
    const messages = await clients.readUntil(topic, (seen) => seen.length >= 1);
    expect(messages.map(({ key }) => text(key))).toEqual(['o-2']);
  });

  it('routes by event type; a group has one consumer however many handlers it has', async () => {
    const { service, group } = await start();
    const seen = [];
    await service.subscribe('orders', group, {
      created: async ({ data }) => seen.push(`created ${data.orderId}`),
      paid: async ({ data }) => seen.push(`paid ${data.orderId}`),
    });
    await service.publish('orders', [created('a'), { type: 'paid', data: { orderId: 'a' } }]);
    await until(() => seen.length === 2);
    expect(seen).toEqual(['created a', 'paid a']);
    expect(service.subscriptions.size).toBe(1);
  });

  it('retries in place: what comes behind a failing message waits, and nothing is lost or doubled', async () => {
    const { service, group } = await start();
    const seen = [];
    await service.subscribe('orders', group, async ({ data }, { attempt }) => {
      seen.push(`${data.orderId}#${attempt}`);
      if (data.orderId === 'b' && attempt < 3) throw new Error('the database is away');
    });
    await publishAll(service, ['a', 'b', 'c']);
    await until(() => seen.length === 5);
    expect(seen).toEqual(['a#1', 'b#1', 'b#2', 'b#3', 'c#1']);
  });

  it('gives up after the attempts: the bytes as they were, and why, are on the dead-letter topic', async () => {
    const { service, topic, group } = await start();
    const seen = [];
    await service.subscribe('orders', group, async ({ data }) => {
      seen.push(data.orderId);
      if (data.orderId === 'poison')
        throw Object.assign(new Error('no such article'), { code: 'E_ARTICLE' });
    });
    await service.publish('orders', { ...created('poison'), headers: { source: 'shop' } });
    await publishAll(service, ['after']);
    const [original] = await clients.readUntil(topic, (messages) => messages.length >= 1);
    const [letter] = await deadLetters(topic, 1);
    await until(() => seen.includes('after'));
    expect(seen).toEqual(['poison', 'poison', 'poison', 'after']);
    expect(letter.value.equals(original.value)).toBe(true);
    expect(letter.key.equals(original.key)).toBe(true);
    const headers = Object.fromEntries(
      Object.entries(letter.headers).map(([name, value]) => [name, text(value)]),
    );
    expect(headers).toMatchObject({
      source: 'shop',
      'origin.topic': topic,
      'origin.partition': '0',
      'origin.offset': original.offset,
      'retry.group': group,
      'retry.attempts': '3',
      'dlq.reason': 'attempts',
      'dlq.error': 'Error',
      'dlq.error-code': 'E_ARTICLE',
      'dlq.message': 'no such article',
    });
  });

  it('does not try again what cannot succeed', async () => {
    const { service, topic, group } = await start();
    let calls = 0;
    await service.subscribe('orders', group, async () => {
      calls += 1;
      throw Object.assign(new Error('never'), { retriable: false });
    });
    await publishAll(service, ['a']);
    const [letter] = await deadLetters(topic, 1);
    expect(text(letter.headers['dlq.reason'])).toBe('not-retriable');
    expect(calls).toBe(1);
  });

  it.each([
    ['no JSON', 'unreadable', Buffer.from('{"type":')],
    ['bytes that are no text', 'unreadable', Buffer.from([0xff, 0xfe, 0x00])],
    [
      'a payload against the schema',
      'invalid',
      JSON.stringify({ type: 'created', data: { orderId: 1 }, metadata: {} }),
    ],
  ])('buries %s without calling a handler', async (_, reason, value) => {
    const { service, topic, group } = await start();
    const seen = [];
    await service.subscribe('orders', group, async ({ data }) => seen.push(data.orderId));
    const producer = await clients.producer();
    await producer.send({ topic, messages: [{ key: 'k', value }] });
    await publishAll(service, ['good']);
    const [letter] = await deadLetters(topic, 1);
    await until(() => seen.length === 1);
    expect(seen).toEqual(['good']);
    expect(letter.value.equals(Buffer.from(value))).toBe(true);
    expect(text(letter.headers['dlq.reason'])).toBe(reason);
    expect(text(letter.headers['dlq.message'])).not.toBe('');
  });

  it('delay topics: a poison message holds back nothing behind it beyond its first attempt', async () => {
    const { service, topic, group } = await start();
    await broker.createTopic(`retry.${group}.200ms`, 1);
    const seen = [];
    const options = { retry: { mode: 'delay-topics', delaysMs: [200], attempts: 3 } };
    await service.subscribe(
      'orders',
      group,
      async ({ data }, metadata) => {
        // A retry waits for those behind the message: they would never come if they waited for it.
        if (metadata.attempt > 1) await until(() => seen.includes('b#1'));
        seen.push(`${data.orderId}#${metadata.attempt}`);
        expect(metadata.topic).toBe(topic);
        if (data.orderId === 'poison') throw new Error('again');
      },
      options,
    );
    await publishAll(service, ['poison', 'a', 'b']);
    const [letter] = await deadLetters(topic, 1);
    expect(seen).toEqual(['poison#1', 'a#1', 'b#1', 'poison#2', 'poison#3']);
    expect(text(letter.headers['origin.topic'])).toBe(topic);
    expect(text(letter.headers['retry.attempts'])).toBe('3');
  });

  it('idempotency: an event that comes twice is handled once', async () => {
    const { service, group } = await start();
    const seen = [];
    await service.subscribe('orders', group, async (event) => seen.push(event.metadata.eventId), {
      idempotency: {},
    });
    const event = { ...created('a'), metadata: { eventId: 'e-1' } };
    await service.publishEvent('orders', event);
    await service.publishEvent('orders', event);
    await service.publishEvent('orders', { ...created('a'), metadata: { eventId: 'e-2' } });
    await until(() => seen.includes('e-2'));
    expect(seen).toEqual(['e-1', 'e-2']);
  });

  it('idempotency: an event that its handler has completed is done, also if the handler fails afterwards', async () => {
    const { service, topic, group } = await start();
    const seen = [];
    await service.subscribe(
      'orders',
      group,
      async ({ data }, { attempt, complete }) => {
        seen.push(`${data.orderId}#${attempt}`);
        if (data.orderId === 'a') await complete();
        if (attempt === 1) throw new Error('the answer of the commit did not come');
      },
      { idempotency: {}, retry: QUICK },
    );
    await publishAll(service, ['a', 'b', 'poison']);
    await until(() => seen.includes('poison#2'));
    expect(seen).toEqual(['a#1', 'a#2', 'b#1', 'b#2', 'poison#1', 'poison#2']);
    expect((await clients.readAll(`dlq.${topic}`)).map(({ key }) => text(key))).toEqual([]);
  });

  it('idempotency: a handler that completes an event which another worker did is told, and the event passes over', async () => {
    const { service, topic, group } = await start();
    const store = new MemoryIdempotencyStore();
    const seen = [];
    await service.subscribe(
      'orders',
      group,
      async ({ data }, { eventId, complete }) => {
        if (data.orderId === 'a') await store.markAsProcessed(eventId);
        const error = await complete().catch((failure) => failure);
        seen.push(`${data.orderId} ${error?.errorCode}`);
        if (error) throw error;
      },
      { idempotency: { store }, retry: QUICK },
    );
    await publishAll(service, ['a', 'b']);
    await until(() => seen.length === 2);
    expect(seen).toEqual(['a ERR_KAFKA_CLAIM_LOST', 'b undefined']);
    expect((await clients.readAll(`dlq.${topic}`)).map(({ key }) => text(key))).toEqual([]);
  });

  it('an open breaker stops consuming and spends no attempt', async () => {
    const { service, topic, group } = await start();
    const breaker = new CircuitBreaker({ failureThreshold: 1, openMs: 100 });
    let isDown = true;
    const attempts = [];
    await service.subscribe(
      'orders',
      group,
      async ({ data }, { attempt }) => {
        attempts.push(`${data.orderId}#${attempt}`);
        if (isDown) throw new Error('down');
      },
      { breaker, retry: { ...QUICK, attempts: 2 } },
    );
    breaker.once('halfOpen', () => {
      isDown = false;
    });
    await publishAll(service, ['a', 'b']);
    await until(() => attempts.includes('b#1'));
    expect(attempts).toEqual(['a#1', 'a#2', 'b#1']);
    expect(breaker.state).toBe('closed');
    expect(service.recorder.topics.get(topic).buried.size).toBe(0);
    breaker.dispose();
  });

  it('shutdown while a retry waits: it is not committed, and the next start has it again', async () => {
    const { service, topic, group } = await start();
    const failed = deferred();
    await service.subscribe(
      'orders',
      group,
      async ({ data }) => {
        if (data.orderId === 'b') {
          failed.resolve();
          throw new Error('later');
        }
      },
      { retry: { attempts: 5, initialDelayMs: 60_000, maxDelayMs: 60_000, jitter: 'none' } },
    );
    await publishAll(service, ['a', 'b', 'c']);
    await failed.promise;
    await service.shutdown();

    const second = await start({ topic, group });
    const seen = [];
    await second.service.subscribe('orders', group, async ({ data }) => seen.push(data.orderId));
    await until(() => seen.length === 2);
    expect(seen).toEqual(['b', 'c']);
  });

  it('says in its health who is connected, what it consumes and how far behind', async () => {
    const { service, topic, group } = await start();
    await publishAll(service, ['a', 'b']);
    const gate = deferred();
    const second = deferred();
    await service.subscribe('orders', group, async ({ data }) => {
      if (data.orderId === 'b') {
        second.resolve();
        await gate.promise;
      }
    });
    await second.promise;
    const health = await service.healthCheck();
    expect(health).toMatchObject({
      status: 'up',
      connected: true,
      producer: true,
      consumers: 1,
      brokers: broker.bootstrap,
      reasons: [],
      groups: [
        {
          groupId: group,
          state: 'consuming',
          partitions: [{ topic, partition: 0, lag: 1 }],
          lag: 1,
        },
      ],
    });
    gate.resolve();
    await service.shutdown();
    await expect(service.healthCheck()).resolves.toMatchObject({
      status: 'down',
      connected: false,
      reasons: ['the service is closed'],
    });
  });

  it('one more subscription of a group joins its consumer', async () => {
    const { service, topic, group } = await start();
    const other = unique('other');
    await broker.createTopic(other, 1);
    const seen = [];
    await service.subscribe(topic, group, async ({ data }) => seen.push(data.orderId));
    await service.subscribe(other, group, async (event) => seen.push(event.word));
    await publishAll(service, ['a']);
    await service.publishEvent(other, { word: 'b' });
    await until(() => seen.length === 2);
    expect(seen.sort()).toEqual(['a', 'b']);
    expect(service.subscriptions.size).toBe(1);
    await expect(service.subscribe(topic, group, () => {})).rejects.toMatchObject({
      message: expect.stringContaining('has a handler'),
    });
  });

  it('refuses work after shutdown, and shutdown may be called twice', async () => {
    const { service, group } = await start();
    await Promise.all([service.shutdown(), service.shutdown()]);
    await expect(service.publish('orders', created('a'))).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_CLOSED',
    });
    await expect(service.subscribe('orders', group, () => {})).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_CLOSED',
    });
  });
}

module.exports = { serviceSuite };
