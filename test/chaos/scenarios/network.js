'use strict';

// What a network does to connections. The brokers are well, among themselves too.

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const heal = ({ cluster }) => cluster.healNetwork();
const each = (cluster, work) => Promise.all(cluster.proxies.map(work));
const RESETS = 5;

/** All connections end, and new ones are refused. */
const cut = {
  name: 'connections-cut',
  holdMs: 5_000,
  inject: ({ cluster }) => each(cluster, (proxy) => proxy.cut()),
  heal,
};

/** Connections end by RST, those of one broker after the other, again and again. */
const reset = {
  name: 'connections-reset',
  holdMs: 1_000,
  async inject({ cluster }, random) {
    for (let at = 0; at < RESETS; at += 1) {
      const proxy = cluster.proxies[Math.floor(random() * cluster.proxies.length)];
      await proxy.spoil('reset_peer', { timeout: 0 });
      await pause(500 + random() * 1_000);
      await cluster.healNetwork();
    }
  },
  heal,
};

/** Requests arrive, answers do not, and no connection ends until it is over. */
const halfOpen = {
  name: 'half-open',
  holdMs: 8_000,
  inject: ({ cluster }) =>
    each(cluster, (proxy) => proxy.spoil('timeout', { timeout: 0 }, ['downstream'])),
  heal,
};

/** 10 KB/s for each connection. */
const slow = {
  name: 'slow-10-kb',
  holdMs: 10_000,
  inject: ({ cluster }) => each(cluster, (proxy) => proxy.spoil('bandwidth', { rate: 10 })),
  heal,
};

/** 500 ms, give or take 200, in each direction. */
const latency = {
  name: 'latency-500-ms',
  holdMs: 10_000,
  inject: ({ cluster }) =>
    each(cluster, (proxy) => proxy.spoil('latency', { latency: 500, jitter: 200 })),
  heal,
};

module.exports = [cut, reset, halfOpen, slow, latency];
