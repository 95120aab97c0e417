'use strict';

// What a run of the hub's works needs, each a process of its own: a topic, who publishes to it, a server and its clients.

const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const { startChild } = require('./calls');
const { startLoad } = require('./load');

const PARTITIONS = 4;
const IDLE_LOOP_MS = 2_000;

let groups = 0;

const serverScript = (side) => path.join(__dirname, 'servers', `${side}.js`);

class Stage {
  #cluster;
  #side;
  #params;
  #parts = [];

  constructor(cluster, side, params) {
    this.#cluster = cluster;
    this.#side = side;
    this.#params = params;
  }

  /** `prepare(feed)` fills the topic before the server begins. */
  async open(prepare) {
    const { clients, entities = 1, size } = this.#params;
    const { brokers } = this.#cluster;
    this.topic = await this.#cluster.topic(PARTITIONS);
    const feedArgs = { brokers, topic: this.topic, entities, size };
    this.feed = this.#keep(await startChild(path.join(__dirname, 'feed.js'), feedArgs));
    await prepare?.(this.feed);
    const groupId = `hub-bench-${(groups += 1)}`;
    const serverArgs = { brokers, topic: this.topic, groupId, connections: clients };
    this.server = this.#keep(
      await startChild(serverScript(this.#side), serverArgs, ['--expose-gc']),
    );
    this.port = await this.server.call('port');
  }

  #keep(part) {
    this.#parts.push(part);
    return part;
  }

  /** Clients that are live when this resolves. */
  async clients(load) {
    const clients = this.#keep(startLoad(this.#side, { port: this.port, ...load }));
    return { ...clients, ready: await clients.ready };
  }

  /** p99 of the server's event loop over a time, ms. */
  async loop(ms = IDLE_LOOP_MS) {
    await this.server.call('beginLoop');
    await delay(ms);
    return this.server.call('endLoop', { seconds: ms / 1e3 });
  }

  async close() {
    for (const part of this.#parts.reverse()) await part.stop();
    if (this.topic) await this.#cluster.drop(this.topic);
  }
}

/** Opens a stage, hands it to `use` and clears it away. */
async function onStage(cluster, side, params, use, prepare) {
  const stage = new Stage(cluster, side, params);
  try {
    await stage.open(prepare);
    return await use(stage);
  } finally {
    await stage.close();
  }
}

/**
 * What was delivered in `ms`, and what it cost the server.
 *
 * @param {Stage} stage
 * @param {object} clients
 * @param {{ ms: number, receivers: number }} window `receivers`: of each update
 */
async function measureWindow({ feed, server }, clients, { ms, receivers }) {
  const before = await server.call('usage');
  const sentBefore = await feed.call('count');
  clients.begin();
  await delay(ms);
  const report = await clients.report();
  const sent = (await feed.call('count')) - sentBefore;
  const after = await server.call('usage');
  // A server that is busy answers late: its CPU is of another time than the deliveries.
  const elapsed = (after.at - before.at) / 1e3;
  const cpu = (after.cpuSeconds - before.cpuSeconds) / elapsed;
  return {
    messages: report.deliveries,
    seconds: report.seconds,
    cpuSeconds: cpu * report.seconds,
    latency: report.latency,
    share: report.deliveries / Math.max(1, sent * receivers),
    jsPercent: ((after.jsSeconds - before.jsSeconds) / elapsed) * 100,
    rssMb: after.rssMb,
    peakRssMb: after.peakRssMb,
    loadPercent: (report.cpuSeconds / report.seconds) * 100,
    report,
  };
}

module.exports = { onStage, measureWindow };
