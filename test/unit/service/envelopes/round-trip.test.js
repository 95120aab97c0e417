'use strict';

// decode(encode(x)) is x, whatever x is, also after the trip through Kafka, where headers are bytes.

const fc = require('fast-check');
const { envelopes, envelope, decodeMessage } = require('../../../../lib/service');

const RUNS = { numRuns: 50 };

const hex = (length) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
    .filter((id) => !/^0+$/.test(id));

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const time = fc
  .date({ min: new Date('1970-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** JSON objects; `-0` and `__proto__` are not what JSON gives back. */
const jsonObject = fc
  .dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 })
  .map((value) => JSON.parse(JSON.stringify(value)));

const w3c = fc
  .record({ traceId: hex(32), spanId: hex(16), tracestate: fc.option(text, { nil: undefined }) })
  .map(({ traceId, spanId, tracestate }) => ({
    traceId,
    spanId,
    traceparent: `00-${traceId}-${spanId}-01`,
    ...(tracestate !== undefined && { tracestate }),
  }));
const otherIds = fc.record({
  traceId: fc.constant('trace-id-string'),
  spanId: fc.constant('span-id-string'),
});

const correlation = fc
  .tuple(
    fc.record({ correlationId: text, parentCorrelationId: text }, { requiredKeys: [] }),
    fc.oneof(fc.constant({}), w3c, otherIds),
  )
  .map(([names, trace]) => ({ ...names, ...trace }));

const context = fc
  .tuple(correlation, fc.record({ eventId: text, time }))
  .map(([causes, own]) => ({ ...causes, ...own }));

const attributes = fc.dictionary(
  fc.stringMatching(/^x[a-z0-9]{1,8}$/),
  fc.string({ maxLength: 10 }),
  { maxKeys: 3 },
);
const freeMetadata = fc
  .dictionary(fc.stringMatching(/^x[a-zA-Z]{1,8}$/), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)));

/** What may come for each envelope; Task Manager's id is its task's or request's. */
const inputs = {
  easyflow: {
    metadata: freeMetadata,
    data: jsonObject.map((data) => ({ ...data, taskId: 't-1' })),
  },
  bare: { metadata: freeMetadata, data: jsonObject },
  'task-manager': {
    metadata: fc.oneof(
      fc.record({ taskId: text, taskType: text }),
      fc.record({ requestId: text, requestType: text }),
    ),
    data: jsonObject,
  },
  officeflow: { metadata: freeMetadata, data: jsonObject },
  etelios: { metadata: freeMetadata, data: jsonObject },
  spm: { metadata: freeMetadata, data: jsonObject },
  cloudevents: {
    metadata: attributes,
    data: fc.jsonValue().map((v) => JSON.parse(JSON.stringify(v))),
  },
  'cloudevents-binary': {
    metadata: attributes,
    data: fc.jsonValue().map((v) => JSON.parse(JSON.stringify(v))),
  },
};

/** As a consumer gets it. */
function throughKafka({ value, headers }) {
  const bytes = Object.entries(headers).map(([name, header]) => [name, Buffer.from(header)]);
  return [value === null ? null : Buffer.from(value), Object.fromEntries(bytes)];
}

test('every envelope has its inputs here', () => {
  expect(Object.keys(inputs).sort()).toEqual(Object.keys(envelopes).sort());
});

describe.each(Object.keys(inputs))('%s', (name) => {
  const { encode, decode, recognises } = envelope(name);
  const input = fc.record({
    type: text,
    data: inputs[name].data,
    metadata: inputs[name].metadata,
    context,
  });

  test('decode(encode(x)) is x', () => {
    fc.assert(
      fc.property(input, (x) => {
        const message = throughKafka(encode(x));
        const { eventId, time: at, ...causes } = x.context;
        const decoded = decode(...message);
        expect(decoded).toMatchObject({
          type: x.type,
          id: eventId,
          time: at,
          metadata: x.metadata,
        });
        expect(decoded.payload).toEqual(x.data);
        expect(decoded.correlation).toEqual(causes);
        expect(recognises(...message)).toBe(true);
      }),
      RUNS,
    );
  });

  test('what was decoded, encoded again, is the same message', () => {
    fc.assert(
      fc.property(input, (x) => {
        const first = decode(...throughKafka(encode(x)));
        const { type, payload: data, metadata } = first;
        const again = { ...first.correlation, eventId: first.id, time: first.time };
        const second = decode(
          ...throughKafka(encode({ type, data, metadata: own(name, metadata), context: again })),
        );
        expect(second).toEqual(first);
      }),
      RUNS,
    );
  });

  test('id and time are made where they are not given, and differ', () => {
    const data = { taskId: 't', message: 'm' };
    const ids = [1, 2].map(() => {
      const metadata = name === 'task-manager' ? { requestId: undefined } : {};
      const decoded = decode(
        ...throughKafka(
          encode({ type: 'a.request', data: name === 'task-manager' ? {} : data, metadata }),
        ),
      );
      expect(Math.abs(Date.now() - Date.parse(decoded.time))).toBeLessThan(60_000);
      return decoded.id;
    });
    expect(new Set(ids).size).toBe(2);
  });

  test('any bytes are decoded or refused with an EnvelopeError that says why', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.json().map((json) => Buffer.from(json)),
      jsonObject.map((value) => Buffer.from(JSON.stringify(value))),
      fc
        .record(
          {
            headers: fc.jsonValue(),
            message: fc.jsonValue(),
            type: fc.jsonValue(),
            data: fc.jsonValue(),
            payload: fc.jsonValue(),
            metadata: fc.jsonValue(),
            specversion: fc.constant('1.0'),
          },
          { requiredKeys: [] },
        )
        .map((value) => Buffer.from(JSON.stringify(value))),
      fc.constant(null),
    );
    const headers = fc.dictionary(
      fc.constantFrom(
        'ce_specversion',
        'ce_id',
        'ce_type',
        'ce_source',
        'content-type',
        'event-metadata',
        'event-time',
        'traceparent',
      ),
      fc.oneof(
        fc.uint8Array().map((b) => Buffer.from(b)),
        fc.string(),
        fc.constant('1.0'),
      ),
    );
    fc.assert(
      fc.property(bytes, headers, (value, kafkaHeaders) => {
        expect(typeof recognises(value, kafkaHeaders)).toBe('boolean');
        for (const read of [
          () => decode(value, kafkaHeaders),
          () => decodeMessage([name, 'bare'], value, kafkaHeaders),
        ]) {
          try {
            read();
          } catch (error) {
            expect(error).toMatchObject({
              name: 'EnvelopeError',
              reason: expect.stringMatching(/./),
            });
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Metadata as a user gives it: what the envelope itself puts there comes from elsewhere. */
function own(name, metadata) {
  if (!name.startsWith('cloudevents')) return metadata;
  const rest = { ...metadata };
  delete rest.specversion;
  delete rest.type;
  return rest;
}
