'use strict';

const { StatusClient, record, useScriptedHub } = require('./support/setup');

const context = useScriptedHub();

const tokenOf = ([subprotocol, bearer]) => {
  expect(subprotocol).toBe('easyflow-status.v1');
  return bearer && Buffer.from(bearer.replace('bearer.', ''), 'base64url').toString();
};
const stateOf = ({ state }) => state;

test('the states of a life', async () => {
  const client = context.connect();
  expect(client.state).toBe('connecting');
  const states = record(client, 'state');
  const peer = await context.hub.open();
  await states.count(1);
  peer.cut();
  await (await context.hub.accept()).welcome();
  await states.count(4);
  expect(states.events).toMatchObject([
    { state: 'open' },
    { state: 'waiting', code: 1006, retryInMs: expect.any(Number) },
    { state: 'connecting' },
    { state: 'open' },
  ]);
  client.close();
  expect(states.events[4]).toEqual({ state: 'closed', error: undefined });
  expect(client.state).toBe('closed');
  expect(() => client.subscribe('a')).toThrow(/closed/);
  expect(() => client.reconnect()).toThrow(/closed/);
  await expect(client.publish('r', 1)).rejects.toMatchObject({ code: 'ERR_STATUS_CLOSED' });
});

test('close() tells the hub and ends subscriptions', async () => {
  const client = context.connect();
  const subscription = client.subscribe('a');
  const iterator = subscription[Symbol.asyncIterator]();
  const peer = await context.hub.open();
  await peer.answer();
  await subscription.ready;
  const next = iterator.next();
  client.close();
  client.close();
  expect(await next).toEqual({ value: undefined, done: true });
  expect(await peer.closed).toBe(1005);
});

test('reconnect(): at once, subscriptions resume', async () => {
  const client = context.connect({ backoff: { baseMs: 3_600_000, maxMs: 3_600_000 } });
  const subscription = client.subscribe('a');
  const peer = await context.hub.open();
  await peer.answer();
  await subscription.ready;
  client.reconnect();
  const second = await context.hub.open();
  expect((await second.answer([], { recovered: true })).since).toBe('e~1~0:0');
  await peer.closed;
  const waiting = record(client, 'state');
  second.cut();
  await waiting.count(1);
  expect(client.state).toBe('waiting');
  client.reconnect();
  await context.hub.open();
});

describe('tokens', () => {
  test('a string goes by subprotocol, in UTF-8', async () => {
    context.connect({ token: 'grüße~??>>' });
    expect(tokenOf((await context.hub.open()).protocols)).toBe('grüße~??>>');
  });

  test('none: only the subprotocol', async () => {
    context.connect();
    expect((await context.hub.open()).protocols).toEqual(['easyflow-status.v1']);
  });

  test('a function is asked before each connection, at a challenge and before rights end', async () => {
    const reasons = [];
    const token = async ({ reason }) => `t${reasons.push(reason)}`;
    context.connect({ token });
    const peer = await context.hub.accept();
    expect(tokenOf(peer.protocols)).toBe('t1');
    peer.send({ type: 'challenge', deadlineMs: 1_000 });
    expect(await peer.take('authenticate')).toEqual({ type: 'authenticate', token: 't2' });
    peer.welcome();
    peer.send({ type: 'expiring', inMs: 1_000 });
    expect((await peer.take('authenticate')).token).toBe('t3');
    peer.welcome();
    peer.close(4002, 'rights expired');
    const second = await context.hub.open();
    expect(tokenOf(second.protocols)).toBe('t4');
    second.cut();
    expect(tokenOf((await context.hub.accept()).protocols)).toBe('t5');
    expect(reasons).toEqual(['connect', 'challenge', 'expiring', 'expired', 'connect']);
  });

  test('the welcome of a renewal subscribes nothing again', async () => {
    const client = context.connect({ token: async () => 't' });
    client.subscribe('a');
    const peer = await context.hub.open();
    await peer.answer();
    peer.send({ type: 'expiring', inMs: 1_000 });
    await peer.take('authenticate');
    peer.welcome();
    client.subscribe('b');
    expect((await peer.take('subscribe')).channels).toEqual(['b']);
  });

  test('a function that fails: an error, and another attempt', async () => {
    let calls = 0;
    const cause = new Error('login first');
    const token = async () => {
      if (calls++ === 0) throw cause;
      return 'good';
    };
    const client = context.connect({ token });
    const errors = record(client, 'error');
    expect(tokenOf((await context.hub.accept()).protocols)).toBe('good');
    expect(errors.events).toMatchObject([{ code: 'ERR_STATUS_TOKEN', retriable: true, cause }]);
  });

  test('none now, one at the challenge', async () => {
    context.connect({ token: ({ reason }) => (reason === 'challenge' ? 't' : null) });
    const peer = await context.hub.accept();
    expect(peer.protocols).toEqual(['easyflow-status.v1']);
    peer.send({ type: 'challenge', deadlineMs: 1_000 });
    expect((await peer.take('authenticate')).token).toBe('t');
  });

  test('a string is not shown again when rights are about to end', async () => {
    const client = context.connect({ token: 't' });
    const peer = await context.hub.open();
    peer.send({ type: 'expiring', inMs: 1_000 });
    client.subscribe('a');
    await peer.take('subscribe');
  });
});

