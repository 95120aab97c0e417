'use strict';

const diagnostics = require('node:diagnostics_channel');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const api = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const conventions = require('@opentelemetry/semantic-conventions/incubating');
const {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  AlwaysOffSampler,
} = require('@opentelemetry/sdk-trace-base');
const {
  CorrelationTracker,
  tracedProcess,
  tracedPublish,
} = require('../../../lib/service/tracing');
const { extract } = require('../../../lib/service/tracing/trace-context');

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const PARENT = `00-${TRACE}-${SPAN}-01`;

let exporter;
let tracker;

function useSdk(options) {
  exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    ...options,
  });
  api.trace.setGlobalTracerProvider(provider);
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

beforeEach(() => {
  tracker = new CorrelationTracker();
});
afterEach(() => {
  api.trace.disable();
  api.context.disable();
});

const sent = (messages) => messages.map(() => ({ partition: 2, baseOffset: '17' }));
const publish = (what, send = async (messages) => sent(messages)) =>
  tracedPublish({ topic: 't', messages: [{ value: 'x' }], ...what }, send, tracker);
const consumed = (rest) => ({
  topic: 't',
  partition: 1,
  message: { offset: '5', key: Buffer.from('k'), value: Buffer.from('abc'), headers: {} },
  ...rest,
});

describe('with an SDK', () => {
  beforeEach(() => useSdk());

  test('a send is a PRODUCER span whose context is in the headers', async () => {
    let headers;
    await publish(
      {
        messages: [{ key: 'k', value: 'äb', headers: { own: 'x' } }],
        clientId: 'me',
        eventId: 'e-1',
        correlationId: 'c-1',
      },
      async (messages) => {
        headers = messages[0].headers;
        return sent(messages);
      },
    );
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({ name: 'send t', kind: api.SpanKind.PRODUCER });
    expect(span.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 't',
      'messaging.destination.partition.id': '2',
      'messaging.client.id': 'me',
      'messaging.message.id': 'e-1',
      'messaging.message.conversation_id': 'c-1',
      'messaging.message.body.size': 3,
      'messaging.kafka.message.key': 'k',
      'messaging.kafka.offset': 17,
    });
    expect(headers.own).toBe('x');
    expect(extract(headers)).toMatchObject(ids(span));
  });

  test('several messages: one span with their number', async () => {
    await publish({ messages: [{ value: 'x' }, { value: 'y' }] });
    const [{ attributes }] = exporter.getFinishedSpans();
    expect(attributes['messaging.batch.message_count']).toBe(2);
    expect(attributes).not.toHaveProperty(['messaging.kafka.offset']);
  });

  test('a handler is a CONSUMER span below the sender, and its own sends are below it', async () => {
    const what = consumed({
      group: 'g',
      message: { ...consumed().message, headers: { traceparent: PARENT, tracestate: 'a=1' } },
      correlation: { correlationId: 'c-1', organizationId: 'o' },
    });
    const context = await tracedProcess(
      what,
      async () => {
        await publish();
        return tracker.getContext();
      },
      tracker,
    );
    const [send, process] = exporter.getFinishedSpans();
    expect(process).toMatchObject({ name: 'process t', kind: api.SpanKind.CONSUMER });
    expect(process.parentSpanContext).toMatchObject({
      traceId: TRACE,
      spanId: SPAN,
      isRemote: true,
    });
    expect(process.attributes).toMatchObject({
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': 'g',
      'messaging.destination.partition.id': '1',
      'messaging.kafka.offset': 5,
      'messaging.kafka.message.key': 'k',
      'messaging.message.conversation_id': 'c-1',
    });
    expect(ids(send).traceId).toBe(TRACE);
    expect(send.parentSpanContext.spanId).toBe(ids(process).spanId);
    expect(context).toMatchObject({
      correlationId: 'c-1',
      organizationId: 'o',
      tracestate: 'a=1',
      ...ids(process),
    });
  });

  test("the envelope's context counts where the headers have none", async () => {
    await tracedProcess(
      consumed({ correlation: { traceparent: PARENT } }),
      async () => {},
      tracker,
    );
    expect(exporter.getFinishedSpans()[0].parentSpanContext.spanId).toBe(SPAN);
  });

  test('a send inside a CorrelationTracker context belongs to its trace', async () => {
    const context = tracker.createContext();
    await tracker.run(context, () => publish());
    const [span] = exporter.getFinishedSpans();
    expect(span.parentSpanContext).toMatchObject({
      traceId: context.traceId,
      spanId: context.spanId,
    });
  });

  test.each([
    ['send', (error) => publish({}, async () => Promise.reject(error))],
    ['process', (error) => tracedProcess(consumed(), async () => Promise.reject(error), tracker)],
  ])('a %s that fails says why', async (_, run) => {
    const error = Object.assign(new Error('broken'), { errorCode: 'ERR_KAFKA_TIMEOUT' });
    await expect(run(error)).rejects.toBe(error);
    const [span] = exporter.getFinishedSpans();
    expect(span.status).toEqual({ code: api.SpanStatusCode.ERROR, message: 'broken' });
    expect(span.attributes['error.type']).toBe('ERR_KAFKA_TIMEOUT');
    expect(span.events[0].name).toBe('exception');
  });

  test('a handler that throws before it is asynchronous ends its span', async () => {
    const handle = () => {
      throw new TypeError('bug');
    };
    await expect(tracedProcess(consumed(), handle, tracker)).rejects.toThrow('bug');
    expect(exporter.getFinishedSpans()[0].attributes['error.type']).toBe('TypeError');
  });

  test('all attributes are names of the conventions', async () => {
    await publish({ messages: [{ key: 'k', value: null }], clientId: 'c', eventId: 'e' });
    await publish({ messages: [{ value: 'x' }, { value: 'y' }] });
    await tracedProcess(
      consumed({ group: 'g', correlation: { correlationId: 'c' } }),
      async () => {},
      tracker,
    );
    await publish({}, async () => Promise.reject(new Error('x'))).catch(() => {});
    const used = exporter.getFinishedSpans().flatMap(({ attributes }) => Object.keys(attributes));
    const known = new Set(Object.values(conventions));
    expect(used.length).toBeGreaterThan(20);
    expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([]);
  });
});

