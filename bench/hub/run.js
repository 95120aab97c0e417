'use strict';

// One run of one side in one of the hub's works.

const { setTimeout: delay } = require('node:timers/promises');
const { onStage, measureWindow } = require('./stage');
const { sustainedRate } = require('./saturation');

const WARM_MS = 3_000;
const WINDOW_MS = 10_000;
const TRIAL_WARM_MS = 1_500;
const TRIAL_MS = 4_000;
const LOOP_MS = 4_000;
/** Until the kernel holds all that it will for those who do not read. */
const SLOW_SETTLE_MS = 10_000;
const SNAPSHOTS = 5;
const SNAPSHOT_PAUSE_MS = 1_000;
/** A ping of every server falls into it. */
const IDLE_MS = 26_000;
const SETTLE_MS = 2_000;
const STORM_AFTER_MS = 3_000;
const QUIET_MS = 300;
const QUIET_TRIES = 60;

/** The connections of a work and how many of them get an update. */
function audience({ clients, entities, each, mode, stuck, trickle, napUs }) {
  const wanted = each ? { prefix: 'task/', of: entities, each } : { pattern: 'task/*' };
  return {
    load: { connections: clients, mode, stuck, trickle, napUs, ...wanted },
    receivers: each ? (clients * each) / entities : clients,
  };
}

async function trial(cluster, side, params, rate) {
  const { load, receivers } = audience(params);
  return onStage(cluster, side, params, async (stage) => {
    const clients = await stage.clients(load);
    await stage.feed.call('rate', { perSecond: rate });
    await delay(TRIAL_WARM_MS);
    const { share, latency } = await measureWindow(stage, clients, { ms: TRIAL_MS, receivers });
    return { share, p99Ms: latency.p99 };
  });
}

const found = new Map();

/** The rate of a work for a side: found once, and not for every round. Works with the same clients share it. */
async function rateOf(cluster, side, params, log) {
  const { rate, clients, each, napUs } = params;
  if (side === 'easyflow') return rate;
  const key = [side, clients, each, napUs === 0].join();
  if (!found.has(key)) {
    const sustained = await sustainedRate(rate, (step) => trial(cluster, side, params, step));
    if (sustained === rate) return rate;
    found.set(key, sustained);
    log(`  ${side} keeps up with ${sustained} of ${rate} updates/s`);
  }
  return Math.min(rate, found.get(key));
}

const withoutReport = ({ report: _, ...figures }) => figures;

async function fanout(cluster, side, params, rate) {
  const { load, receivers } = audience(params);
  return onStage(cluster, side, params, async (stage) => {
    const idleLoop = await stage.loop();
    const clients = await stage.clients(load);
    await stage.feed.call('rate', { perSecond: rate });
    await delay(WARM_MS);
    const window = await measureWindow(stage, clients, { ms: WINDOW_MS, receivers });
    const loopDelay = await stage.loop(LOOP_MS);
    const { share, jsPercent, loadPercent, report, ...result } = window;
    return {
      ...result,
      loopDelay,
      hub: {
        ...{ offered: rate, share, jsPercent, loadPercent, closed: report.closed },
        idleLoopP99Ms: idleLoop.p99,
        metrics: await stage.server.call('metrics'),
      },
    };
  });
}

async function slow(cluster, side, params, rate) {
  const { load, receivers } = audience(params);
  return onStage(cluster, side, params, async (stage) => {
    const clients = await stage.clients(load);
    await stage.feed.call('rate', { perSecond: rate });
    await delay(WARM_MS);
    const alone = await measureWindow(stage, clients, { ms: WINDOW_MS, receivers });
    clients.slow();
    await delay(SLOW_SETTLE_MS);
    const slowOnes = params.stuck + params.trickle;
    const beside = await measureWindow(stage, clients, {
      ms: WINDOW_MS,
      receivers: receivers - slowOnes,
    });
    return {
      ...withoutReport(beside),
      hub: {
        offered: rate,
        share: beside.share,
        aloneP99Ms: alone.latency.p99,
        p99Ratio: beside.latency.p99 / Math.max(1e-3, alone.latency.p99),
        aloneRssMb: alone.rssMb,
        addedRssMb: beside.rssMb - alone.rssMb,
        slowClosed: beside.report.slowClosed,
        closed: beside.report.closed,
      },
    };
  });
}

async function oneSnapshot(stage, items) {
  const client = await stage.clients({ connections: 1, pattern: 'item/*' });
  const { slowestReadyMs, items: got, snapshotBytes } = client.ready;
  await client.stop();
  if (got !== items) throw new Error(`A snapshot had ${got} of ${items} entities`);
  return { ms: slowestReadyMs, bytes: snapshotBytes };
}