describe('close codes', () => {
  test.each([1000, 1001, 1011, 1012, 3000, 4000, 4001, 4003, 4499])(
    '%i: back again',
    async (code) => {
      context.connect();
      (await context.hub.open()).close(code, 'x');
      await context.hub.open();
    },
  );

  test.each([1002, 1003, 1007, 1008, 1009, 4500, 4501, 4503, 4504])(
    '%i: for good',
    async (code) => {
      const client = context.connect();
      const subscription = client.subscribe('a');
      const [errors, ends, states] = [
        record(client, 'error'),
        record(subscription, 'error'),
        record(client, 'state'),
      ];
      (await context.hub.open()).close(code, 'because');
      await errors.count(1);
      const error = { code: 'ERR_STATUS_REFUSED', closeCode: code, retriable: false };
      expect(errors.events).toMatchObject([error]);
      expect(errors.events[0].message).toContain(`${code} because`);
      expect(ends.events).toEqual(errors.events);
      await expect(subscription.ready).rejects.toBe(errors.events[0]);
      expect(states.events.map(stateOf)).toEqual(['open', 'closed']);
      expect(states.events[1].error).toBe(errors.events[0]);
      expect(context.hub.connects).toBe(1);
    },
  );
});

describe('how long it waits', () => {
  /** Ends of waits that a client would have, given what Math.random() gives. */
  async function waits(count, options, end) {
    const client = context.connect(options);
    const states = record(client, 'state');
    for (let i = 0; i < count; i += 1) end(await context.hub.open());
    const isWait = ({ state }) => state === 'waiting';
    const events = await states.until((all) => all.filter(isWait).length === count);
    return events.filter(isWait).map(({ retryInMs }) => retryInMs);
  }

  test('a random part of a ceiling that doubles, up to the maximum', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    const found = await waits(5, { backoff: { baseMs: 2, maxMs: 9 } }, (peer) => peer.cut());
    expect(found).toEqual([1, 2, 4, 4.5, 4.5]);
  });

  test('4000: a random part of what the hub says', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.25);
    const options = { backoff: { baseMs: 3_600_000 } };
    const found = await waits(2, options, (peer) => peer.close(4000, 'after=40'));
    expect(found).toEqual([10, 10]);
  });

  test('a connection that lived until a ping was a good one', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(1);
    const options = { backoff: { baseMs: 2, maxMs: 100 } };
    let connections = 0;
    const found = await waits(4, options, (peer) => {
      if (++connections === 3) peer.send({ type: 'ping' });
      peer.close(1001);
    });
    expect(found).toEqual([2, 4, 2, 4]);
  });

  test('the defaults: 500 ms to 30 s', async () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(1);
    const client = context.connect({ backoff: undefined });
    const states = record(client, 'state');
    (await context.hub.open()).cut();
    const [, { retryInMs }] = await states.count(2);
    expect(retryInMs).toBe(500);
    random.mockReturnValue(0);
  });
});

