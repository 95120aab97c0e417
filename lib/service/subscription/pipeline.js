'use strict';

const { classes } = require('../../errors');
const { decodeMessage } = require('../envelopes');
const { tracedProcess } = require('../tracing');
const { Claim } = require('./claim');
const { readTrail } = require('./trail');
const { abortedError, sleep } = require('../policies/sleep');
const { whenBreakerChanges } = require('./breaker-wait');

/** How a message left the pipeline. */
const Outcome = Object.freeze({
  handled: 'handled',
  /** It came back from a dead-letter topic for another group. */
  elsewhere: 'elsewhere',
  /** No handler wants this type. */
  unrouted: 'unrouted',
  /** Idempotency: it was handled before. */
  duplicate: 'duplicate',
  /** Never seen outside: somebody else completed it, or has it in hand; the next claim tells. */
  lost: 'lost',
  /** A tombstone, on a topic whose handler does not take them. */
  tombstone: 'tombstone',
  postponed: 'postponed',
  buried: 'buried',
});

/** Another worker has the message in hand: how soon to ask again, at the latest. */
const BUSY_MS = 1_000;

/**
 * What happens to one message, from its bytes to an outcome:
 *
 *   read the envelope, check the payload -> find the handler -> claim it -> wait for limits and breaker
 *     -> call the handler -> again, later, or the dead-letter topic
 *
 * process() resolves when the message is done with: handled, postponed (the delay topic has it) or buried (the
 * dead-letter topic has it). It rejects when it is not: KafkaJSAbortedError when its partition goes or the
 * subscription ends, anything else when not
 * even the dead-letter topic could be reached; the message comes again then.
 */
class Pipeline {
  /**
   * @param {object} parts
   * @param {import('../catalog/catalog').Catalog} parts.catalog
   * @param {string} parts.group
   * @param {import('./routes').Routes} parts.routes
   * @param {import('./dead-letters').DeadLetters} parts.deadLetters
   * @param {import('../monitoring/recorder').Recorder} parts.recorder
   * @param {(what: object) => void} [parts.onBuried]
   * @param {object} parts.logger
   * @param {string} [parts.clientId]
   * @param {() => number} [parts.now] ms since 1970
   */
  constructor({ now = Date.now, ...parts }) {
    Object.assign(this, { ...parts, now });
  }

  /**
   * @param {object} message a KafkaMessage with topic and partition
   * @param {{ signal: AbortSignal, heartbeat: () => Promise<void> }} control
   * @returns {Promise<string>} an Outcome
   */
  async process(message, control) {
    const trail = readTrail(message);
    const outcome = await this.#process(message, trail, control);
    this.recorder.outcome(trail.topic, outcome);
    return outcome;
  }

