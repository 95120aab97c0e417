'use strict';

const { brief, record, useScriptedHub } = require('./support/setup');

const context = useScriptedHub();

const item = (channel, at, data = at) => ({ channel, at, time: 1, data });

/** Live subscriptions of one client, all with the token e~1~0:10. `options`: of each, by its pattern. */
async function subscribeAll(options, items = []) {
  const client = context.connect();
  const subscriptions = options.map(({ pattern, ...rest }) => client.subscribe(pattern, rest));
  const peer = await context.hub.open();
  for (const { filter } of options) {
    await peer.answer(filter ? [] : items, { token: 'e~1~0:10' });
  }
  await Promise.all(subscriptions.map(({ ready }) => ready));
  const seen = subscriptions.map((one) => record(one, 'update', 'remove', 'gap'));
  return { client, peer, seen, subscriptions };
}

/** Cuts, and gives the tokens that the client resumes with, in the order of its subscriptions. */
async function tokensAfterCut(peer, count) {
  peer.cut();
  const next = await context.hub.open();
  const tokens = [];
  for (let i = 0; i < count; i += 1) {
    tokens.push((await next.answer([], { recovered: true, token: 'e~2~0:10' })).since);
  }
  return { next, tokens };
}

/** All before it is handled when this comes through. */
async function settle(client, peer) {
  const answer = client.publish('none', null);
  const { id } = await peer.take('publish');
  peer.send({ type: 'published', id, at: '-' });
  await answer;
}

const BOTH = [{ pattern: 'task/*' }, { pattern: 'task/1' }];

test('an update that comes for two subscriptions is told to each of them once', async () => {
  const { client, peer, seen } = await subscribeAll(BOTH);
  peer.update('task/1', '0:11');
  peer.update('task/1', '0:11');
  peer.update('task/2', '0:12');
  peer.remove('task/1', '0:13');
  peer.remove('task/1', '0:13');
  await settle(client, peer);
  expect(brief(seen[0].events)).toEqual(['+task/1@0:11', '+task/2@0:12', '-task/1@0:13']);
  expect(brief(seen[1].events)).toEqual(['+task/1@0:11', '-task/1@0:13']);
});

test('the token moves by updates of one subscription only, and by pings', async () => {
  const { client, peer } = await subscribeAll(BOTH);
  peer.update('task/1', '0:11');
  await settle(client, peer);
  const { next, tokens } = await tokensAfterCut(peer, 2);
  expect(tokens).toEqual(['e~1~0:10', 'e~1~0:10']);
  next.update('task/1', '0:11');
  next.update('task/2', '0:12');
  next.update('task/7', '3:0'); // a new partition
  await settle(client, next);
  const { next: third, tokens: moved } = await tokensAfterCut(next, 2);
  expect(moved).toEqual(['e~2~0:12,3:0', 'e~2~0:10']);
  third.send({ type: 'ping', token: 'e~3~0:20,3:5' });
  await settle(client, third);
  expect((await tokensAfterCut(third, 2)).tokens).toEqual(['e~3~0:20,3:5', 'e~3~0:20,3:5']);
});

test('until the hub confirms the end of the other, an update may be that one’s: the token stays', async () => {
  const { client, peer, subscriptions } = await subscribeAll(BOTH);
  subscriptions[1].close();
  const { id } = await peer.take('unsubscribe');
  peer.update('task/1', '0:12');
  await settle(client, peer);
  peer.send({ type: 'unsubscribed', id });
  const { next, tokens } = await tokensAfterCut(peer, 1);
  expect(tokens).toEqual(['e~1~0:10']);
  next.update('task/1', '0:13');
  await settle(client, next);
  expect((await tokensAfterCut(next, 1)).tokens).toEqual(['e~2~0:13']);
});

test('with maxRateMs the token moves by pings only: older updates may be held back', async () => {
  const { client, peer } = await subscribeAll([{ pattern: '*', maxRateMs: 100 }]);
  peer.update('task/2', '0:12');
  await settle(client, peer);
  const { next, tokens } = await tokensAfterCut(peer, 1);
  expect(tokens).toEqual(['e~1~0:10']);
  next.send({ type: 'ping', token: 'e~2~0:12' });
  await settle(client, next);
  expect((await tokensAfterCut(next, 1)).tokens).toEqual(['e~2~0:12']);
});

test('a ping before the snapshot is no token of that subscription', async () => {
  const client = context.connect();
  client.subscribe('a');
  const peer = await context.hub.open();
  await peer.take('subscribe');
  peer.send({ type: 'ping', token: 'e~1~0:99' });
  await settle(client, peer);
  expect((await tokensAfterCut(peer, 1)).tokens).toEqual([undefined]);
});

test('another node that is behind makes nothing go back', async () => {
  const { client, peer, seen } = await subscribeAll([{ pattern: '*' }], [item('a', '0:10')]);
  peer.update('a', '0:20');
  peer.remove('b', '0:21');
  await settle(client, peer);
  const { next } = await tokensAfterCut(peer, 1);
  next.update('c', '0:9'); // and gone before 0:10
  next.update('a', '0:15');
  next.update('b', '0:16');
  next.send({ type: 'ping', token: 'e~5~0:16' });
  next.update('b', '0:17');
  next.update('a', '0:20');
  next.update('a', '0:22');
  await settle(client, next);
  expect(brief(seen[0].events)).toEqual(['+a@0:20', '+a@0:22']);
  expect((await tokensAfterCut(next, 1)).tokens).toEqual(['e~5~0:22']);
});

