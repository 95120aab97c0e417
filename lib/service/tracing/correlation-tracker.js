'use strict';

const crypto = require('node:crypto');
const { AsyncLocalStorage } = require('node:async_hooks');
const { LRUCache } = require('lru-cache');
const { classes } = require('../../errors');
const { CHANNELS, publish } = require('./channels');
const {
  SAMPLED,
  formatTraceparent,
  newSpanId,
  newTraceId,
  parseTraceparent,
} = require('./trace-context');

/** What a context may carry over from elsewhere, besides the attributes. */
const OWN = new Set([
  'correlationId',
  'traceparent',
  'tracestate',
  'parentCorrelationId',
  'createdAt',
]);

const DEFAULTS = Object.freeze({ maxContexts: 10_000, maxEventsPerContext: 100, maxAgeMs: 0 });

let instance;

/**
 * Follows one business operation through services: contexts with their attributes, children, and the events that were
 * recorded under them. Memory is bounded: the contexts used longest ago go first, and of one context the oldest events.
 * Handlers inherit their context through AsyncLocalStorage.
 */
class CorrelationTracker {
  #traces;
  #current = new AsyncLocalStorage();
  #maxEvents;
  #evictedContexts = 0;

  /** @param {{ maxContexts?: number, maxEventsPerContext?: number, maxAgeMs?: number }} [options] maxAgeMs 0: no limit */
  constructor(options = {}) {
    const { maxContexts, maxEventsPerContext, maxAgeMs } = { ...DEFAULTS, ...options };
    this.#maxEvents = maxEventsPerContext;
    this.#traces = new LRUCache({
      max: maxContexts,
      ...(maxAgeMs > 0 && { ttl: maxAgeMs }),
      dispose: (trace, correlationId, reason) => this.#forget(trace, correlationId, reason),
    });
  }

  /** The one of this process. */
  static getInstance() {
    instance ??= new CorrelationTracker();
    return instance;
  }

  /**
   * Begins a context, or takes one over that came with a message (`correlationId`, `traceparent`).
   *
   * @param {Record<string, unknown>} [attributes] organizationId, employeeId, workflowRunId, …
   * @returns {Readonly<Record<string, unknown> & { correlationId: string, traceId: string, spanId: string, traceparent: string }>}
   */
  createContext(attributes = {}) {
    const parent = parseTraceparent(attributes.traceparent);
    return this.#add(attributes, {
      correlationId: attributes.correlationId ?? crypto.randomUUID(),
      traceId: parent?.traceId ?? newTraceId(),
      spanId: parent?.spanId ?? newSpanId(),
      flags: parent?.flags ?? SAMPLED,
      tracestate: parent === null ? undefined : attributes.tracestate,
      parentCorrelationId: attributes.parentCorrelationId,
    });
  }

  /**
   * A context for a part of the work: same trace, attributes of the parent and its own. Of a parent that is not known (any
   * more, or not here) it keeps the id.
   */
  createChildContext(parentCorrelationId, attributes = {}) {
    if (typeof parentCorrelationId !== 'string' || parentCorrelationId === '') {
      throw new classes.KafkaJSInvalidOptionError(
        `Expected a correlation id for parentCorrelationId but received ${typeof parentCorrelationId}`,
        { option: 'parentCorrelationId' },
      );
    }
    const parent = this.#traces.get(parentCorrelationId);
    const child = this.#add(
      { ...parent?.attributes, ...attributes },
      {
        correlationId: attributes.correlationId ?? crypto.randomUUID(),
        traceId: parent?.context.traceId ?? newTraceId(),
        spanId: newSpanId(),
        flags: parent?.flags ?? SAMPLED,
        tracestate: parent?.context.tracestate,
        parentCorrelationId,
      },
    );
    parent?.children.add(child.correlationId);
    return child;
  }

  #add(given, { flags, tracestate, parentCorrelationId, ...ids }) {
    // The same operation again, as every message of it brings it: what is known of it stays.
    const known = this.#traces.get(ids.correlationId);
    const attributes = { ...known?.attributes };
    for (const [name, value] of Object.entries(given)) {
      if (!OWN.has(name) && !Object.hasOwn(ids, name)) attributes[name] = value;
    }
    const parent = parentCorrelationId ?? known?.context.parentCorrelationId;
    const context = Object.freeze({
      ...attributes,
      ...ids,
      traceparent: formatTraceparent({ ...ids, flags }),
      ...(tracestate !== undefined && { tracestate }),
      ...(parent !== undefined && { parentCorrelationId: parent }),
      createdAt: known?.context.createdAt ?? new Date().toISOString(),
    });
    const trace = known ?? { events: [], droppedEvents: 0, children: new Set() };
    Object.assign(trace, { context, attributes, flags });
    if (known === undefined) this.#traces.set(ids.correlationId, trace);
    return context;
  }

  /**
   * @param {string} correlationId one that is not known begins a trace of its own: its context was made elsewhere
   * @param {string} service
   * @param {string} operation
   * @param {string} status 'started', 'completed', 'failed', or any word of yours
   * @param {Record<string, unknown>} [details]
   * @returns {Readonly<object>} the event; `durationMs` since the 'started' of the same service and operation
   */
  recordEvent(correlationId, service, operation, status, details) {
    for (const [name, value] of Object.entries({ correlationId, service, operation, status })) {
      if (typeof value === 'string' && value !== '') continue;
      throw new classes.KafkaJSInvalidOptionError(
        `Expected a non-empty string for ${name} but received type ${typeof value}`,
        { option: name },
      );
    }
    let trace = this.#traces.get(correlationId);
    if (trace === undefined) {
      this.createContext({ correlationId });
      trace = this.#traces.get(correlationId);
    }
    const now = Date.now();
    const started = trace.events.findLast(
      (event) =>
        event.status === 'started' && event.service === service && event.operation === operation,
    );
    const event = Object.freeze({
      correlationId,
      traceId: trace.context.traceId,
      service,
      operation,
      status,
      timestamp: new Date(now).toISOString(),
      ...(started !== undefined &&
        status !== 'started' && { durationMs: now - Date.parse(started.timestamp) }),
      ...(details !== undefined && { details }),
    });
    trace.events.push(event);
    if (trace.events.length > this.#maxEvents) {
      trace.events.shift();
      trace.droppedEvents += 1;
    }
    publish(CHANNELS.correlation, () => event);
    return event;
  }

  /** The context of an id, or without one the context that the caller runs in. */
  getContext(correlationId) {
    if (correlationId === undefined) return this.#current.getStore();
    return this.#traces.get(correlationId)?.context;
  }

  /** What is known of an operation and of its parts: { context, events, droppedEvents, children: [the same] }. */
  getTrace(correlationId) {
    return this.#trace(correlationId, new Set());
  }

  #trace(correlationId, above) {
    const trace = above.has(correlationId) ? undefined : this.#traces.get(correlationId);
    if (trace === undefined) return undefined;
    const path = new Set(above).add(correlationId);
    return {
      correlationId,
      context: trace.context,
      events: [...trace.events],
      droppedEvents: trace.droppedEvents,
      children: [...trace.children]
        .map((child) => this.#trace(child, path))
        .filter((child) => child !== undefined),
    };
  }

  /** Calls `work` in the context: what it awaits, sends and starts inherits it. */
  run(context, work) {
    return this.#current.run(context, work);
  }

  /** { contexts, events, evictedContexts } */
  get statistics() {
    let events = 0;
    for (const trace of this.#traces.values()) events += trace.events.length;
    return { contexts: this.#traces.size, events, evictedContexts: this.#evictedContexts };
  }

  clear() {
    this.#traces.clear();
  }

  #forget(trace, correlationId, reason) {
    if (reason !== 'evict' && reason !== 'expire') return;
    this.#evictedContexts += 1;
    const { parentCorrelationId } = trace.context;
    this.#traces.peek(parentCorrelationId)?.children.delete(correlationId);
  }
}

module.exports = { CorrelationTracker };
