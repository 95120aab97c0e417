'use strict';

const { Kafka, KafkaJSInvalidOptionError, StatusHub } = require('../../../lib');
const { hubOptions, nativeOptions } = require('../../../lib/hub/options');

const base = { topics: ['t'], channel: '{id}' };
const kafka = new Kafka({ brokers: ['localhost:1'], logLevel: 0 });

test('defaults', () => {
  const options = hubOptions(base);
  expect(options).toMatchObject({
    topics: [{ topic: 't' }],
    path: '/status',
    from: 'window',
    window: { ms: 86_400_000 },
    compression: { thresholdBytes: 1_024 },
    publish: null,
    anonymous: null,
    overflow: 'gap',
    transport: 'auto',
  });
  expect(options.shards).toBeGreaterThanOrEqual(1);
});

test('what is given is what counts, beside the other defaults', () => {
  const options = hubOptions({
    ...base,
    topics: ['a', { topic: 'b', compacted: true }],
    limits: { messageBytes: 10 },
    compression: false,
    origins: ['https://A.example'],
    anonymous: { allow: ['*'] },
  });
  expect(options.topics).toEqual([{ topic: 'a' }, { topic: 'b', compacted: true }]);
  expect(options.limits).toMatchObject({ messageBytes: 10, patterns: 100 });
  expect(options.compression).toBeNull();
  expect(options.origins).toEqual(new Set(['https://a.example']));
  expect(options.anonymous).toMatchObject({ subject: '', allow: ['*'], publish: [] });
});

test('the native hub is told what is its own', () => {
  const options = hubOptions({ ...base, publish: { r: { topic: 'x' } }, overflow: 'close' });
  expect(nativeOptions(options, { asksAuthorize: true })).toEqual({
    shards: options.shards,
    channel: '{id}',
    store: options.store,
    pingIntervalMs: 25_000,
    authenticateMs: 10_000,
    limits: expect.not.objectContaining({ connections: expect.anything() }),
    overflow: 'close',
    compression: { thresholdBytes: 1_024 },
    asksAuthorize: true,
    publish: true,
    expiryNoticeMs: 60_000,
  });
});

test.each([
  [undefined, /an object for new StatusHub\(\)/],
  [{ channel: '{id}' }, /for topics but received undefined/],
  [{ topics: ['t'] }, /for channel but received undefined/],
  [{ ...base, topics: [] }, /for topics/],
  [{ ...base, topics: ['t', 't'] }, /topics has t twice/],
  [{ ...base, topics: [{ topic: 't', compact: true }] }, /Unknown option "topics\[0\].compact"/],
  [{ ...base, channel: 'task' }, /for channel/],
  [{ ...base, channel: 'task/{id' }, /for channel/],
  [{ ...base, channel: 'task/{id}}' }, /for channel/],
  [{ ...base, channel: 'task/*/{id}' }, /for channel/],
  [{ ...base, channle: 'x' }, /Unknown option "channle".*did you mean "channel"/],
  [{ ...base, path: 'status' }, /for path/],
  [{ ...base, path: '/status?a' }, /for path/],
  [{ ...base, limits: { conections: 1 } }, /Unknown option "limits.conections"/],
  [{ ...base, limits: { slowMs: 0 } }, /an integer from 1 to 2147483647 for limits.slowMs/],
  [{ ...base, store: { maxBytes: '1' } }, /for store.maxBytes/],
  [{ ...base, window: 5 }, /for window/],
  [{ ...base, from: 'end' }, /one of 'window', 'beginning' for from/],
  [{ ...base, origins: ['app.example'] }, /for origins/],
  [{ ...base, origins: ['https://app.example/'] }, /for origins/],
  [{ ...base, anonymous: { allow: '*' } }, /anonymous: allow/],
  [{ ...base, anonymous: {} }, /anonymous: allow/],
  [{ ...base, compression: { level: 1 } }, /Unknown option "compression.level"/],
  [{ ...base, publish: { r: {} } }, /a non-empty string for publish\['r'\]\.topic/],
  [{ ...base, publish: { r: { topic: 'x', schema: true } } }, /publish\['r'\]\.schema/],
  [{ ...base, transport: 'tcp' }, /for transport/],
  [{ ...base, metricsRegistry: {} }, /a Registry of prom-client/],
])('%j is refused', (options, message) => {
  expect(() => new StatusHub(kafka, options)).toThrow(message);
  expect(() => new StatusHub(kafka, options)).toThrow(KafkaJSInvalidOptionError);
});

test('a schema that cannot be used is found when the hub is made', () => {
  const publish = { r: { topic: 'x', schema: { type: 'nothing' } } };
  expect(() => new StatusHub(kafka, { ...base, publish })).toThrow(/publish\['r'\]\.schema/);
});

test('only a Kafka object or a service will do', () => {
  expect(() => new StatusHub({}, base)).toThrow(/a Kafka object or a KafkaService/);
});

test('attach() without anybody to ask who a request is is refused, with what to do', async () => {
  const hub = new StatusHub(kafka, base);
  const server = require('node:http').createServer();
  await expect(hub.attach(server)).rejects.toThrow(/hub\.authenticate\(fn\).*anonymous: \{ allow/);
  await expect(hub.attach({})).rejects.toThrow(/a server of node:http/);
  await hub.close();
  expect(hub.state).toBe('closed');
  await expect(hub.attach(server)).rejects.toMatchObject({ errorCode: 'ERR_KAFKA_CLOSED' });
  await expect(hub.whenReady()).rejects.toMatchObject({ errorCode: 'ERR_KAFKA_CLOSED' });
});
