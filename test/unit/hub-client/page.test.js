'use strict';

// What a page tells of itself: whether it is online, and whether it is seen.

const { record, useScriptedHub } = require('./support/setup');

const context = useScriptedHub();
const HOUR_MS = 3_600_000;
const SLOW = { baseMs: HOUR_MS, maxMs: HOUR_MS };

let page;
let document;
let added;

beforeEach(() => {
  page = new EventTarget();
  document = new EventTarget();
  globalThis.document = document;
  added = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { onLine: true }, configurable: true });
  globalThis.addEventListener = page.addEventListener.bind(page);
  jest.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => {
  delete globalThis.document;
  delete globalThis.addEventListener;
  if (added) Object.defineProperty(globalThis, 'navigator', added);
  else delete globalThis.navigator;
});

/** A client that waits for an hour. */
async function waitingClient() {
  const client = context.connect({ backoff: SLOW });
  const states = record(client, 'state');
  (await context.hub.open()).cut();
  await states.count(2);
  expect(client.state).toBe('waiting');
  return client;
}

test('online again: an attempt at once', async () => {
  await waitingClient();
  page.dispatchEvent(new Event('online'));
  await context.hub.open();
});

test('seen again: an attempt at once; not when it is hidden', async () => {
  const client = await waitingClient();
  document.hidden = true;
  document.dispatchEvent(new Event('visibilitychange'));
  expect(client.state).toBe('waiting');
  document.hidden = false;
  document.dispatchEvent(new Event('visibilitychange'));
  expect(client.state).toBe('connecting');
  await context.hub.open();
});

test('no attempt while offline, neither the first nor another', async () => {
  navigator.onLine = false;
  const client = context.connect();
  expect(client.state).toBe('waiting');
  navigator.onLine = true;
  page.dispatchEvent(new Event('online'));
  const states = record(client, 'state');
  const peer = await context.hub.open();
  await states.count(1);
  navigator.onLine = false;
  peer.cut();
  await states.count(2);
  document.dispatchEvent(new Event('visibilitychange'));
  expect(client.state).toBe('waiting');
  expect(context.hub.connects).toBe(1);
  navigator.onLine = true;
  page.dispatchEvent(new Event('online'));
  await context.hub.open();
});

test('an open connection is asked whether it is alive', async () => {
  const client = context.connect();
  const states = record(client, 'state');
  const peer = await context.hub.open();
  await states.count(1);
  page.dispatchEvent(new Event('online'));
  await peer.take('ping');
});

test('… and given up soon when there is no answer', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  try {
    const client = context.connect({ backoff: SLOW });
    const states = record(client, 'state');
    const peer = await context.hub.open();
    await states.count(1);
    page.dispatchEvent(new Event('online'));
    await peer.take('ping');
    jest.advanceTimersByTime(4_999);
    expect(client.state).toBe('open');
    jest.advanceTimersByTime(1);
    expect(client.state).toBe('waiting');
  } finally {
    jest.useRealTimers();
  }
});

test('a closed client listens no more', async () => {
  const client = await waitingClient();
  client.close();
  page.dispatchEvent(new Event('online'));
  document.dispatchEvent(new Event('visibilitychange'));
  expect(client.state).toBe('closed');
  expect(context.hub.connects).toBe(1);
});
