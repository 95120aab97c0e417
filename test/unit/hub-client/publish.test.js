'use strict';

const { record, useScriptedHub } = require('./support/setup');

const context = useScriptedHub();

async function openClient() {
  const client = context.connect();
  const states = record(client, 'state');
  const peer = await context.hub.open();
  await states.count(1);
  return { client, peer };
}

test('resolves with the hub’s answer, whatever order the answers come in', async () => {
  const { client, peer } = await openClient();
  const first = client.publish('task.create', { a: 1 }, { key: '42' });
  const second = client.publish('task.create', null);
  const { id, ...message } = await peer.take('publish');
  expect(message).toEqual({ type: 'publish', route: 'task.create', key: '42', data: { a: 1 } });
  const other = await peer.take('publish');
  expect(other).toEqual({
    type: 'publish',
    id: expect.any(Number),
    route: 'task.create',
    data: null,
  });
  peer.send({ type: 'published', id: other.id, at: 'tasks:0:18' });
  peer.send({ type: 'published', id, at: 'tasks:0:17' });
  expect(await first).toEqual({ at: 'tasks:0:17' });
  expect(await second).toEqual({ at: 'tasks:0:18' });
});

test('rejects with the hub’s error; a subscription beside it is not concerned', async () => {
  const { client, peer } = await openClient();
  const subscription = client.subscribe('a');
  await peer.answer();
  const publish = client.publish('r', {});
  const { id } = await peer.take('publish');
  const error = { code: 'ERR_HUB_INVALID_DATA', message: '/a is missing', retriable: false };
  peer.send({ type: 'error', id, ...error });
  await expect(publish).rejects.toMatchObject({ name: 'StatusError', ...error });
  await subscription.ready;
});

test('a cut before the answer rejects: nobody knows whether it was written; the next connection is clean', async () => {
  const { client, peer } = await openClient();
  const publish = client.publish('r', {});
  const { id } = await peer.take('publish');
  peer.cut();
  await expect(publish).rejects.toMatchObject({ code: 'ERR_STATUS_LOST', retriable: true });
  const states = record(client, 'state');
  const next = await context.hub.open();
  await states.until((events) => events.some(({ state }) => state === 'open'));
  next.send({ type: 'published', id, at: 'late' });
  const again = client.publish('r', {});
  next.send({ type: 'published', id: (await next.take('publish')).id, at: 'new' });
  expect(await again).toEqual({ at: 'new' });
});

test('without a connection it rejects at once', async () => {
  const client = context.connect();
  const error = { code: 'ERR_STATUS_NOT_OPEN', retriable: true };
  await expect(client.publish('r', {})).rejects.toMatchObject(error);
  const peer = await context.hub.open();
  client.subscribe('a');
  await peer.take('subscribe'); // and nothing before
});

test('what is no JSON rejects', async () => {
  const { client } = await openClient();
  await expect(client.publish('r', 1n)).rejects.toThrow(TypeError);
});

test('closing rejects', async () => {
  const { client } = await openClient();
  const publish = client.publish('r', {});
  client.close();
  await expect(publish).rejects.toMatchObject({ code: 'ERR_STATUS_LOST' });
  await expect(client.publish('r', {})).rejects.toMatchObject({ code: 'ERR_STATUS_CLOSED' });
});
