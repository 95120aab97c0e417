'use strict';

// The hub's figures: what is kept of a run, its columns, and a run in words.

const ofHub =
  (name) =>
  ({ hub }) =>
    hub?.[name];

const KEPT = [
  ...['offered', 'jsPercent', 'loadPercent', 'idleLoopP99Ms'],
  ...['connectMs', 'kbPerConnection', 'heapKbPerConnection', 'idlePercent'],
  ...['aloneP99Ms', 'p99Ratio', 'addedRssMb', 'slowClosed'],
  ...['snapshotMs', 'snapshotMaxMs', 'snapshotMb'],
  ...['stormMs', 'recovered', 'whole', 'holes'],
];

/** By name: from a run (lib/summary.js). */
const HUB_METRICS = {
  perCpuSecond: ({ hub, messages, cpuSeconds }) =>
    hub && messages > 1 ? messages / cpuSeconds : undefined,
  sharePercent: ({ hub }) => (hub?.share === undefined ? undefined : hub.share * 100),
  loopAboveIdleMs: ({ hub, loopDelay }) =>
    hub?.idleLoopP99Ms === undefined ? undefined : loopDelay.p99 - hub.idleLoopP99Ms,
  ...Object.fromEntries(KEPT.map((name) => [name, ofHub(name)])),
};

/** Columns by measure, of the cells that lib/table.js makes. */
function hubColumns({ spread, of, ratio, digits, thousands }) {
  const OFFERED = ['updates/s', (s) => of(s.offered, digits(0))];
  const DELIVERED = ['delivered %', (s) => of(s.sharePercent, digits(1))];
  const P99 = ['p99 ms', (s) => spread(s.latencyP99Ms, digits(1))];
  const ALONE = ['p99 ms before', (s) => of(s.aloneP99Ms, digits(1))];
  const RATIO = ['÷ before', (s) => spread(s.p99Ratio, digits(2))];
  const RSS = ['peak RSS MB', (s) => of(s.peakRssMb, digits(0))];
  return {
    hub: [
      OFFERED,
      ['deliveries/s', (s) => of(s.rate, thousands)],
      DELIVERED,
      ['per CPU-s', (s) => spread(s.perCpuSecond, thousands)],
      ['× ws', (s, all) => ratio(s.perCpuSecond, all.ws?.perCpuSecond)],
      ['p50 ms', (s) => of(s.latencyP50Ms, digits(1))],
      P99,
      [
        'loop p99 ms (idle)',
        (s) => `${of(s.loopP99Ms, digits(1))} (${of(s.idleLoopP99Ms, digits(1))})`,
      ],
      ['JS thread %', (s) => of(s.jsPercent, digits(1))],
      RSS,
    ],
    'hub-idle': [
      ['KB a connection', (s) => spread(s.kbPerConnection, digits(1))],
      ["of which V8's heap", (s) => of(s.heapKbPerConnection, digits(1))],
      ['% of a core', (s) => spread(s.idlePercent, digits(2))],
      ['connects, ms', (s) => spread(s.connectMs, digits(0))],
      RSS,
    ],
    'hub-slow': [
      OFFERED,
      DELIVERED,
      ALONE,
      P99,
      RATIO,
      ['MB more', (s) => spread(s.addedRssMb, digits(0))],
      ['slow ones closed', (s) => of(s.slowClosed, digits(0))],
    ],
    'hub-snapshot': [
      ['snapshot ms', (s) => spread(s.snapshotMs, digits(0))],
      ['slowest', (s) => of(s.snapshotMaxMs, digits(0))],
      ['MB', (s) => of(s.snapshotMb, digits(1))],
      ALONE,
      P99,
      RATIO,
    ],
    'hub-storm': [
      ['all live, ms', (s) => spread(s.stormMs, digits(0))],
      ['resumed', (s) => of(s.recovered, digits(0))],
      ['began anew', (s) => of(s.whole, digits(0))],
      ['holes', (s) => spread(s.holes, digits(0))],
      RSS,
    ],
  };
}

const fixed = (value, digits = 0) => (value === undefined ? '–' : value.toFixed(digits));

/** A run in one line. */
function describeHub({ messages, seconds, cpuSeconds, latency, loopDelay, hub }) {
  const words = [
    ...(hub.offered ? [`${hub.offered} updates/s`] : []),
    ...(messages > 1
      ? [
          `${Math.round(messages / seconds / 1e3)} k deliveries/s (${fixed(hub.share * 100, 1)} %)`,
          `${Math.round(messages / cpuSeconds / 1e3)} k per CPU-s`,
        ]
      : []),
    ...(latency ? [`p50 ${fixed(latency.p50, 1)} p99 ${fixed(latency.p99, 1)} ms`] : []),
    ...(loopDelay ? [`loop p99 ${fixed(loopDelay.p99, 1)} ms (idle ${hub.idleLoopP99Ms})`] : []),
    ...(hub.jsPercent === undefined ? [] : [`JS ${fixed(hub.jsPercent, 1)} %`]),
    ...(hub.kbPerConnection === undefined
      ? []
      : [
          `${fixed(hub.kbPerConnection, 1)} KB a connection, ${fixed(hub.idlePercent, 2)} % of a core`,
          `connects in ${fixed(hub.connectMs)} ms`,
        ]),
    ...(hub.snapshotMs === undefined ? [] : [`snapshot ${fixed(hub.snapshotMs)} ms`]),
    ...(hub.p99Ratio === undefined ? [] : [`p99 × ${fixed(hub.p99Ratio, 2)}`]),
    ...(hub.addedRssMb === undefined ? [] : [`${fixed(hub.addedRssMb)} MB more`]),
    ...(hub.stormMs === undefined
      ? []
      : [`all live in ${fixed(hub.stormMs)} ms, ${hub.whole} anew, ${hub.holes} holes`]),
  ];
  return words.join(', ');
}

module.exports = { HUB_METRICS, hubColumns, describeHub };
