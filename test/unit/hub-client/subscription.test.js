'use strict';

const { brief, record, useScriptedHub } = require('./support/setup');

const context = useScriptedHub();

const item = (channel, at, data = at) => ({ channel, at, time: 1, data });

test('snapshot, then updates and removals: events, entities and the iterator agree', async () => {
  const subscription = context.connect().subscribe('task/*');
  const seen = record(subscription, 'update', 'remove', 'snapshot');
  const iterator = subscription[Symbol.asyncIterator]();
  const peer = await context.hub.open();
  const { id, ...request } = await peer.take('subscribe');
  expect(request).toEqual({ type: 'subscribe', channels: ['task/*'], mode: 'latest' });
  peer.send({ type: 'subscribed', id, channels: ['task/*'], mode: 'latest', recovered: false });
  peer.send({ type: 'snapshot', id, items: [item('task/1', '0:1')], more: true });
  peer.send({ type: 'snapshot', id, items: [item('task/2', '0:2')], more: true });
  peer.send({ type: 'snapshot', id, items: [], more: false, token: 'e~1~0:2' });
  await subscription.ready;
  peer.update('task/1', '0:3', { status: 'done' });
  peer.remove('task/2', '0:4');
  await seen.count(5);
  const changes = ['+task/1@0:1', '+task/2@0:2', '+task/1@0:3', '-task/2@0:4'];
  expect(brief(seen.events)).toEqual([
    ...changes.slice(0, 2),
    'snapshot false',
    ...changes.slice(2),
  ]);
  expect([...subscription.entities]).toMatchObject([
    ['task/1', { data: { status: 'done' }, at: '0:3', time: 1 }],
  ]);
  // Untaken, the two updates of task/1 are one, and task/2 has never been there.
  expect(await iterator.next()).toMatchObject({ value: { at: '0:3' }, done: false });
  const next = iterator.next();
  peer.update('task/3', '0:5');
  expect(await next).toMatchObject({ value: { type: 'update', channel: 'task/3' }, done: false });
});

test('parts of a snapshot count for nothing until the last one', async () => {
  const subscription = context.connect().subscribe('task/*');
  const seen = record(subscription, 'update', 'remove', 'snapshot');
  const first = await context.hub.open();
  const { id } = await first.take('subscribe');
  first.send({ type: 'subscribed', id, recovered: false });
  first.send({ type: 'snapshot', id, items: [item('task/1', '0:1')], more: true });
  first.cut();
  const second = await context.hub.open();
  const request = await second.answer([item('task/2', '0:2')]);
  expect(request.since).toBeUndefined();
  await subscription.ready;
  expect(brief(seen.events)).toEqual(['+task/2@0:2', 'snapshot false']);
});

test('a cut in the middle of the snapshot of a resume: the older token again', async () => {
  const subscription = context.connect().subscribe('task/*');
  const first = await context.hub.open();
  await first.answer([item('task/1', '0:1')], { token: 'e~1~0:1,1:7' });
  await subscription.ready;
  first.cut();
  const second = await context.hub.open();
  const { id } = await second.take('subscribe');
  second.send({ type: 'subscribed', id, recovered: true });
  second.send({ type: 'snapshot', id, items: [item('task/1', '0:9')], more: true });
  second.cut();
  const third = await context.hub.open();
  const seen = record(subscription, 'update', 'snapshot');
  const { since } = await third.answer([item('task/1', '0:9')], {
    recovered: true,
    token: 'e~2~0:9,1:7',
  });
  expect(since).toBe('e~1~0:1,1:7');
  await seen.count(2);
  expect(brief(seen.events)).toEqual(['+task/1@0:9', 'snapshot true']);
});

