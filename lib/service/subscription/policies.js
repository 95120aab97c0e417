'use strict';

// What subscribe() takes beside topics, group and handler, and what a route makes of it.

const { checkOptions, conflict, invalidOption, is, isObject } = require('../../options/validate');
const { CircuitBreaker } = require('../policies/breaker');
const { ConcurrencyLimit, RateLimit } = require('../policies/limits');
const { RetryPolicy } = require('../policies/retry');
const { MemoryIdempotencyStore } = require('../policies/idempotency');
const { checkLease } = require('../policies/idempotency/check');

/** Of the second, third and every later attempt, where delay topics are on. */
const DELAYS_MS = [5_000, 60_000, 600_000];

const shape = {
  fromBeginning: is.boolean,
  retry: is.object,
  breaker: is.object,
  rateLimit: is.object,
  concurrencyLimit: is.object,
  idempotency: is.object,
  validate: is.boolean,
  tombstones: is.boolean,
  partitionsConsumedConcurrently: is.integer(1),
};

const delayShape = {
  mode: is.oneOf('in-place', 'delay-topics'),
  delaysMs: {
    what: 'a list of milliseconds',
    test: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((ms) => Number.isInteger(ms) && ms > 0),
  },
};

/** A key to limit by: the message's own unless a function names another. */
function keyed(options, name, Limit) {
  if (options === undefined) return null;
  const { key, ...rest } = options;
  if (key !== undefined && typeof key !== 'function') {
    throw invalidOption('a function of the event', `${name}.key`, key);
  }
  const keyOf = key ? ({ read }) => key(read.event) : ({ message }) => String(message.key);
  return { limit: new Limit(rest), keyOf };
}

function idempotencyOf(options) {
  if (options === undefined) return null;
  const { store = new MemoryIdempotencyStore(), id, leaseMs, ...unknown } = options;
  checkOptions({}, unknown, 'idempotency', { prefix: 'idempotency.' });
  if (id !== undefined && typeof id !== 'function') {
    throw invalidOption('a function of the event', 'idempotency.id', id);
  }
  if (!isObject(store) || typeof store.claim !== 'function') {
    throw invalidOption('an idempotency store', 'idempotency.store', store);
  }
  // Without an id of its own a message is known by where it was first.
  const idOf = id
    ? (read) => id(read.event)
    : (read, { topic, partition, offset }) => read.id ?? `${topic}/${partition}/${offset}`;
  return { store, leaseMs: checkLease(leaseMs, 'idempotency.leaseMs'), idOf };
}

/**
 * @param {object} options
 * @returns what the routes of one subscribe() share
 */
function resolvePolicies(options) {
  const given = checkOptions(shape, options, 'subscribe()');
  const { mode = 'in-place', delaysMs = DELAYS_MS, ...retry } = given.retry ?? {};
  checkOptions(delayShape, { mode, delaysMs }, 'subscribe()', { prefix: 'retry.' });
  const delayed = mode === 'delay-topics';
  for (const name of ['initialDelayMs', 'maxDelayMs', 'multiplier', 'jitter']) {
    if (delayed && retry[name] !== undefined) {
      throw conflict(
        `retry.${name} is of retries in place; delay topics wait retry.delaysMs`,
        `retry.${name}`,
      );
    }
  }
  const { breaker } = given;
  return {
    fromBeginning: given.fromBeginning,
    partitionsConsumedConcurrently: given.partitionsConsumedConcurrently,
    delaysMs: delayed ? delaysMs : null,
    route: {
      retry: new RetryPolicy(retry),
      breaker:
        breaker === undefined || breaker instanceof CircuitBreaker
          ? breaker
          : new CircuitBreaker(breaker),
      rate: keyed(given.rateLimit, 'rateLimit', RateLimit),
      concurrency: keyed(given.concurrencyLimit, 'concurrencyLimit', ConcurrencyLimit),
      idempotency: idempotencyOf(given.idempotency),
      validate: given.validate ?? true,
      tombstones: given.tombstones ?? false,
    },
  };
}

module.exports = { resolvePolicies };
