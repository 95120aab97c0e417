'use strict';

// The works of StatusHub in the table of works (lib/works.js): one a row of what was promised. `run`: instead of a side's own process.

const SIDES = ['easyflow', 'ws', 'socketio'];
const ROUNDS = 3;

const hubWork = (work) => ({
  group: 'hub',
  messages: { headline: 1, variant: () => 1 },
  variants: [],
  rounds: ROUNDS,
  sides: SIDES,
  isHub: true,
  ...work,
});

const HUB_WORKS = {
  'hub-fanout': hubWork({
    title: 'StatusHub, 2,000 updates/s to 1,000 clients',
    headline: 'all clients want all, 215 B an update',
    measure: 'hub',
    params: {
      ...{ rate: 2_000, clients: 1_000, entities: 1_000, size: 215, mode: 'latest' },
      napUs: 1_000,
    },
    variants: [{ mode: 'all' }, { napUs: 0 }],
  }),
  'hub-half': hubWork({
    title: 'StatusHub, 1,000 updates/s to 1,000 clients',
    headline: 'all clients want all, 215 B an update',
    measure: 'hub',
    params: { rate: 1_000, clients: 1_000, entities: 1_000, size: 215, mode: 'latest' },
  }),
  'hub-channels': hubWork({
    title: 'StatusHub, 5,000 updates/s, 1,000 clients with 10 of 1,000 channels each',
    headline: 'nothing to share, 215 B an update',
    measure: 'hub',
    params: { rate: 5_000, clients: 1_000, entities: 1_000, each: 10, size: 215, mode: 'latest' },
  }),
  'hub-idle': hubWork({
    title: 'StatusHub, 10,000 idle connections',
    headline: 'a channel of its own each, over 26 s',
    measure: 'hub-idle',
    params: { clients: 10_000, size: 215 },
  }),
  'hub-slow': hubWork({
    title: 'StatusHub, 1 of 1,000 clients reads nothing, 100 read 1 KB/s',
    headline: '1,000 updates/s, 215 B an update',
    measure: 'hub-slow',
    params: { rate: 1_000, clients: 1_000, entities: 1_000, stuck: 1, trickle: 100, size: 215 },
  }),
  'hub-snapshot': hubWork({
    title: 'StatusHub, a snapshot of 100,000 entities',
    headline: 'beside 1,000 updates/s to 1,000 clients, 5 snapshots a run',
    measure: 'hub-snapshot',
    params: { rate: 1_000, clients: 1_000, entities: 1_000, items: 100_000, size: 215 },
  }),
  'hub-storm': hubWork({
    title: 'StatusHub, 5,000 connections cut at once, back with resume',
    headline: '100 updates/s to each, mode all',
    measure: 'hub-storm',
    params: { rate: 100, clients: 5_000, entities: 1_000, size: 215, mode: 'all' },
  }),
};

/** How long a run of each takes, with its processes. */
const HUB_SECONDS = {
  ...Object.fromEntries(['hub-fanout', 'hub-half', 'hub-channels'].map((work) => [work, () => 28])),
  'hub-idle': () => 42,
  'hub-slow': () => 42,
  'hub-snapshot': () => 36,
  'hub-storm': () => 25,
};

module.exports = { HUB_WORKS, HUB_SECONDS };
