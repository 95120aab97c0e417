'use strict';

const { Kafka, KafkaJSInvalidOptionError, StatusHub } = require('../../../lib');
const native = require('../../../lib/binding');
const { hubOptions, nativeOptions } = require('../../../lib/hub/options');
const { KafkaService, loadCatalog } = require('../../../lib/service');

const base = { topics: ['t'], channel: '{id}' };
const kafka = new Kafka({ brokers: ['localhost:1'], logLevel: 0 });

test('defaults', () => {
  const options = hubOptions(base);
  expect(options).toMatchObject({
    topics: [{ topic: 't', channel: '{id}' }],
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
    topics: ['a', { topic: 'b', compacted: true, channel: 'b/{key}' }],
    limits: { messageBytes: 10 },
    compression: false,
    origins: ['https://A.example'],
    anonymous: { allow: ['*'] },
  });
  expect(options.topics).toEqual([
    { topic: 'a', channel: '{id}' },
    { topic: 'b', compacted: true, channel: 'b/{key}' },
  ]);
  expect(options.limits).toMatchObject({ messageBytes: 10, patterns: 100 });
  expect(options.compression).toBeNull();
  expect(options.origins).toEqual(new Set(['https://a.example']));
  expect(options.anonymous).toMatchObject({ subject: '', allow: ['*'], publish: [] });
});

test('the native hub is told what is its own', () => {
  const options = hubOptions({ ...base, publish: { r: { topic: 'x' } }, overflow: 'close' });
  expect(nativeOptions(options, { asksAuthorize: true })).toEqual({
    shards: options.shards,
    channels: { t: '{id}' },
    store: options.store,
    pingIntervalMs: 25_000,
    authenticateMs: 10_000,
    limits: expect.not.objectContaining({ connections: expect.anything() }),
    overflow: 'close',
    compression: { thresholdBytes: 1_024 },
    asksAuthorize: true,
    publish: true,
    transforms: false,
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
  [{ ...base, channel: '{a..b}' }, /for channel/],
  [{ ...base, channel: '{a||b}' }, /for channel/],
  [{ ...base, channel: '{header:}' }, /for channel/],
  [{ topics: [{ topic: 't', channel: 'x' }] }, /a template .* for topics\[0\]\.channel/],
  [
    { topics: [{ topic: 't', channel: '{id}' }, 'u'] },
    /a template .* for channel but received undefined/,
  ],
  [{ ...base, catalgo: 'spm' }, /Unknown option "catalgo".*did you mean "catalog"/],
  [{ catalog: 'smp' }, /one of easyflow, .* \(did you mean spm\?\)/],
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
  [{ ...base, transform: {} }, /a function for transform/],
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

test.each([
  '{a}',
  'x/{a.b-c}',
  '{key}',
  '{header:a.b}/y',
  '{a|b.c|header:h|key}',
  '{a b}',
  'ä/{ö}',
])('the channel %s is one for the native hub too', (channel) => {
  const options = nativeOptions(hubOptions({ topics: ['t'], channel }), { asksAuthorize: false });
  const hub = new native.Hub(JSON.stringify(options), () => {});
  hub.stop();
});

describe('catalogs', () => {
  const topicsOf = (given, service) =>
    hubOptions(given, service).topics.map(({ topic, channel }) => `${topic} ${channel}`);
  const STATUS = 'task/{message.taskId|headers.taskId}';
  const REQUEST = 'request/{headers.requestId|headers.taskId|key}';
  let env;
  beforeEach(() => {
    env = process.env;
    process.env = { ...env };
    delete process.env.DEMO_ORG_ID;
  });
  afterEach(() => {
    process.env = env;
  });

  test('give their topics and channels, under the names that the environment gives', () => {
    expect(topicsOf({ catalog: 'task-manager' })).toEqual([
      `task-status ${STATUS}`,
      `requests-web-crawl ${REQUEST}`,
    ]);
    process.env.TASK_STATUS_TOPIC = 'prod.status';
    expect(topicsOf({ catalog: 'task-manager' })[0]).toBe(`prod.status ${STATUS}`);
    expect(topicsOf({ catalog: 'task-manager', topics: ['task-status'] })).toEqual([
      `prod.status ${STATUS}`,
    ]);
    expect(topicsOf({ catalog: loadCatalog('task-manager') })[0]).toBe(`task-status ${STATUS}`);
  });

  test('of a service have what its configuration says', () => {
    const service = new KafkaService({
      catalog: 'task-manager',
      brokers: ['localhost:1'],
      env: {},
      file: null,
      topics: { 'task-status': 'of-the-service' },
    });
    expect(topicsOf({}, service)[0]).toBe(`of-the-service ${STATUS}`);
    expect(topicsOf({ catalog: 'easyflow' }, service)).toEqual([
      'status-updates {entityType}/{entityId}',
    ]);
    expect(() => new StatusHub(service)).not.toThrow();
    expect(() => new StatusHub(service.kafka)).toThrow(/an object for new StatusHub\(\)/);
  });

  test('count less than what is given', () => {
    expect(topicsOf({ catalog: 'easyflow', channel: 'e/{entityId}' })).toEqual([
      'status-updates e/{entityId}',
    ]);
    const topics = ['status-updates', { topic: 'automation-results', channel: 'r/{taskId}' }];
    expect(topicsOf({ catalog: 'easyflow', topics })).toEqual([
      'status-updates {entityType}/{entityId}',
      'automation-results r/{taskId}',
    ]);
    expect(() => topicsOf({ catalog: 'easyflow', topics: ['automation-results'] })).toThrow(
      /a template .* for channel but received undefined/,
    );
    expect(() => topicsOf({ catalog: 'easyflow', topics: ['elsewhere'] })).toThrow(/for channel/);
  });

  test('by organization keep the organizations apart', () => {
    const run = (topics) => topics.filter((topic) => topic.startsWith('employee.onboard'));
    expect(run(topicsOf({ catalog: 'officeflow' }))).toEqual([]);
    const channel = (org) =>
      `employee.onboard.${org} org/${org}/employee/{metadata.employeeId|payload.employeeId}`;
    process.env.DEMO_ORG_ID = 'acme';
    expect(run(topicsOf({ catalog: 'officeflow' }))).toEqual([channel('acme')]);
    const topics = ['employee.onboard.acme', 'employee.onboard.globex'];
    expect(topicsOf({ catalog: 'officeflow', topics })).toEqual([
      channel('acme'),
      channel('globex'),
    ]);
  });

  test('without a channel are refused', () => {
    const data = { ...loadCatalog('easyflow').toJSON() };
    data.topics = data.topics.map(({ channel: _, ...topic }) => topic);
    expect(() => hubOptions({ catalog: data })).toThrow(/names no channel.*say topics and channel/);
    expect(() => hubOptions({ catalog: { ...data, topics: 5 } })).toThrow(
      /The catalog catalog has/,
    );
  });
});
