'use strict';

const { checkOrigin, corsHeaders } = require('../../../lib/hub/origin');
const {
  describeRequest,
  headerBytes,
  parseCookies,
  splitTarget,
} = require('../../../lib/hub/request');
const { isEventSource, subscribeMessage } = require('../../../lib/hub/event-source');

test.each([
  ['/status', '/status', ''],
  ['/status?a=1&a=2', '/status', 'a=1&a=2'],
  ['http://host:80/status?x', '/status', 'x='],
  ['http://host', '/', ''],
  ['/a/http://b/status', '/a/http://b/status', ''],
])('the path of %s', (url, path, query) => {
  expect(splitTarget(url).path).toBe(path);
  expect(splitTarget(url).query.toString()).toBe(query);
});

test('cookies: the first of a name counts, nothing is inherited, broken escapes stay', () => {
  const cookies = parseCookies('a=1; a=2; b="x y"; c=%20; d=%; =e; f; __proto__=g');
  expect({ ...cookies }).toEqual({ a: '1', b: 'x y', c: ' ', d: '%', ['__proto__']: 'g' });
  expect(cookies.toString).toBeUndefined();
});

test('the token is that of the subprotocol, else of the Authorization header', () => {
  const asked = (authorization, token) =>
    describeRequest({ headers: { authorization }, url: '/' }, token).token;
  expect(asked('Bearer abc.def')).toBe('abc.def');
  expect(asked('Bearer abc', 'own')).toBe('own');
  expect(asked('Basic abc')).toBeUndefined();
  expect(asked(undefined)).toBeUndefined();
});

test('bytes of the headers as they came', () => {
  expect(headerBytes({ rawHeaders: ['Host', 'a', 'X', 'bcd'] })).toBe(17);
});

describe('origins', () => {
  const refused = (headers, origins) => {
    try {
      checkOrigin(headers, origins);
      return null;
    } catch (error) {
      return error.status;
    }
  };

  test.each([
    [undefined, 'app.example', null],
    ['https://app.example', 'app.example', null],
    ['http://app.example:8080', 'app.example:8080', null],
    ['https://APP.example', 'app.EXAMPLE', null],
    ['https://app.example', 'app.example:8080', 403],
    ['https://app.example.evil', 'app.example', 403],
    ['https://evil/app.example', 'app.example', 403],
    ['null', 'app.example', 403],
    ['null', '', 403],
    ['file://', '', 403],
  ])('%s at the host %s', (origin, host, status) => {
    expect(refused({ origin, host })).toBe(status);
  });

  test('of an allow-list, and all', () => {
    const origins = new Set(['https://a.example']);
    expect(refused({ origin: 'https://A.example', host: 'x' }, origins)).toBeNull();
    expect(refused({ origin: 'https://x', host: 'x' }, origins)).toBe(403);
    expect(refused({ origin: 'null', host: 'x' }, '*')).toBeNull();
  });

  test('CORS names an allowed origin only, and credentials never for all', () => {
    const origins = new Set(['https://a.example']);
    expect(corsHeaders({ origin: 'https://a.example' }, origins)).toMatchObject({
      'Access-Control-Allow-Origin': 'https://a.example',
      'Access-Control-Allow-Credentials': 'true',
    });
    expect(corsHeaders({ origin: 'https://b.example' }, origins)).toEqual({ Vary: 'Origin' });
    expect(corsHeaders({ origin: 'https://b.example' }, '*')).toEqual({
      'Access-Control-Allow-Origin': '*',
    });
    expect(corsHeaders({ origin: 'https://a.example' }, undefined)).toEqual({});
  });
});

describe('server-sent events', () => {
  test.each([
    ['GET', 'text/event-stream', true],
    ['GET', 'text/html, Text/Event-Stream;q=0.9', true],
    ['GET', 'text/html', false],
    ['GET', undefined, false],
    ['POST', 'text/event-stream', false],
  ])('%s %s', (method, accept, is) => {
    expect(isEventSource({ method, headers: { accept } })).toBe(is);
  });

  test('a query stands for a subscription', () => {
    const query = new URLSearchParams({
      channel: 'task/*',
      mode: 'all',
      maxRateMs: '250',
      filter: '{"status":"failed"}',
    });
    query.append('channel', 'org/a');
    expect(subscribeMessage(query, 'e~t~0:1')).toEqual({
      type: 'subscribe',
      id: 0,
      channels: ['task/*', 'org/a'],
      mode: 'all',
      maxRateMs: 250,
      filter: { status: 'failed' },
      since: 'e~t~0:1',
    });
    expect(subscribeMessage(new URLSearchParams('channel=a'), undefined)).toEqual({
      type: 'subscribe',
      id: 0,
      channels: ['a'],
    });
  });

  test.each([
    '',
    'channel=a&filter=x',
    'channel=a&filter=[]',
    'channel=a&maxRateMs=-1',
    'channel=a&maxRateMs=1e3',
    'channel=a&mode=all&mode=latest',
  ])('the query "%s" is refused', (query) => {
    expect(() => subscribeMessage(new URLSearchParams(query))).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  });
});
