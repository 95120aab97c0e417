'use strict';

// What was promised of StatusHub, in the form of lib/goals.js: [what, case, figure].

function hubGoals({ ours, times, atLeast, atMost }) {
  const figure = (what, metric, limit) => ({ what, value: ours(metric), ...limit });
  const fanout = 'hub: 2,000 updates/s to 1,000 clients';
  const channels = 'hub: 10 of 1,000 channels each, 5,000 updates/s';
  const idle = 'hub: 10,000 idle connections';
  const slow = 'hub: 101 slow clients of 1,000';
  const snapshot = 'hub: snapshot of 100,000 entities';
  const storm = 'hub: storm of 5,000 with resume';
  return [
    [fanout, 'hub-fanout', figure('deliveries a CPU-s', 'perCpuSecond', atLeast(2_500_000))],
    [
      fanout,
      'hub-fanout',
      { what: '× kafkajs + ws', value: times('perCpuSecond', 'ws'), ...atLeast(20) },
    ],
    [fanout, 'hub-fanout', figure('p99 ms', 'latencyP99Ms', atMost(60))],
    [fanout, 'hub-fanout', figure('event loop p99 ms above idle', 'loopAboveIdleMs', atMost(1))],
    [fanout, 'hub-fanout', figure('% of a core on the JS thread', 'jsPercent', atMost(3))],
    ['hub: 1,000 updates/s', 'hub-half', figure('p99 ms', 'latencyP99Ms', atMost(50))],
    [channels, 'hub-channels', figure('p99 ms', 'latencyP99Ms', atMost(25))],
    [
      channels,
      'hub-channels',
      {
        what: 'deliveries a CPU-s × kafkajs + ws',
        value: times('perCpuSecond', 'ws'),
        ...atLeast(1),
      },
    ],
    [idle, 'hub-idle', figure('KB a connection', 'kbPerConnection', atMost(8))],
    [idle, 'hub-idle', figure('% of a core', 'idlePercent', atMost(1))],
    [idle, 'hub-idle', figure('ms until all are connected', 'connectMs', atMost(10_000))],
    [slow, 'hub-slow', figure("others' p99 ÷ before", 'p99Ratio', atMost(1.2))],
    [snapshot, 'hub-snapshot', figure('ms', 'snapshotMs', atMost(1_000))],
    [snapshot, 'hub-snapshot', figure("others' p99 ÷ before", 'p99Ratio', atMost(1.2))],
    [storm, 'hub-storm', figure('ms until all are live', 'stormMs', atMost(10_000))],
    [storm, 'hub-storm', figure('holes', 'holes', atMost(0))],
  ];
}

module.exports = { hubGoals };
