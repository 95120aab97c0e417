'use strict';

// Two nodes with a hub each serve one population of clients, and die in turn.

const path = require('node:path');
const { setTimeout } = require('node:timers/promises');
const WebSocket = require('ws');
const { Balancer } = require('../shared/balancer');
const { clientsOf, unique } = require('../shared/clients');
const { realBroker } = require('../shared/brokers');
const { startProcess } = require('../lifecycle/support/program');
const { loadClient } = require('../unit/hub-client/support/load-client');

const { StatusClient } = loadClient();
const NODE = path.join(__dirname, 'programs', 'hub-node.js');
const CLIENTS = 40;
const ENTITIES = 30;
const PARTITIONS = 3;
const ROUND_MS = 10;
const TEST_MS = 300_000;

jest.setTimeout(TEST_MS);

const broker = realBroker();
const clients = clientsOf(broker);
const open = [];
afterEach(async () => {
  for (const end of open.splice(0).reverse()) await end();
});

async function startNode(topic) {
  const args = JSON.stringify({ bootstrap: broker.bootstrap, topic });
  const program = startProcess([NODE, args], { deadlineMs: TEST_MS });
  open.push(() => {
    program.child.kill('SIGKILL');
    return program.ended;
  });
  const port = await new Promise((resolve, reject) => {
    let text = '';
    program.child.stdout.on('data', (piece) => {
      text += piece;
      const match = /listening (\d+)\n/.exec(text);
      if (match) resolve(Number(match[1]));
    });
    program.ended.then(({ stderr }) => reject(new Error(`The node has ended: ${stderr}`)));
  });
  return { port, program };
}

/** Updates to all entities in turn, each with the count of its entity, until it is stopped. */
function startProducing(producer, topic) {
  let round = 0;
  const stopped = new AbortController();
  const send = async () => {
    while (!stopped.signal.aborted) {
      round += 1;
      const messages = Array.from({ length: ENTITIES }, (_, id) => ({
        key: `task-${id}`,
        value: JSON.stringify({ type: 'task', id, n: round }),
      }));
      await producer.send({ topic, messages });
      await setTimeout(ROUND_MS);
    }
  };
  const running = send();
  return {
    stop: async () => {
      stopped.abort();
      await running;
      return round;
    },
  };
}

/** Follows one subscription: what is missing in mode `all`, and when it has everything. */
function follow(client, mode) {
  const subscription = client.subscribe('task/*', { mode });
  const last = new Map();
  const view = { holes: [], last, connections: 0, subscription, mode };
  client.on('state', ({ state }) => {
    if (state === 'open') view.connections += 1;
  });
  subscription.on('gap', () => view.holes.push('gap'));
  // Mode `all` goes on where it was: only the first snapshot may leave updates out.
  let snapshots = 0;
  subscription.on('snapshot', ({ recovered }) => {
    snapshots += 1;
    if (!recovered && snapshots > 1) view.holes.push('not recovered');
  });
  subscription.on('update', ({ channel, data }) => {
    const before = last.get(channel);
    if (before !== undefined && data.n <= before) view.holes.push(`${channel} ${before} ${data.n}`);
    if (mode === 'all' && snapshots > 0 && before !== undefined && data.n !== before + 1) {
      view.holes.push(`${channel} ${before} ${data.n}`);
    }
    last.set(channel, data.n);
    view.check?.();
  });
  view.reaches = (n) =>
    new Promise((resolve) => {
      view.check = () => {
        if (last.size === ENTITIES && [...last.values()].every((value) => value >= n)) resolve();
      };
      view.check();
    });
  return view;
}

test('both nodes are killed in turn: every client goes on at the other one, with nothing missing', async () => {
  const topic = unique('hub-nodes');
  await broker.createTopic(topic, PARTITIONS);
  const producer = await clients.producer();
  const balancer = await Balancer.start();
  open.push(() => balancer.stop());
  const nodes = [await startNode(topic), await startNode(topic)];
  for (const { port } of nodes) balancer.add(port);
  const producing = startProducing(producer, topic);

  const views = Array.from({ length: CLIENTS }, (_, number) => {
    const client = new StatusClient(`ws://127.0.0.1:${balancer.port}/status`, {
      WebSocket,
      backoff: { baseMs: 20, maxMs: 200 },
    });
    open.push(() => client.close());
    return follow(client, number % 2 === 0 ? 'latest' : 'all');
  });
  const allReach = (n) => Promise.all(views.map((view) => view.reaches(n)));
  const newest = () => Math.max(...views[1].last.values());
  await Promise.all(views.map((view) => view.subscription.ready));
  await allReach(5);

  for (const [index, { port, program }] of nodes.entries()) {
    balancer.remove(port);
    program.child.kill('SIGKILL');
    await program.ended;
    await allReach(newest() + 20);
    if (index === 0) balancer.add((await startNode(topic)).port);
  }

  const rounds = await producing.stop();
  await allReach(rounds);
  for (const { holes, subscription } of views) {
    expect(holes).toEqual([]);
    expect(subscription.entities.size).toBe(ENTITIES);
    for (const { data } of subscription.entities.values()) expect(data.n).toBe(rounds);
  }
  // Nobody was left out of it: half of them had the first node, the others the second.
  expect(views.every(({ connections }) => connections >= 2)).toBe(true);
});