function ids(span) {
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
}

test('what the sampler left out is passed on as not sampled', async () => {
  useSdk({ sampler: new AlwaysOffSampler() });
  let headers;
  await publish({}, async ([message]) => {
    headers = message.headers;
    return [];
  });
  expect(extract(headers).flags & 1).toBe(0);
  expect(exporter.getFinishedSpans()).toEqual([]);
});

describe('without an SDK', () => {
  test('messages go as they are, no span is made up', async () => {
    const messages = [{ value: 'x' }];
    await publish({ messages }, async (given) => {
      expect(given).toBe(messages);
      return [];
    });
  });

  test('a context is passed on unchanged: nobody records what would stand between', async () => {
    const message = { ...consumed().message, headers: { traceparent: PARENT, tracestate: 'a=1' } };
    const headers = await tracedProcess(
      consumed({ message }),
      () => publish({}, async ([{ headers }]) => headers),
      tracker,
    );
    expect(headers).toEqual({ traceparent: PARENT, tracestate: 'a=1' });
  });

  test('a message that has a context keeps it', async () => {
    const own = { traceparent: `00-${'a'.repeat(32)}-${SPAN}-01` };
    await tracker.run(tracker.createContext(), () =>
      publish({ messages: [{ value: 'x', headers: own }] }, async ([{ headers }]) => {
        expect(headers).toBe(own);
        return [];
      }),
    );
  });
});

/** In a process of its own, where nothing else has loaded the API. */
function inProcess(script) {
  const tracing = path.join(__dirname, '../../../lib/service/tracing');
  const program = `const tracing = require(${JSON.stringify(tracing)}); ${script}`;
  return execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }).trim();
}

test('the OpenTelemetry API is loaded at the first use', () => {
  const loaded = "Object.keys(require.cache).some((file) => file.includes('opentelemetry'))";
  const script = `const before = ${loaded};
    tracing.tracedPublish({ topic: 't', messages: [] }, async () => {}).then(() => {
      console.log(before, ${loaded});
    });`;
  expect(inProcess(script)).toBe('false true');
});

test('without the OpenTelemetry API everything works but spans', () => {
  const script = `const Module = require('node:module');
    const load = Module._resolveFilename;
    Module._resolveFilename = (name, ...rest) => {
      if (!name.startsWith('@opentelemetry')) return load(name, ...rest);
      throw Object.assign(new Error('none'), { code: 'MODULE_NOT_FOUND' });
    };
    const message = { headers: { traceparent: '${PARENT}' } };
    tracing.tracedProcess({ topic: 't', partition: 0, message }, () =>
      tracing.tracedPublish({ topic: 't', messages: [{}] }, async ([m]) => m.headers.traceparent),
    ).then(console.log);`;
  expect(inProcess(script)).toBe(PARENT);
});

test('diagnostics_channel tells of sends and handlers, and of how they end', async () => {
  const seen = [];
  const channels = [
    'tracing:easyflow-kafka:publish:start',
    'tracing:easyflow-kafka:publish:asyncEnd',
    'tracing:easyflow-kafka:process:error',
  ];
  const listen = (message, name) => seen.push([name, message.topic, message.error?.message]);
  for (const name of channels) diagnostics.subscribe(name, listen);
  await publish();
  await tracedProcess(consumed(), () => Promise.reject(new Error('no')), tracker).catch(() => {});
  for (const name of channels) diagnostics.unsubscribe(name, listen);
  expect(seen).toEqual([
    [channels[0], 't', undefined],
    [channels[1], 't', undefined],
    [channels[2], 't', 'no'],
  ]);
});