test('not recovered: the store is replaced, what is gone is told', async () => {
  const subscription = context.connect().subscribe('*');
  const { entities } = subscription;
  const first = await context.hub.open();
  await first.answer([item('a', '0:1'), item('b', '0:2'), item('c', '0:3')], { token: 'e~1~0:3' });
  await subscription.ready;
  const seen = record(subscription, 'update', 'remove', 'snapshot');
  first.cut();
  const second = await context.hub.open();
  await second.answer([item('b', '0:2'), item('c', '0:8')], { token: 'e~2~0:8' });
  await seen.until((events) => events.length === 3);
  expect(brief(seen.events)).toEqual(['+c@0:8', '-a@0:1', 'snapshot false']);
  expect([...entities.keys()]).toEqual(['b', 'c']);
  // Another epoch: the same offset is another message.
  second.cut();
  const third = await context.hub.open();
  await third.answer([item('b', '0:2', 'other')], { token: 'f~1~0:2' });
  await seen.count(6);
  expect(brief(seen.events.slice(3))).toEqual(['+b@0:2', '-c@0:8', 'snapshot false']);
  expect(entities.get('b').data).toBe('other');
});

test('the hub begins again: updates wait for the new snapshot', async () => {
  const subscription = context.connect().subscribe('*');
  const peer = await context.hub.open();
  const { id } = await peer.answer([item('a', '0:100')], { token: 'e~1~0:100' });
  await subscription.ready;
  const seen = record(subscription, 'update', 'remove', 'snapshot');
  peer.send({ type: 'subscribed', id, recovered: false });
  peer.send({ type: 'snapshot', id, items: [item('b', '0:1')], more: false, token: 'f~1~0:1' });
  peer.update('a', '0:2');
  await seen.count(4);
  expect(brief(seen.events)).toEqual(['+b@0:1', '-a@0:100', 'snapshot false', '+a@0:2']);
});

test('what changed while a whole snapshot was sent comes again in it, or is taken back', async () => {
  const subscription = context.connect().subscribe('*');
  const seen = record(subscription, 'update', 'remove', 'snapshot');
  const gone = { channel: 'b', at: '0:4', time: 1, removed: true };
  await (
    await context.hub.open()
  ).answer([item('a', '0:1'), item('b', '0:2'), item('a', '0:3'), gone]);
  await seen.count(2);
  expect(brief(seen.events)).toEqual(['+a@0:3', 'snapshot false']);
});

test('removed items of a resume are removals', async () => {
  const subscription = context.connect().subscribe('*');
  const first = await context.hub.open();
  await first.answer([item('a', '0:1'), item('b', '0:2')], { token: 'e~1~0:2' });
  await subscription.ready;
  const seen = record(subscription, 'update', 'remove', 'snapshot');
  first.cut();
  const second = await context.hub.open();
  const removed = { channel: 'a', at: '0:5', time: 2, removed: true };
  const unknown = { channel: 'x', at: '0:6', time: 2, removed: true };
  await second.answer([removed, unknown], { recovered: true, token: 'e~2~0:6' });
  await seen.count(2);
  expect(brief(seen.events)).toEqual(['-a@0:5', 'snapshot true']);
  expect([...subscription.entities.keys()]).toEqual(['b']);
});

test('equal subscriptions share one on the wire; who joins later sees everything once', async () => {
  const client = context.connect();
  const first = client.subscribe('task/*');
  const peer = await context.hub.open();
  const { id } = await peer.answer([item('task/1', '0:1')]);
  await first.ready;
  const second = client.subscribe('task/*');
  const seen = record(second, 'update', 'snapshot');
  await second.ready;
  expect(brief(seen.events)).toEqual(['+task/1@0:1', 'snapshot false']);
  expect(second.entities).toBe(first.entities);
  peer.update('task/1', '0:2');
  await seen.count(3);
  first.close();
  peer.update('task/1', '0:3');
  await seen.count(4);
  second.close();
  expect(await peer.take('unsubscribe')).toEqual({ type: 'unsubscribe', id });
  const other = client.subscribe('task/*');
  expect((await peer.answer([])).id).not.toBe(id);
  await other.ready;
});

test('options that differ make subscriptions that differ', async () => {
  const client = context.connect({ maxRateMs: 50 });
  client.subscribe('a', { filter: { status: ['failed', 'running'] } });
  client.subscribe(['a', 'b/*'], { mode: 'all', maxRateMs: undefined });
  const peer = await context.hub.open();
  expect(await peer.take('subscribe')).toMatchObject({
    channels: ['a'],
    mode: 'latest',
    maxRateMs: 50,
    filter: { status: ['failed', 'running'] },
  });
  expect(await peer.take('subscribe')).toEqual({
    type: 'subscribe',
    id: 2,
    channels: ['a', 'b/*'],
    mode: 'all',
  });
});

