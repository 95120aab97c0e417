'use strict';

const { once } = require('node:events');
const WebSocket = require('ws');
const { embeddedBroker } = require('../../shared/brokers');
const { until } = require('../../shared/consumer-tools');
const { TRANSPORTS, everybody, hubTools, message, tombstone } = require('../../shared/hub-tools');
const { StatusClient, record } = require('./support/setup');

const tools = hubTools(embeddedBroker());

/** Clients whose sockets a test can cut. */
function connectTo(url, options) {
  const sockets = [];
  class TestSocket extends WebSocket {
    constructor(...args) {
      super(...args);
      sockets.push(this);
    }
  }
  const backoff = { baseMs: 5, maxMs: 20 };
  const client = new StatusClient(url, { WebSocket: TestSocket, backoff, ...options });
  tools.onEnd(() => client.close());
  return { client, cut: () => sockets.at(-1).terminate() };
}

const dataOf = ({ entities }) =>
  new Map([...entities].map(([channel, { data }]) => [channel, data]));

/** A topic's future: updates and tombstones of few tasks, and the state that they lead to. */
class Story {
  #n = 0;
  state = new Map();
  /** Of each task, all its `n`, in order. */
  numbers = new Map();

  chapter(count) {
    return Array.from({ length: count }, () => {
      const n = ++this.#n;
      const id = 1 + ((n * 7) % 5);
      if (n % 11 === 0) {
        this.state.delete(`task/${id}`);
        return tombstone({ id });
      }
      const data = { id, n, even: n % 2 === 0 };
      this.state.set(`task/${id}`, { type: 'task', ...data });
      this.numbers.set(id, [...(this.numbers.get(id) ?? []), n]);
      return message(data);
    });
  }

  stateOf(matches) {
    return new Map([...this.state].filter(([channel, data]) => matches(channel, data)));
  }
}

describe.each([
  ['descriptor', TRANSPORTS.descriptor],
  ['relay', TRANSPORTS.relay],
])('over %s', (_, transport) => {
  test('overlapping subscriptions through cuts: all have the state of the hub, none missed or saw twice an update', async () => {
    const story = new Story();
    const topic = await tools.newTopic();
    await tools.send(topic, ...story.chapter(20));
    const { url } = await tools.start({ topic, transport });
    const { client, cut } = connectTo(url);
    const errors = record(client, 'error');
    const known = new Map([...story.numbers].map(([id, all]) => [id, all.length]));
    const subscriptions = {
      all: client.subscribe('task/*', { mode: 'all' }),
      latest: client.subscribe('*'),
      one: client.subscribe(['task/1', 'task/3']),
      even: client.subscribe('task/*', { filter: { even: true } }),
      rated: client.subscribe('task/*', { maxRateMs: 20 }),
    };
    await Promise.all(Object.values(subscriptions).map(({ ready }) => ready));
    const told = record(subscriptions.all, 'update', 'gap');
    const snapshots = record(subscriptions.latest, 'snapshot');
    for (let round = 0; round < 6; round += 1) {
      await tools.send(topic, ...story.chapter(15));
      cut();
      await tools.send(topic, ...story.chapter(10));
      await snapshots.count(round + 1);
    }
    const one = (channel) => ['task/1', 'task/3'].includes(channel);
    const wanted = {
      all: story.state,
      latest: story.state,
      one: story.stateOf(one),
      even: story.stateOf((channel, { even }) => even),
      rated: story.state,
    };
    const found = () =>
      Object.fromEntries(
        Object.entries(subscriptions).map(([name, subscription]) => [name, dataOf(subscription)]),
      );
    const isSame = (a, b) => a.size === b.size && [...b].every(([k, v]) => a.get(k)?.n === v.n);
    await until(() => Object.entries(found()).every(([name, view]) => isSame(view, wanted[name])));
    expect(found()).toEqual(wanted);
    expect(snapshots.events.map(({ recovered }) => recovered)).toEqual(Array(6).fill(true));
    for (const [id, numbers] of story.numbers) {
      const live = told.events.filter(({ data }) => data?.id === id).map(({ data }) => data.n);
      expect(live.sort((a, b) => a - b)).toEqual(numbers.slice(known.get(id)));
    }
    expect(told.events.filter(({ type }) => type === 'gap')).toEqual([]);
    expect(errors.events).toEqual([]);
  });
});

test('a hub that restarts: subscriptions resume with what changed meanwhile', async () => {
  const topic = await tools.newTopic();
  await tools.send(topic, message({ id: 1 }), message({ id: 2 }), message({ id: 3 }));
  const first = await tools.start({ topic });
  const { client } = connectTo(first.url);
  const subscription = client.subscribe('task/*');
  await subscription.ready;
  const states = record(client, 'state');
  jest.spyOn(Math, 'random').mockReturnValue(0); // 4000 says: within three seconds
  await first.hub.close();
  expect((await states.count(1))[0]).toMatchObject({ state: 'waiting', code: 4000 });
  await tools.send(topic, message({ id: 2, n: 2 }), tombstone({ id: 3 }));
  const changes = record(subscription, 'update', 'remove', 'snapshot');
  const second = tools.newHub(topic);
  await second.attach(first.server);
  await changes.until((events) => events.some(({ recovered }) => recovered !== undefined));
  expect(changes.events.at(-1)).toEqual({ recovered: true });
  expect(
    changes.events
      .slice(0, -1)
      .map(({ type, channel }) => `${type} ${channel}`)
      .sort(),
  ).toEqual(['remove task/3', 'update task/2']);
  await tools.send(topic, message({ id: 4 }));
  await changes.until((events) => events.some(({ channel }) => channel === 'task/4'));
  expect([...subscription.entities.keys()].sort()).toEqual(['task/1', 'task/2', 'task/4']);
});

