'use strict';

const { brief, record, useScriptedHub } = require('./support/setup');

const context = useScriptedHub();

async function live(options, items = []) {
  const client = context.connect();
  const subscription = client.subscribe('*', options);
  const peer = await context.hub.open();
  const { id } = await peer.answer(items);
  await subscription.ready;
  return { client, id, peer, seen: record(subscription, 'update', 'remove', 'gap'), subscription };
}

/** What the iterator has now, and then that it waits. */
async function drain(iterator) {
  const events = [];
  for (;;) {
    const waits = Symbol('waits');
    const next = iterator.next();
    const result = await Promise.race([next, new Promise((done) => setImmediate(done, waits))]);
    if (result === waits || result.done) return brief(events);
    events.push(result.value);
  }
}

test('latest: the newest of each entity, in the order of the first change', async () => {
  const { peer, seen, subscription } = await live({}, [
    { channel: 'a', at: '0:0', time: 1, data: 0 },
  ]);
  const iterator = subscription[Symbol.asyncIterator]();
  peer.update('b', '0:1');
  peer.update('a', '0:2');
  peer.update('b', '0:3');
  peer.update('c', '0:4');
  peer.remove('c', '0:5');
  await seen.count(5);
  expect(await drain(iterator)).toEqual(['+a@0:2', '+b@0:3']);
});

test('latest: what the reader knows and is gone is told', async () => {
  const { peer, seen, subscription } = await live({}, [
    { channel: 'a', at: '0:0', time: 1, data: 0 },
  ]);
  const iterator = subscription[Symbol.asyncIterator]();
  await iterator.next();
  peer.remove('a', '0:1');
  peer.update('a', '0:2');
  peer.remove('a', '0:3');
  await seen.count(3);
  expect(await drain(iterator)).toEqual(['-a@0:3']);
});

test('all: every update; past queueSize a gap, the newest of each, then every update again', async () => {
  const { peer, seen, subscription } = await live({ mode: 'all', queueSize: 4 });
  const iterator = subscription[Symbol.asyncIterator]();
  for (let offset = 1; offset <= 4; offset += 1) peer.update('a', `0:${offset}`);
  await seen.count(4);
  for (let offset = 1; offset <= 4; offset += 1) {
    expect(await iterator.next()).toMatchObject({ value: { at: `0:${offset}` } });
  }
  for (let offset = 5; offset <= 10; offset += 1) peer.update(`b${offset % 2}`, `0:${offset}`);
  await seen.count(10);
  const events = [];
  for (let i = 0; i < 3; i += 1) events.push((await iterator.next()).value);
  expect(brief(events)).toEqual(['gap', '+b1@0:9', '+b0@0:10']);
  peer.update('a', '0:11');
  peer.update('a', '0:12');
  await seen.count(12);
  expect((await iterator.next()).value.at).toBe('0:11');
  expect((await iterator.next()).value.at).toBe('0:12');
});

test('all: the hub’s gap, and what could not be recovered, are told in order', async () => {
  const { id, peer, seen, subscription } = await live({ mode: 'all' });
  const iterator = subscription[Symbol.asyncIterator]();
  peer.update('a', '0:1');
  peer.send({ type: 'gap', id, reason: 'overflow' });
  peer.update('a', '0:9');
  await seen.count(3);
  peer.cut();
  const next = await context.hub.open();
  await next.answer([{ channel: 'a', at: '0:20', time: 1, data: 1 }], { token: 'e~2~0:20' });
  await seen.count(5);
  const events = [];
  for (let i = 0; i < 5; i += 1) events.push((await iterator.next()).value);
  expect(brief(events)).toEqual(['+a@0:1', 'gap', '+a@0:9', 'gap', '+a@0:20']);
  expect(events.filter(({ type }) => type === 'gap')).toEqual([
    { type: 'gap', reason: 'overflow' },
    { type: 'gap', reason: 'not recovered' },
  ]);
});

test('one next() after another may wait', async () => {
  const { peer, subscription } = await live();
  const iterator = subscription[Symbol.asyncIterator]();
  const both = [iterator.next(), iterator.next()];
  peer.update('a', '0:1');
  peer.update('a', '0:2');
  expect(brief((await Promise.all(both)).map(({ value }) => value))).toEqual(['+a@0:1', '+a@0:2']);
});

test('what is untaken when the hub ends it is given before the error', async () => {
  const { id, peer, seen, subscription } = await live();
  const iterator = subscription[Symbol.asyncIterator]();
  const errors = record(subscription, 'error');
  peer.update('a', '0:1');
  await seen.count(1);
  peer.send({ type: 'error', id, code: 'ERR_HUB_FORBIDDEN', message: 'ended', retriable: false });
  await errors.count(1);
  expect((await iterator.next()).value.at).toBe('0:1');
  await expect(iterator.next()).rejects.toMatchObject({ code: 'ERR_HUB_FORBIDDEN' });
  expect(await iterator.next()).toEqual({ value: undefined, done: true });
});
