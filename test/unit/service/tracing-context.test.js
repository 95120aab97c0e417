'use strict';

const {
  extract,
  formatTraceparent,
  fromIds,
  inject,
  newSpanId,
  newTraceId,
  parseTraceparent,
  parseTracestate,
} = require('../../../lib/service/tracing/trace-context');

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const PARENT = `00-${TRACE}-${SPAN}-01`;

describe('traceparent', () => {
  test('there and back', () => {
    expect(parseTraceparent(PARENT)).toEqual({ traceId: TRACE, spanId: SPAN, flags: 1 });
    expect(formatTraceparent(parseTraceparent(PARENT))).toBe(PARENT);
  });

  test.each([
    ['not sampled', `00-${TRACE}-${SPAN}-00`, 0],
    ['random flag of level 2', `00-${TRACE}-${SPAN}-03`, 3],
    ['unknown flags are dropped', `00-${TRACE}-${SPAN}-ff`, 3],
    ['a later version', `cc-${TRACE}-${SPAN}-01`, 1],
    ['a later version with more fields', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be`, 1],
  ])('%s', (_, text, flags) => {
    const context = parseTraceparent(text);
    expect(context).toMatchObject({ traceId: TRACE, spanId: SPAN, flags });
    expect(formatTraceparent(context)).toMatch(/^00-/);
  });

  test.each([
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['version 00 with more fields', `${PARENT}-x`],
    ['a later version with something appended', `cc-${TRACE}-${SPAN}-01.x`],
    ['upper case', PARENT.toUpperCase()],
    ['no trace id', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['no span id', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['short flags', `00-${TRACE}-${SPAN}-1`],
    ['no hexadecimal digit', `00-${TRACE.replace('4', 'g')}-${SPAN}-01`],
    ['a blank in front', ` ${PARENT}`],
    ['a line behind', `${PARENT}\n`],
    ['nothing', ''],
    ['no text', undefined],
  ])('invalid: %s', (_, text) => {
    expect(parseTraceparent(text)).toBeNull();
  });
});

describe('tracestate', () => {
  test.each([
    ['foo=1', [['foo', '1']]],
    ['foo=1,bar=2', [['foo', '1'], ['bar', '2']]], // prettier-ignore
    ['foo=1 \t, \tbar=2', [['foo', '1'], ['bar', '2']]], // prettier-ignore
    ['foo=1,,bar=2,', [['foo', '1'], ['bar', '2']]], // prettier-ignore
    ['t61rcwkgmze@vendor=x', [['t61rcwkgmze@vendor', 'x']]],
    ['a=b c', [['a', 'b c']]],
    [`${'z'.repeat(256)}=1`, [['z'.repeat(256), '1']]],
    [['foo=1', 'bar=2'], [['foo', '1'], ['bar', '2']]], // prettier-ignore
  ])('%j', (text, entries) => {
    expect(parseTracestate(text)).toEqual(entries);
  });

  test.each([
    ['Foo=1'],
    ['foo'],
    ['foo='],
    ['=1'],
    ['foo=1,foo=2'],
    ['foo@=1'],
    ['foo@@bar=1'],
    ['foo=a=b'],
    ['foo=\u00e9'],
    [`${'z'.repeat(257)}=1`],
    [`a=${'x'.repeat(257)}`],
    [Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(',')],
  ])('invalid: %j', (text) => {
    expect(parseTracestate(text)).toBeNull();
  });
});

describe('Kafka headers', () => {
  const context = { traceId: TRACE, spanId: SPAN, flags: 1, tracestate: 'foo=1' };

  test('there and back, as a consumer sees them: Buffers', () => {
    const headers = inject({ other: 'x' }, context);
    expect(headers).toEqual({ other: 'x', traceparent: PARENT, tracestate: 'foo=1' });
    const received = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]),
    );
    expect(extract(received)).toEqual(context);
  });

  test('inject() replaces what was there, and leaves its argument as it is', () => {
    const headers = { Traceparent: 'old', tracestate: 'old=1' };
    expect(inject(headers, { ...context, tracestate: undefined })).toEqual({ traceparent: PARENT });
    expect(headers.Traceparent).toBe('old');
  });

  test('two parents are none, two states are one list, a bad state is dropped alone', () => {
    expect(extract({ traceparent: [PARENT, PARENT] })).toBeNull();
    expect(extract({ traceparent: PARENT, tracestate: ['a=1', 'b=2'] }).tracestate).toBe('a=1,b=2');
    expect(extract({ traceparent: PARENT, tracestate: 'A=1' })).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      flags: 1,
    });
    expect(extract({ tracestate: 'a=1' })).toBeNull();
    expect(extract(undefined)).toBeNull();
  });
});

describe('ids of an envelope', () => {
  test.each([
    ['W3C ids', TRACE, SPAN, TRACE, SPAN],
    ['upper case', TRACE.toUpperCase(), SPAN.toUpperCase(), TRACE, SPAN],
    ['a UUID', '4bf92f35-77b3-4da6-a3ce-929d0e0e4736', SPAN, TRACE, SPAN],
    ['64 bits', SPAN, SPAN, SPAN.padStart(32, '0'), SPAN],
  ])('%s', (_, traceId, spanId, wantedTrace, wantedSpan) => {
    expect(fromIds({ traceId, spanId })).toEqual({
      traceId: wantedTrace,
      spanId: wantedSpan,
      flags: 1,
    });
  });

  test('other texts are hashed, the same everywhere, into valid ids', () => {
    const ids = { traceId: 'trace-id-string', spanId: 'span-id-string' };
    const context = fromIds(ids);
    expect(fromIds(ids)).toEqual(context);
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
    expect(fromIds({ traceId: 'another' }).traceId).not.toBe(context.traceId);
  });

  test('a span id that is missing is made from the trace; without a trace id there is nothing', () => {
    expect(parseTraceparent(formatTraceparent(fromIds({ traceId: TRACE })))).not.toBeNull();
    expect(fromIds({ spanId: SPAN })).toBeNull();
    expect(fromIds(undefined)).toBeNull();
  });
});

test('new ids are valid', () => {
  const text = formatTraceparent({ traceId: newTraceId(), spanId: newSpanId() });
  expect(parseTraceparent(text)).not.toBeNull();
});