test('a history that is too short: the store is replaced', async () => {
  const topic = await tools.newTopic(1);
  await tools.send(topic, message({ id: 1 }), message({ id: 2 }));
  const options = { ...everybody, store: { tokenMs: 0 } };
  const { hub, url } = await tools.start({ topic, options });
  const { client, cut } = connectTo(url);
  const subscription = client.subscribe('task/*');
  await subscription.ready;
  const changes = record(subscription, 'remove', 'snapshot');
  const away = once(hub, 'disconnect');
  cut();
  await away;
  await tools.send(topic, tombstone({ id: 1 }));
  await changes.until((events) => events.some(({ type }) => type === 'remove'));
  expect([...subscription.entities.keys()]).toEqual(['task/2']);
});

describe('tokens', () => {
  const SECRET = 'let me in';
  const grant = { subject: 'u1', allow: ['task/*'] };

  test('by subprotocol; a right that is missing ends only that subscription', async () => {
    const authenticate = ({ token }) => token === SECRET && grant;
    const { send, url } = await tools.start({ options: {}, authenticate });
    const { client } = connectTo(url, { token: async () => SECRET });
    const task = client.subscribe('task/*');
    const org = client.subscribe('org/*');
    await expect(org.ready).rejects.toMatchObject({ code: 'ERR_HUB_FORBIDDEN', retriable: false });
    const updates = record(task, 'update');
    await task.ready;
    await send(message({ id: 1 }));
    await updates.count(1);
  });

  test('by a message after a challenge; a wrong one is told as such', async () => {
    const authenticate = ({ token }) => {
      if (token === undefined) return undefined;
      if (token !== SECRET) throw new Error('wrong');
      return grant;
    };
    const { url } = await tools.start({ options: {}, authenticate });
    const byMessage =
      (value) =>
      ({ reason }) =>
        reason === 'challenge' ? value : null;
    const { client } = connectTo(url, { token: byMessage(SECRET) });
    await client.subscribe('task/*').ready;
    const { client: wrong } = connectTo(url, { token: byMessage('guess') });
    const [error] = await record(wrong, 'error').count(1);
    expect(error).toMatchObject({ code: 'ERR_STATUS_REFUSED', closeCode: 4501 });
  });

  test('rights that end are renewed, and the connection stays', async () => {
    const endings = [];
    const authenticate = ({ token }) => {
      const isFirst = token === 'connect';
      const expiresAt = Date.now() + (isFirst ? 60_000 : 3_600_000);
      endings.push(token);
      return { ...grant, expiresAt };
    };
    const options = { expiryNoticeMs: 120_000 };
    const { url } = await tools.start({ options, authenticate });
    const reasons = [];
    const token = ({ reason }) => {
      reasons.push(reason);
      return reason;
    };
    const { client } = connectTo(url, { token });
    const states = record(client, 'state');
    await client.subscribe('task/*').ready;
    await until(() => endings.includes('expiring'));
    expect(reasons).toEqual(['connect', 'expiring']);
    expect(states.events.map(({ state }) => state)).toEqual(['open']);
  });

  test('revoked: closed for good', async () => {
    const { hub, url } = await tools.start({ options: {}, authenticate: () => grant });
    const { client } = connectTo(url, { token: SECRET });
    await client.subscribe('task/*').ready;
    const errors = record(client, 'error');
    hub.revoke('u1');
    expect((await errors.count(1))[0]).toMatchObject({ closeCode: 4503 });
    expect(client.state).toBe('closed');
  });
});

test('publishing: acknowledged after Kafka, seen by subscribers', async () => {
  const topic = await tools.newTopic();
  const options = {
    anonymous: { allow: ['*'], publish: ['task.create'] },
    publish: { 'task.create': { topic, key: 'id' } },
  };
  const { url } = await tools.start({ topic, options });
  const { client } = connectTo(url);
  const subscription = client.subscribe('task/*');
  const updates = record(subscription, 'update');
  await subscription.ready;
  const { at } = await client.publish('task.create', { type: 'task', id: 'x' });
  expect(at).toMatch(new RegExp(`^${topic}:[01]:0$`));
  expect((await updates.count(1))[0]).toMatchObject({ channel: 'task/x' });
  await expect(client.publish('task.delete', {})).rejects.toMatchObject({
    code: 'ERR_HUB_FORBIDDEN',
  });
});
