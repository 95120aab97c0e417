'use strict';

// Whatever the order of updates, cuts, resumes, nodes that are behind and subscriptions that overlap: in the end a subscription
// has what the hub has, and one in mode `all` was told everything once.

const fc = require('fast-check');
const { ModelLog, ModelNode, matches, socketsTo } = require('./support/model-hub');
const { StatusClient } = require('./support/setup');

/** The same ones each time; so many others, where somebody asks for them. */
const { EASYFLOW_MODEL_RUNS } = process.env;
const RUNS = EASYFLOW_MODEL_RUNS
  ? { numRuns: Number(EASYFLOW_MODEL_RUNS) }
  : { numRuns: 300, seed: 20_261_121 };

const CHANNELS = ['a/1', 'a/2', 'b/1'];
const SUBSCRIPTIONS = [
  { channels: ['*'] },
  { channels: ['a/*'], mode: 'all' },
  { channels: ['a/1', 'b/*'] },
  { channels: ['*'], filter: { on: true } },
  { channels: ['a/*'], maxRateMs: 10 },
  { channels: ['*'], mode: 'all' },
];

const partition = fc.nat(1);
const channel = fc.constantFrom(...CHANNELS);
const publish = fc.record({ do: fc.constant('publish'), partition, channel, on: fc.boolean() });
const step = fc.record({
  do: fc.constant('step'),
  stream: fc.nat(9),
  times: fc.integer({ min: 1, max: 4 }),
  pick: fc.nat(9),
});
const other = fc.oneof(
  fc.record({
    do: fc.constant('remove'),
    partition,
    channels: fc.subarray(CHANNELS, { minLength: 1 }),
  }),
  fc.record({ do: fc.constant('toggle'), which: fc.nat(SUBSCRIPTIONS.length - 1) }),
  fc.record({ do: fc.constant('cut'), node: fc.nat(1) }),
  fc.constantFrom(...['ping', 'ping', 'see', 'forget', 'recreate'].map((what) => ({ do: what }))),
);
const commands = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: publish },
    { weight: 6, arbitrary: step },
    { weight: 4, arbitrary: other },
  ),
  { minLength: 5, maxLength: 80 },
);
const before = fc.array(publish, { maxLength: 8 });
const chosen = fc.uniqueArray(fc.nat(SUBSCRIPTIONS.length - 1), { minLength: 1, maxLength: 3 });

class Run {
  log = new ModelLog();
  nodes = [new ModelNode(this.log), new ModelNode(this.log)];
  node = this.nodes[0];
  open = new Map();
  errors = [];

  constructor() {
    this.client = new StatusClient('ws://model/', {
      WebSocket: socketsTo(() => this.node),
      backoff: { baseMs: 0 },
    });
    this.client.on('error', (error) => this.errors.push(error));
  }

  async execute(command) {
    await this[command.do](command);
    await this.connected();
  }

  async connected() {
    while (!this.node.isConnected) await new Promise((resolve) => setTimeout(resolve));
  }

  publish({ partition: number, channel: name, on }) {
    this.log.publish(number, name, { on, n: this.log.entries.length });
  }

  remove({ partition: number, channels }) {
    this.log.removeAll(number, channels);
  }

  see() {
    this.node.see();
  }

  step({ stream, times, pick }) {
    // The hub that a client is at gets on, too.
    this.node.see(times);
    const streams = [...this.node.streams.values()];
    if (streams.length === 0) return;
    for (let i = 0; i < times; i += 1) streams[stream % streams.length].step(pick + i);
  }

  ping() {
    this.node.ping();
  }

  forget() {
    this.node.forget();
  }

  recreate() {
    this.log.recreate();
    for (const node of this.nodes) node.restart();
  }

  cut({ node }) {
    const before = this.node;
    this.node = this.nodes[node];
    before.cut();
  }

  toggle({ which }) {
    const subscription = this.open.get(which);
    if (subscription) {
      subscription.close();
      this.open.delete(which);
      return;
    }
    const { channels, ...options } = SUBSCRIPTIONS[which];
    const fresh = this.client.subscribe(channels, options);
    fresh.told = [];
    fresh.on('update', (event) => fresh.told.push(event));
    fresh.on('remove', (event) => fresh.told.push(event));
    fresh.on('snapshot', ({ recovered }) => {
      // What a whole snapshot stands for is told by it: from here on each change has to be.
      if (!recovered) fresh.told = [];
    });
    this.open.set(which, fresh);
  }

  /** Everything arrives. */
  async settle() {
    this.see();
    for (let rest = 1; rest > 0;) {
      await this.connected();
      const streams = [...this.node.streams.values()];
      for (const stream of streams) stream.step(0);
      rest = streams.filter(({ isDone }) => !isDone).length;
    }
    for (const subscription of this.open.values()) await subscription.ready;
  }

  check() {
    expect(this.errors).toEqual([]);
    for (const [which, subscription] of this.open) {
      const request = SUBSCRIPTIONS[which];
      const found = [...subscription.entities].map(([name, { at, data }]) => [name, { at, data }]);
      expect(new Map(found)).toEqual(this.log.stateOf(request));
      if (request.mode === 'all') this.checkEveryUpdate(request, subscription.told);
    }
  }

  /** No update twice; and none missing between the first and the last one that was told, in a partition. */
  checkEveryUpdate({ channels }, told) {
    const updates = told.filter(({ type }) => type === 'update').map(({ at }) => at);
    expect(updates).toEqual([...new Set(updates)]);
    const wanted = this.log.entries.filter(
      (entry) => entry.data !== undefined && matches(channels, entry.channel),
    );
    const first = wanted.findIndex(({ at }) => updates.includes(at));
    if (first < 0) return;
    expect([...updates].sort()).toEqual(
      wanted
        .slice(first)
        .map(({ at }) => at)
        .sort(),
    );
  }
}

test(
  'random orders',
  () =>
    fc.assert(
      fc.asyncProperty(before, chosen, commands, async (published, subscriptions, list) => {
        const run = new Run();
        try {
          await run.connected();
          for (const command of [...published, { do: 'see' }]) await run.execute(command);
          for (const which of subscriptions) run.toggle({ which });
          for (const command of list) await run.execute(command);
          await run.settle();
          run.check();
        } finally {
          run.client.close();
        }
      }),
      RUNS,
    ),
  600_000,
);