  async #process(message, trail, control) {
    if (trail.group !== null && trail.group !== this.group) return Outcome.elsewhere;
    let read;
    try {
      read = this.#read(message, trail.topic);
    } catch (error) {
      return this.#bury(message, trail, { reason: 'unreadable', error });
    }
    const route = this.routes.find(trail.topic, read.type);
    if (route === null) return Outcome.unrouted;
    const delivery = { message, trail, read, route, control };
    if (message.value === null && !route.tombstones) return Outcome.tombstone;
    if (read.problems.length > 0 && route.validate) {
      return this.#bury(message, trail, { reason: 'invalid', error: invalid(read) });
    }
    return this.#traced(delivery);
  }

  #traced(delivery) {
    const { message, trail, read } = delivery;
    const what = {
      topic: trail.topic,
      partition: trail.partition,
      message,
      group: this.group,
      clientId: this.clientId,
      correlation: read.correlation,
      ...(read.id !== null && { eventId: read.id }),
    };
    return tracedProcess(what, (context) => this.#handle({ ...delivery, context }));
  }

  /** The event on the wire, in its document's shape. Topics outside the catalog have JSON, or what it is. */
  #read(message, topic) {
    if (message.value === null) {
      return { event: null, type: null, id: null, payload: null, correlation: {}, problems: [] };
    }
    const names = this.catalog.envelopesOf(topic);
    if (names.length === 0) return plain(message);
    const decoded = decodeMessage(names, message.value, message.headers);
    const type = this.catalog.typeOf(topic, decoded.type) ?? decoded.type;
    return { ...decoded, type, problems: this.catalog.validate(type, decoded.payload) };
  }

  async #handle(delivery) {
    const { idempotency } = delivery.route;
    const id = idempotency?.idOf(delivery.read, delivery.trail) ?? null;
    return id === null ? this.#attempt(delivery) : this.#once(delivery, idempotency, id);
  }

  /** Handles it unless it was handled before; of several workers that have it at once, one does. */
  async #once(delivery, { store, leaseMs }, id) {
    const { signal } = delivery.control;
    const onNotExtended = (error) =>
      this.logger.warn('A claim was not extended', {
        group: this.group,
        id,
        error: error.message,
      });
    for (;;) {
      const { status, token, retryAfterMs } = await store.claim(id, { leaseMs });
      if (status === 'processed') return Outcome.duplicate;
      if (status === 'busy') {
        await sleep(Math.min(retryAfterMs + 1, BUSY_MS), signal);
        continue;
      }
      const claim = new Claim({ store, id, token, leaseMs, onNotExtended });
      let outcome;
      try {
        outcome = await this.#attempt({ ...delivery, claim });
      } finally {
        await claim.end(outcome === Outcome.handled);
      }
      if (outcome !== Outcome.lost) return outcome;
    }
  }

  /** Calls the handler until it succeeds or the policies say what else. */
  async #attempt(delivery) {
    const { message, trail, route, control, claim } = delivery;
    for (;;) {
      const startedAt = this.now();
      const failure = await this.#call(delivery);
      if (failure === null) return Outcome.handled;
      if (claim?.isLost) return Outcome.lost;
      const { error } = failure;
      // Somebody else gets the message, or the next start of this service: this attempt does not count.
      if (control.signal.aborted) throw abortedError(control.signal);
      trail.firstFailedAt ??= startedAt;
      const decision = route.retry.decide(error, {
        attempt: trail.attempts,
        elapsedMs: this.now() - trail.firstFailedAt,
      });
      this.#logFailure(delivery, error, decision);
      if (!decision.retry) return this.#bury(message, trail, { reason: decision.reason, error });
      this.recorder.retry(trail.topic);
      if (route.delays !== null) {
        await route.delays.postpone(message, trail);
        return Outcome.postponed;
      }
      await sleep(decision.delayMs, control.signal);
    }
  }

  /** One attempt, as soon as limits and breaker allow it. @returns {Promise<{ error: unknown } | null>} */
  async #call(delivery) {
    const { route, control } = delivery;
    const { signal } = control;
    const attempt = () => this.#callHandler(delivery);
    const { breaker, rate, concurrency } = route;
    const guarded = breaker ? () => breaker.execute(attempt) : attempt;
    for (;;) {
      try {
        if (rate) await rate.limit.wait(rate.keyOf(delivery), { signal });
        if (concurrency)
          await concurrency.limit.run(concurrency.keyOf(delivery), guarded, { signal });
        else await guarded();
        return null;
      } catch (error) {
        if (!(error instanceof classes.CircuitOpenError)) return { error };
        // Its own, or one that the handler holds: nothing was tried, so no attempt is spent.
        await whenBreakerChanges(breaker, error.retryAfterMs, signal);
      }
    }
  }

  async #callHandler(delivery) {
    const { trail, read, route } = delivery;
    trail.attempts += 1;
    const startedAt = performance.now();
    let outcome = 'failed';
    try {
      await route.handler(read.event, this.#metadata(delivery));
      outcome = 'processed';
    } catch (error) {
      if (error instanceof classes.CircuitOpenError) {
        trail.attempts -= 1;
        outcome = 'refused';
      }
      throw error;
    } finally {
      if (outcome !== 'refused') {
        const seconds = (performance.now() - startedAt) / 1_000;
        this.recorder.attempt(trail.topic, seconds, outcome === 'processed');
      }
    }
  }

  #logFailure({ trail, read }, error, decision) {
    const { topic, partition, offset, attempts } = trail;
    this.logger.warn('A handler failed', {
      topic,
      partition,
      offset,
      group: this.group,
      type: read.type,
      attempt: attempts,
      next: decision.retry ? `in ${decision.delayMs} ms` : `dead letter: ${decision.reason}`,
      error: error?.message ?? String(error),
      stack: error?.stack,
    });
  }

  async #bury(message, trail, death) {
    const topic = await this.deadLetters.bury(message, trail, death);
    const { topic: origin, partition, offset, attempts } = trail;
    const details = { topic: origin, partition, offset, group: this.group, attempts };
    const why = { reason: death.reason, error: death.error?.message };
    if (topic === null)
      this.logger.error('A message was given up; it has no dead-letter topic', {
        ...details,
        ...why,
      });
    else
      this.logger.error('A message was given up', { ...details, ...why, deadLetterTopic: topic });
    this.recorder.buried(origin, death.reason);
    this.onBuried?.({ ...details, ...death, deadLetterTopic: topic });
    return Outcome.buried;
  }

  #metadata({ message, trail, read, control, context, claim }) {
    return {
      topic: trail.topic,
      partition: trail.partition,
      offset: trail.offset,
      key: message.key === null ? null : message.key.toString(),
      headers: message.headers,
      timestamp: trail.timestamp,
      type: read.type,
      eventId: read.id,
      correlationId: context.correlationId,
      traceId: context.traceId,
      attempt: trail.attempts,
      group: this.group,
      heartbeat: control.heartbeat,
      signal: control.signal,
      ...(claim && { complete: (options) => claim.complete(options) }),
    };
  }
}

/** A message of a topic that no catalog describes. */
function plain(message) {
  const text = message.value.toString();
  let event;
  try {
    event = JSON.parse(text);
  } catch {
    event = message.value;
  }
  return {
    event,
    type: typeof event?.type === 'string' ? event.type : null,
    id: null,
    payload: event,
    correlation: {},
    problems: [],
  };
}

function invalid({ type, problems }) {
  const lines = problems.map(({ message }) => message);
  return new classes.EnvelopeError(`The payload of ${type} is not valid: ${lines.join('; ')}`, {
    reason: lines.join('; '),
  });
}

module.exports = { Pipeline, Outcome };
