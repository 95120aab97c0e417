'use strict';

const diagnostics = require('node:diagnostics_channel');
const { CircuitOpenError } = require('../../../lib');
const { CircuitBreaker } = require('../../../lib/service/policies/breaker');

let breaker;
const make = (options) => {
  breaker = new CircuitBreaker({ name: 'crm', failureThreshold: 2, openMs: 1_000, ...options });
  return breaker;
};
beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  breaker?.dispose();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const ok = () => breaker.execute(async () => 'ok');
const fail = (error = new Error('down')) =>
  breaker.execute(() => Promise.reject(error)).catch((caught) => caught);

async function trip() {
  await fail();
  await fail();
  expect(breaker.state).toBe('open');
}

/** A call that ends when told to. */
function pending() {
  let settle;
  const promise = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  const outcome = breaker.execute(() => promise).catch((error) => error);
  return { outcome, ...settle };
}

test('opens after failures in a row; a success begins the count anew', async () => {
  make();
  await fail();
  await ok();
  await fail();
  expect(breaker.state).toBe('closed');
  await fail();
  expect(breaker.state).toBe('open');
});

test('while open it refuses without calling, and says when to come back', async () => {
  make();
  await trip();
  jest.advanceTimersByTime(400);
  const work = jest.fn();
  const error = await breaker.execute(work).catch((caught) => caught);
  expect(work).not.toHaveBeenCalled();
  expect(error).toBeInstanceOf(CircuitOpenError);
  expect(error).toMatchObject({
    breaker: 'crm',
    retryAfterMs: 600,
    retriable: true,
    errorCode: 'ERR_KAFKA_CIRCUIT_OPEN',
  });
});

test('half open by time alone; one call may try, its success closes', async () => {
  make();
  await trip();
  jest.advanceTimersByTime(999);
  expect(breaker.state).toBe('open');
  jest.advanceTimersByTime(1);
  expect(breaker.state).toBe('half-open');
  const trial = pending();
  await expect(ok()).rejects.toThrow(CircuitOpenError);
  trial.resolve('back');
  expect(await trial.outcome).toBe('back');
  expect(breaker.state).toBe('closed');
  expect(await ok()).toBe('ok');
});

test('a trial that fails opens it for another time', async () => {
  make();
  await trip();
  jest.advanceTimersByTime(1_000);
  await fail();
  expect(breaker.state).toBe('open');
  jest.advanceTimersByTime(999);
  expect(breaker.state).toBe('open');
  jest.advanceTimersByTime(1);
  expect(breaker.state).toBe('half-open');
});

test('several successes may be wanted, several may try', async () => {
  make({ halfOpenCalls: 2, successThreshold: 3 });
  await trip();
  jest.advanceTimersByTime(1_000);
  const trials = [pending(), pending()];
  await expect(ok()).rejects.toThrow(CircuitOpenError);
  for (const trial of trials) trial.resolve();
  await Promise.all(trials.map(({ outcome }) => outcome));
  expect(breaker.state).toBe('half-open');
  await ok();
  expect(breaker.state).toBe('closed');
});

test('a share of failures opens it too, once there were enough calls', async () => {
  make({ failureThreshold: 100, failureRate: 0.5, windowCalls: 4 });
  await fail();
  await ok();
  await fail();
  expect(breaker.state).toBe('closed');
  await fail();
  expect(breaker.state).toBe('open');
});

test('calls of an earlier time say nothing about the present', async () => {
  make();
  const slow = pending();
  await trip();
  jest.advanceTimersByTime(1_000);
  slow.resolve();
  await slow.outcome;
  expect(breaker.state).toBe('half-open');
  await ok();
  expect(breaker.state).toBe('closed');
});

test('what is no failure of the service counts as an answer', async () => {
  make({ isFailure: ({ status }) => status !== 404 });
  const notFound = Object.assign(new Error('not found'), { status: 404 });
  for (let i = 0; i < 5; i += 1) expect(await fail(notFound)).toBe(notFound);
  expect(breaker.state).toBe('closed');
});

test('pauses consumption while open, lets one through, resumes', async () => {
  make();
  const calls = [];
  const untie = breaker.control({
    pause: () => calls.push('pause'),
    resumeSome: (count) => calls.push(`resume ${count}`),
    resume: () => calls.push('resume'),
  });
  await trip();
  jest.advanceTimersByTime(1_000);
  await ok();
  expect(calls).toEqual(['pause', 'resume 1', 'resume']);
  untie();
  await trip();
  expect(calls).toHaveLength(3);
  const late = jest.fn();
  breaker.control({ pause: late, resumeSome: () => {}, resume: () => {} });
  expect(late).toHaveBeenCalledTimes(1);
});

test('events, diagnostics and metrics', async () => {
  make();
  const seen = [];
  for (const event of ['open', 'halfOpen', 'close', 'success', 'failure', 'reject']) {
    breaker.on(event, () => seen.push(event));
  }
  const changes = [];
  const listen = ({ from, to, reason }) => changes.push([from, to, reason]);
  diagnostics.subscribe('easyflow-kafka:breaker', listen);
  await trip();
  await ok().catch(() => {});
  expect(breaker.snapshot()).toEqual({
    name: 'crm',
    state: 'open',
    successes: 0,
    failures: 2,
    rejected: 1,
    opened: 1,
    failuresInRow: 0,
    failureRate: 0,
    retryAfterMs: 1_000,
  });
  jest.advanceTimersByTime(1_000);
  await ok();
  diagnostics.unsubscribe('easyflow-kafka:breaker', listen);
  expect(seen).toEqual(['failure', 'failure', 'open', 'reject', 'halfOpen', 'success', 'close']);
  expect(changes).toEqual([
    ['closed', 'open', '2 failures in a row'],
    ['open', 'half-open', 'time is up'],
    ['half-open', 'closed', 'trial calls succeeded'],
  ]);
});

test('opened and closed by hand', async () => {
  make();
  breaker.open();
  jest.advanceTimersByTime(900);
  breaker.open();
  jest.advanceTimersByTime(900);
  expect(breaker.state).toBe('open');
  breaker.close();
  expect(await ok()).toBe('ok');
  expect(breaker.snapshot().opened).toBe(1);
});

test.each([
  [{ failureRate: 0 }, /breaker\.failureRate/],
  [{ openMs: 0 }, /breaker\.openMs/],
  [{ treshold: 1 }, /Unknown option/],
])('options %j', (options, message) => {
  expect(() => new CircuitBreaker(options)).toThrow(message);
});