describe('silence', () => {
  describe('by a clock of the test', () => {
    beforeEach(() => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    });
    afterEach(() => jest.useRealTimers());

    test('nothing for two intervals: another connection, with the same subscriptions', async () => {
      const client = context.connect();
      const subscription = client.subscribe('a');
      const peer = await context.hub.open(1_000);
      await peer.answer();
      await subscription.ready;
      const states = record(client, 'state');
      jest.advanceTimersByTime(2_000);
      expect(states.events).toMatchObject([{ state: 'waiting', code: 1006, reason: 'silent' }]);
      jest.advanceTimersByTime(1_000);
      const second = await context.hub.open();
      expect((await second.take('subscribe')).since).toBe('e~1~0:0');
    });

    test('any message is a sign of life', async () => {
      const client = context.connect();
      const updates = record(client.subscribe('a'), 'update');
      const peer = await context.hub.open(1_000);
      await peer.answer();
      for (let i = 1; i <= 4; i += 1) {
        peer.update('a', `0:${i}`);
        await updates.count(i);
        jest.advanceTimersByTime(1_900);
        expect(client.state).toBe('open');
      }
      jest.advanceTimersByTime(100);
      expect(client.state).toBe('waiting');
    });
  });

  test('a hub that never welcomes', async () => {
    context.connect({ connectTimeoutMs: 20 });
    await context.hub.accept();
    await context.hub.accept();
  });

  test('a token that never comes', async () => {
    let calls = 0;
    const token = () => (calls++ === 0 ? new Promise(() => {}) : 'late');
    context.connect({ token, connectTimeoutMs: 20 });
    expect(tokenOf((await context.hub.accept()).protocols)).toBe('late');
  });
});

describe('what is no message', () => {
  test.each([
    ['no JSON', '{"type":'],
    ['null', 'null'],
    ['an update without at', '{"type":"update","channel":"a","data":1}'],
    ['an update without channel', '{"type":"update","at":"0:1","data":1}'],
    [
      'a snapshot nobody began',
      '{"type":"snapshot","id":1,"items":[],"more":false,"token":"e~1~"}',
    ],
    ['a snapshot without items', '{"type":"snapshot","id":1,"more":true}'],
    ['a token that is none', '{"type":"ping","token":"x"}'],
  ])('%s: an error, and nothing else happens', async (_, text) => {
    const client = context.connect();
    const subscription = client.subscribe('*');
    const errors = record(client, 'error');
    const seen = record(subscription, 'update');
    const peer = await context.hub.open();
    await peer.answer();
    peer.socket.send(text);
    await errors.count(1);
    expect(errors.events).toMatchObject([{ code: 'ERR_STATUS_BAD_MESSAGE' }]);
    expect(errors.events[0].message).toContain(text.slice(0, 20));
    peer.update('a', '0:1');
    await seen.count(1);
    expect(context.hub.connects).toBe(1);
  });

  test('an item of a snapshot that is none: the others count', async () => {
    const client = context.connect();
    const subscription = client.subscribe('*');
    const errors = record(client, 'error');
    await (
      await context.hub.open()
    ).answer([
      { channel: 'a', at: '0:1', time: 1, data: 1 },
      { channel: 'b', at: 'x' },
      null,
      { channel: 'c', at: '0:3', time: 1, data: 1 },
    ]);
    await subscription.ready;
    await errors.count(1);
    expect([...subscription.entities.keys()]).toEqual(['a', 'c']);
  });

  test('types to come are left alone', async () => {
    const client = context.connect();
    const errors = record(client, 'error');
    const peer = await context.hub.open();
    for (const type of ['news', 'constructor', '__proto__', 5]) peer.send({ type, id: 1 });
    peer.send({ type: 'error', code: 'ERR_HUB_X', message: 'the last', retriable: false });
    await errors.count(1);
    expect(errors.events).toMatchObject([{ code: 'ERR_HUB_X' }]);
  });
});

describe('what it is made with', () => {
  test('no WebSocket: it says what to pass', () => {
    const { WebSocket: own } = globalThis;
    delete globalThis.WebSocket;
    try {
      expect(() => new StatusClient('ws://h/')).toThrow(/WebSocket: require\('ws'\)/);
    } finally {
      if (own) globalThis.WebSocket = own;
    }
  });

  test('a URL relative to the page, http as ws', async () => {
    globalThis.location = {
      href: context.hub.url.replace('ws:', 'http:').replace('status', 'x/y'),
    };
    try {
      context.connect({}, '/status#here');
      expect((await context.hub.open()).path).toBe('/status');
    } finally {
      delete globalThis.location;
    }
  });

  test('no URL: TypeError', () => {
    expect(() => context.connect({}, '/status')).toThrow(/Invalid URL/);
  });

  test('a WebSocket that cannot be made ends the client', async () => {
    const Refusing = class {
      constructor() {
        throw new Error('mixed content');
      }
    };
    const client = context.connect({ WebSocket: Refusing });
    const errors = record(client, 'error');
    await errors.count(1);
    expect(errors.events[0]).toMatchObject({
      code: 'ERR_STATUS_REFUSED',
      message: 'mixed content',
    });
    expect(client.state).toBe('closed');
  });
});
