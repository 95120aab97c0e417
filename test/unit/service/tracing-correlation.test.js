'use strict';

const diagnostics = require('node:diagnostics_channel');
const { CorrelationTracker } = require('../../../lib/service/tracing');
const { parseTraceparent } = require('../../../lib/service/tracing/trace-context');

let tracker;
beforeEach(() => {
  tracker = new CorrelationTracker({ maxContexts: 3, maxEventsPerContext: 2 });
});

test("the OfficeFlow document's calls", () => {
  const shared = CorrelationTracker.getInstance();
  expect(CorrelationTracker.getInstance()).toBe(shared);
  const context = shared.createContext({
    organizationId: 'org-123',
    employeeId: 'emp-456',
    workflowRunId: 'run-789',
  });
  shared.recordEvent(context.correlationId, 'workflow-engine', 'start-workflow', 'started');
  const child = shared.createChildContext(context.correlationId, { nodeRunId: 'node-run-123' });
  expect(child).toMatchObject({
    organizationId: 'org-123',
    workflowRunId: 'run-789',
    nodeRunId: 'node-run-123',
    parentCorrelationId: context.correlationId,
    traceId: context.traceId,
  });
  expect(child.correlationId).not.toBe(context.correlationId);
  expect(child.spanId).not.toBe(context.spanId);
  shared.recordEvent(child.correlationId, 'identity-service', 'provision', 'failed', { why: 'x' });
  expect(shared.getContext(child.correlationId)).toBe(child);
  expect(shared.getTrace(context.correlationId)).toMatchObject({
    context,
    events: [{ service: 'workflow-engine', operation: 'start-workflow', status: 'started' }],
    children: [
      {
        context: child,
        events: [{ status: 'failed', details: { why: 'x' }, traceId: child.traceId }],
      },
    ],
  });
  shared.clear();
});

test('what an operation took, from its own start', () => {
  jest.useFakeTimers({ now: 0 });
  tracker.recordEvent('c', 'a', 'x', 'started');
  jest.advanceTimersByTime(250);
  expect(tracker.recordEvent('c', 'b', 'x', 'completed')).not.toHaveProperty('durationMs');
  expect(new CorrelationTracker().recordEvent('c', 'a', 'x', 'completed')).not.toHaveProperty(
    'durationMs',
  );
  expect(tracker.recordEvent('c', 'a', 'x', 'completed').durationMs).toBe(250);
  jest.useRealTimers();
});

test('a context that came with a message is taken over, and what is known of it stays', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
  const given = { correlationId: 'c-1', traceparent, tracestate: 'a=1', organizationId: 'o' };
  expect(tracker.createContext(given)).toMatchObject(given);
  tracker.recordEvent('c-1', 's', 'o', 'started');
  const again = tracker.createContext({ correlationId: 'c-1', traceparent });
  expect(again.organizationId).toBe('o');
  expect(tracker.getTrace('c-1').events).toHaveLength(1);
});

test('a traceparent that is invalid begins a new trace', () => {
  const context = tracker.createContext({ traceparent: 'x', tracestate: 'a=1' });
  expect(parseTraceparent(context.traceparent)).not.toBeNull();
  expect(context).not.toHaveProperty('tracestate');
});

test('memory is bounded: contexts, events, and the children of a parent', () => {
  const parent = tracker.createContext({ correlationId: 'parent' });
  for (let i = 0; i < 5; i += 1) {
    tracker.createChildContext('parent', { correlationId: `child-${i}` });
  }
  for (let i = 0; i < 3; i += 1) tracker.recordEvent('parent', 's', `o${i}`, 'done');
  expect(tracker.statistics).toEqual({ contexts: 3, events: 2, evictedContexts: 3 });
  expect(tracker.getContext('child-0')).toBeUndefined();
  const trace = tracker.getTrace(parent.correlationId);
  expect(trace.events.map(({ operation }) => operation)).toEqual(['o1', 'o2']);
  expect(trace.droppedEvents).toBe(1);
  expect(trace.children.map(({ correlationId }) => correlationId)).toEqual(['child-3', 'child-4']);
});

test('a child of a parent that is not here keeps its id', () => {
  const child = tracker.createChildContext('elsewhere');
  expect(child.parentCorrelationId).toBe('elsewhere');
  expect(tracker.getTrace('elsewhere')).toBeUndefined();
});

test('contexts that are their own ancestors end', () => {
  tracker.createChildContext('a', { correlationId: 'b' });
  tracker.createContext({ correlationId: 'a' });
  tracker.createChildContext('a', { correlationId: 'b' });
  tracker.createChildContext('b', { correlationId: 'a' });
  expect(tracker.getTrace('a').children[0].children).toEqual([]);
});

test('what runs in a context inherits it, side by side', async () => {
  const seen = await Promise.all(
    ['a', 'b'].map((correlationId) =>
      tracker.run(tracker.createContext({ correlationId }), async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return tracker.getContext().correlationId;
      }),
    ),
  );
  expect(seen).toEqual(['a', 'b']);
  expect(tracker.getContext()).toBeUndefined();
});

test('events go to diagnostics_channel', () => {
  const seen = [];
  const listen = (message) => seen.push(message);
  diagnostics.subscribe('easyflow-kafka:correlation', listen);
  const event = tracker.recordEvent('c', 's', 'o', 'started');
  diagnostics.unsubscribe('easyflow-kafka:correlation', listen);
  expect(seen).toEqual([event]);
});

test('mistakes are named', () => {
  expect(() => tracker.recordEvent('c', 's', 'o')).toThrow(
    expect.objectContaining({ errorCode: 'ERR_KAFKA_INVALID_OPTION', option: 'status' }),
  );
  expect(() => tracker.createChildContext(undefined)).toThrow(/parentCorrelationId/);
});