test('closing: the loop ends, ready rejects quietly, nothing more is told', async () => {
  const client = context.connect();
  const subscription = client.subscribe('*');
  const iterator = subscription[Symbol.asyncIterator]();
  const next = iterator.next();
  const seen = record(subscription, 'update', 'error');
  subscription.close();
  subscription.close();
  expect(await next).toEqual({ value: undefined, done: true });
  expect(await iterator.next()).toEqual({ value: undefined, done: true });
  await expect(subscription.ready).rejects.toMatchObject({ code: 'ERR_STATUS_CLOSED' });
  expect(seen.events).toEqual([]);
});

test('leaving the loop closes the subscription', async () => {
  const subscription = context.connect().subscribe('*');
  const accepted = context.hub.open().then(async (peer) => {
    await peer.answer([item('a', '0:1')]);
    return peer;
  });
  for await (const { channel } of subscription) {
    if (channel === 'a') break;
  }
  await (await accepted).take('unsubscribe');
});

test('a subscription that is refused ends: event, ready and loop say why; others go on', async () => {
  const client = context.connect();
  const refused = client.subscribe('secret/*');
  const allowed = client.subscribe('task/*');
  const errors = record(refused, 'error');
  const loop = (async () => {
    for await (const change of refused) expect(change).toBeUndefined();
  })();
  const peer = await context.hub.open();
  const { id } = await peer.take('subscribe');
  const error = { code: 'ERR_HUB_FORBIDDEN', message: 'no right to secret/*', retriable: false };
  peer.send({ type: 'error', id, ...error });
  await expect(loop).rejects.toMatchObject(error);
  await expect(refused.ready).rejects.toMatchObject(error);
  expect(errors.events).toMatchObject([{ name: 'StatusError', ...error }]);
  await peer.answer([item('task/1', '0:1')]);
  await allowed.ready;
  peer.cut();
  expect((await (await context.hub.open()).take('subscribe')).channels).toEqual(['task/*']);
});

test('a subscription that cannot be had now is asked for again', async () => {
  const subscription = context.connect().subscribe('*');
  const errors = record(subscription, 'error');
  const peer = await context.hub.open();
  for (let times = 0; times < 3; times += 1) {
    const { id } = await peer.take('subscribe');
    peer.send({ type: 'error', id, code: 'ERR_HUB_NOT_READY', message: 'later', retriable: true });
  }
  await peer.answer([item('a', '0:1')]);
  await subscription.ready;
  expect(errors.events.map(({ code }) => code)).toEqual(Array(3).fill('ERR_HUB_NOT_READY'));
});

test('an error of a listener is reported as one and stops nothing', async () => {
  const uncaught = jest.spyOn(globalThis, 'setTimeout');
  const subscription = context.connect().subscribe('*');
  const peer = await context.hub.open();
  await peer.answer();
  await subscription.ready;
  uncaught.mockImplementation((callback) => expect(callback).toThrow('mine'));
  subscription.on('update', () => {
    throw new Error('mine');
  });
  const seen = record(subscription, 'update');
  peer.update('a', '0:1');
  await seen.count(1);
  expect(uncaught).toHaveBeenCalled();
  uncaught.mockRestore();
});

test('on() gives a function that ends it', async () => {
  const subscription = context.connect().subscribe('*');
  const peer = await context.hub.open();
  await peer.answer();
  await subscription.ready;
  const first = [];
  const off = subscription.on('update', ({ at }) => first.push(at));
  const seen = record(subscription, 'update');
  peer.update('a', '0:1');
  await seen.count(1);
  off();
  peer.update('a', '0:2');
  await seen.count(2);
  expect(first).toEqual(['0:1']);
});

test.each([[''], [[]], [['a', 5]], [undefined]])('channels %j are refused', (channels) => {
  expect(() => context.connect().subscribe(channels)).toThrow(TypeError);
});

test('an unknown mode is refused', () => {
  expect(() => context.connect().subscribe('a', { mode: 'some' })).toThrow(/mode.*some/);
});