test('mode all: each once, though another subscription is ahead; also after a resume', async () => {
  const all = { pattern: 'task/*', mode: 'all' };
  const { client, peer, seen } = await subscribeAll([all, { pattern: 'task/1' }]);
  peer.update('task/1', '0:14'); // of `latest`, which left out 0:11
  peer.update('task/1', '0:11');
  peer.update('task/2', '0:12');
  peer.update('task/1', '0:14');
  await settle(client, peer);
  const expected = ['+task/1@0:14', '+task/1@0:11', '+task/2@0:12'];
  expect(brief(seen[0].events)).toEqual(expected);
  expect(brief(seen[1].events)).toEqual(['+task/1@0:14']);
  const { next, tokens } = await tokensAfterCut(peer, 2);
  expect(tokens).toEqual(['e~1~0:12', 'e~1~0:10']);
  next.update('task/1', '0:14');
  next.update('task/1', '0:14');
  next.update('task/1', '0:15');
  await settle(client, next);
  expect(brief(seen[0].events)).toEqual([...expected, '+task/1@0:15']);
  expect(client.state).toBe('open');
});

test('an update of another subscription does not reach one whose snapshot is not complete', async () => {
  const { client, peer } = await subscribeAll([{ pattern: 'a' }], [item('a', '0:10')]);
  const late = client.subscribe('*');
  const told = record(late, 'update', 'snapshot');
  const { id } = await peer.take('subscribe');
  peer.send({ type: 'subscribed', id, recovered: false });
  peer.update('a', '0:11');
  peer.send({ type: 'snapshot', id, items: [item('a', '0:10')], more: false, token: 'e~1~0:10' });
  peer.update('a', '0:11');
  await settle(client, peer);
  expect(brief(told.events)).toEqual(['+a@0:10', 'snapshot false', '+a@0:11']);
  // The hub begins again with both.
  peer.send({ type: 'subscribed', id, recovered: false });
  peer.update('a', '0:12');
  peer.send({ type: 'snapshot', id, items: [item('a', '0:11')], more: false, token: 'e~1~0:11' });
  peer.update('a', '0:12');
  await settle(client, peer);
  expect(brief(told.events.slice(3))).toEqual(['snapshot false', '+a@0:12']);
});

test('an older copy does not bring back what was removed', async () => {
  const all = { pattern: '*', mode: 'all' };
  const { client, peer, seen, subscriptions } = await subscribeAll([{ pattern: 'a' }, all]);
  peer.update('a', '0:11');
  peer.remove('a', '0:12');
  peer.update('a', '0:11');
  await settle(client, peer);
  expect(brief(seen[0].events)).toEqual(['+a@0:11', '-a@0:12']);
  expect(subscriptions.map(({ entities }) => entities.size)).toEqual([0, 0]);
});

test('a record that removes several entities: each is told, also when a cut comes between them', async () => {
  const all = { mode: 'all' };
  const { client, peer, seen } = await subscribeAll([
    { pattern: '*', ...all },
    { pattern: 'b', ...all },
  ]);
  peer.update('a', '0:11');
  peer.update('b', '0:12');
  peer.update('b', '0:12');
  peer.remove('a', '0:13');
  await settle(client, peer);
  const { next, tokens } = await tokensAfterCut(peer, 2);
  expect(tokens).toEqual(['e~1~0:12', 'e~1~0:10']);
  next.remove('a', '0:13');
  next.remove('b', '0:13');
  next.remove('b', '0:13');
  await settle(client, next);
  expect(brief(seen[0].events)).toEqual(['+a@0:11', '+b@0:12', '-a@0:13', '-b@0:13']);
  expect(brief(seen[1].events)).toEqual(['+b@0:12', '-b@0:13']);
});

test('between partitions the later message counts', async () => {
  const { client, peer, subscriptions } = await subscribeAll([{ pattern: '*', mode: 'all' }]);
  const update = { type: 'update', channel: 'a', data: 1 };
  peer.send({ ...update, at: '1.0:5', time: 20 }, { ...update, at: '0.0:9', time: 10 });
  await settle(client, peer);
  expect(subscriptions[0].entities.get('a').at).toBe('1.0:5');
  peer.send({ ...update, at: '0.0:10', time: 20 });
  await settle(client, peer);
  expect(subscriptions[0].entities.get('a').at).toBe('0.0:10');
});

describe('beside a subscription with a filter', () => {
  const FILTERED = [{ pattern: '*' }, { pattern: 'a', filter: { 's.t': ['on', 1] } }];
  const on = { s: { t: 'on' } };
  const off = { s: { t: 'off' } };

  test('its removal is not one of the other, whatever comes first', async () => {
    const { client, peer, seen, subscriptions } = await subscribeAll(FILTERED);
    peer.update('a', '0:11', on);
    peer.update('a', '0:11', on);
    peer.update('a', '0:12', off);
    peer.remove('a', '0:12');
    await settle(client, peer);
    expect(brief(seen[0].events)).toEqual(['+a@0:11', '+a@0:12']);
    expect(brief(seen[1].events)).toEqual(['+a@0:11', '-a@0:12']);
    peer.update('a', '0:13', on);
    peer.remove('a', '0:14');
    peer.update('a', '0:14', off);
    await settle(client, peer);
    expect(subscriptions[0].entities.get('a')).toMatchObject({ at: '0:14', data: off });
    expect(subscriptions[1].entities.size).toBe(0);
  });

  test('what does not match is not taken from the other’s copy', async () => {
    const { client, peer, seen } = await subscribeAll(FILTERED);
    peer.update('a', '0:11', off);
    peer.update('a', '0:12', { s: null });
    peer.update('a', '0:13', 'text');
    peer.update('a', '0:14', { s: { t: 1 } });
    await settle(client, peer);
    expect(brief(seen[1].events)).toEqual(['+a@0:14']);
  });
});
