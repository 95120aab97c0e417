'use strict';

// What was promised, as numbers over docs/benchmarks.json. A part: what, of which case, its value from the case's sides,
// and the limit. `compare` says which side of the limit is met.

const { hubGoals } = require('../hub/goals');

const atLeast = (limit) => ({ limit, met: (value) => value >= limit, sign: '≥' });
const atMost = (limit) => ({ limit, met: (value) => value <= limit, sign: '≤' });

const times = (metric, base) => (sides) =>
  sides.easyflow?.[metric] && sides[base]?.[metric]
    ? sides.easyflow[metric].median / sides[base][metric].median
    : undefined;
const ours = (metric) => (sides) => sides.easyflow?.[metric]?.median;

const cpu = (limit) => ({
  what: 'CPU-s per M',
  value: ours('cpuPerMillion'),
  ...atMost(limit),
});
const rateTo = (title, side, limit) => ({
  what: `× ${title}`,
  value: times('rate', side),
  ...atLeast(limit),
});

/** How much slower a call of the process may be with idle consumers beside it: what its own noise is. */
const CALL_NOISE_MS = 2;
const slowerBy = (metric, alone) => (sides) =>
  sides.easyflow?.[metric]
    ? sides.easyflow[metric].median - sides.easyflow[alone].median
    : undefined;

const OWN_GOALS = [
  ['consume eachBatch', 'consume-batch', rateTo('C', 'c', 0.95)],
  ['consume eachBatch', 'consume-batch', rateTo('kafkajs', 'kafkajs', 7)],
  ['consume eachBatch', 'consume-batch', cpu(0.8)],
  ['consume eachMessage', 'consume-message', rateTo('kafkajs', 'kafkajs', 8)],
  ['produce, batches of 1,000, acks all', 'produce-batch', rateTo('C', 'c', 0.7)],
  [
    'produce, batches of 1,000, acks all',
    'produce-batch',
    rateTo('@platformatic/kafka', 'platformatic', 3),
  ],
  ['produce, batches of 1,000, acks all', 'produce-batch', cpu(1.2)],
  ['awaited single sends, 1,000 at once', 'produce-single', rateTo('node-rdkafka', 'rdkafka', 5)],
  [
    'latency at 200/s, defaults',
    'latency',
    {
      what: 'p50 ÷ p50 of @platformatic/kafka',
      value: times('latencyP50Ms', 'platformatic'),
      ...atMost(1),
    },
  ],
  [
    'latency at 200/s, defaults',
    'latency',
    { what: 'p99 ms', value: ours('latencyP99Ms'), ...atMost(3) },
  ],
  ...['consume-batch', 'consume-message'].map((work) => [
    `event loop while consuming flat out, ${work}`,
    work,
    { what: 'p99 ms', value: ours('loopP99Ms'), ...atMost(10) },
  ]),
  ...['consume-batch', 'consume-message'].map((work) => [
    `the same with real-time priority of the JavaScript thread, ${work}`,
    `${work}:loop=realtime`,
    { what: 'p99 ms', value: ours('loopP99Ms'), ...atMost(10) },
  ]),
  ['50 idle consumers', 'idle', { what: '% of a core', value: ours('cpuPercent'), ...atMost(1) }],
  [
    '50 idle consumers',
    'idle',
    {
      what: 'DNS call p99, ms slower than alone',
      value: slowerBy('dnsP99Ms', 'dnsAloneP99Ms'),
      ...atMost(CALL_NOISE_MS),
    },
  ],
  [
    '50 idle consumers',
    'idle',
    {
      what: 'file call p99, ms slower than alone',
      value: slowerBy('fileP99Ms', 'fileAloneP99Ms'),
      ...atMost(CALL_NOISE_MS),
    },
  ],
];

const GOALS = [...OWN_GOALS, ...hubGoals({ ours, times, atLeast, atMost })];

const FLAT = 0.1;

/** How far the CPU of a series' points lies from their middle, at most: 0.1 is ±10 %. */
function unevenness(cases, varied) {
  const values = Object.entries(cases)
    .filter(([id]) => id === 'growth' || id.startsWith(`growth:${varied}=`))
    .map(([, { sides }]) => sides.easyflow?.cpuPerMillion?.median)
    .filter((value) => value !== undefined);
  if (values.length < 2) return undefined;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return (most - least) / (most + least);
}

/** Every goal with its value: [{ row, what, sign, limit, value, met }]; `met` is null without figures. */
function judgeGoals(cases) {
  const judged = GOALS.map(([row, id, { what, value, sign, limit, met }]) => {
    const it = cases[id] ? value(cases[id].sides) : undefined;
    return { row, what, sign, limit, value: it, met: it === undefined ? null : met(it) };
  });
  const series = [
    ['10^4 to 10^7 messages', 'messages'],
    ['1 to 200 partitions', 'partitions'],
  ].map(([range, varied]) => {
    const value = unevenness(cases, varied);
    const met = value === undefined ? null : value <= FLAT;
    return {
      row: `growth, ${range}`,
      what: '± of CPU a message',
      sign: '≤',
      limit: FLAT,
      value,
      met,
    };
  });
  return [...judged, ...series];
}

module.exports = { judgeGoals, unevenness };