async function snapshot(cluster, side, params, rate) {
  const { load, receivers } = audience(params);
  const prepare = (feed) => feed.call('fill', { type: 'item', entities: params.items });
  const use = async (stage) => {
    const clients = await stage.clients(load);
    await stage.feed.call('rate', { perSecond: rate });
    await delay(WARM_MS);
    const alone = await measureWindow(stage, clients, { ms: WINDOW_MS, receivers });
    const taken = [];
    const takeAll = async () => {
      for (let at = 0; at < SNAPSHOTS; at += 1) {
        taken.push(await oneSnapshot(stage, params.items));
        await delay(SNAPSHOT_PAUSE_MS);
      }
    };
    const [beside] = await Promise.all([
      measureWindow(stage, clients, { ms: WINDOW_MS, receivers }),
      takeAll(),
    ]);
    const times = taken.map(({ ms }) => ms).sort((a, b) => a - b);
    return {
      ...withoutReport(beside),
      hub: {
        offered: rate,
        share: beside.share,
        snapshotMs: times[times.length >> 1],
        snapshotMaxMs: times.at(-1),
        snapshotMb: taken[0].bytes / 2 ** 20,
        aloneP99Ms: alone.latency.p99,
        p99Ratio: beside.latency.p99 / Math.max(1e-3, alone.latency.p99),
      },
    };
  };
  return onStage(cluster, side, params, use, prepare);
}

async function untilQuiet(clients) {
  for (let left = QUIET_TRIES; left > 0; left -= 1) {
    clients.begin();
    await delay(QUIET_MS);
    if ((await clients.report()).deliveries === 0) return;
  }
  throw new Error('Deliveries did not end');
}

async function storm(cluster, side, params, rate) {
  const { load, receivers } = audience(params);
  const { clients: count, entities } = params;
  const resuming = { ...load, resumes: true, everyUpdate: true, entities };
  return onStage(cluster, side, params, async (stage) => {
    const clients = await stage.clients(resuming);
    await stage.feed.call('rate', { perSecond: rate });
    await delay(WARM_MS);
    const alone = await measureWindow(stage, clients, { ms: WARM_MS, receivers });
    const live = await clients.cut(count);
    await delay(STORM_AFTER_MS);
    const { sent } = await stage.feed.call('stop');
    await untilQuiet(clients);
    const checked = await clients.check(sent);
    return {
      ...withoutReport(alone),
      hub: {
        offered: rate,
        share: alone.share,
        stormMs: live.readyMs,
        recovered: live.recovered,
        whole: live.whole,
        holes: checked.holes + checked.stale + checked.backwards,
        peakRssMb: (await stage.server.call('usage')).peakRssMb,
      },
    };
  });
}

async function idle(cluster, side, params) {
  return onStage(cluster, side, params, async (stage) => {
    await stage.server.call('collectGarbage');
    const empty = await stage.server.call('usage');
    const { clients } = params;
    const { ready } = await stage.clients({
      ...{ connections: clients, prefix: 'task/', of: clients, each: 1 },
    });
    await delay(SETTLE_MS);
    await stage.server.call('collectGarbage');
    const full = await stage.server.call('usage');
    await delay(IDLE_MS);
    const later = await stage.server.call('usage');
    const seconds = (later.at - full.at) / 1e3;
    return {
      messages: 0,
      seconds,
      cpuSeconds: later.cpuSeconds - full.cpuSeconds,
      peakRssMb: later.peakRssMb,
      hub: {
        connectMs: ready.connectMs,
        kbPerConnection: ((full.rssMb - empty.rssMb) * 1_024) / clients,
        heapKbPerConnection: ((full.heapMb - empty.heapMb) * 1_024) / clients,
        idlePercent: ((later.cpuSeconds - full.cpuSeconds) / seconds) * 100,
      },
    };
  });
}

const RUN = {
  'hub-fanout': fanout,
  'hub-half': fanout,
  'hub-channels': fanout,
  'hub-idle': idle,
  'hub-slow': slow,
  'hub-snapshot': snapshot,
  'hub-storm': storm,
};

/** Runs one side of a hub's case once. Resolves with its result or `{ failed }`. */
async function runHub(cluster, { work, params }, side, log) {
  try {
    const rate = params.rate && (await rateOf(cluster, side, params, log));
    return await RUN[work](cluster, side, params, rate);
  } catch (error) {
    return { failed: error.message };
  }
}

module.exports = { runHub };
