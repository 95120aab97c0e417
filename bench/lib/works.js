'use strict';

// The table of works: what each measures, its parameters, the variants worth a row, and the sides that have a place in
// it. A case is a work with a value for each parameter; the headline case has the defaults.

const { HUB_WORKS } = require('../hub/works');

const ALL = ['c', 'easyflow', 'kafkajs', 'confluent', 'rdkafka', 'platformatic'];

/** Variants are about what a parameter costs: the limit, ours, and the best peer of the headline. */
const consumeVariantSides = ({ waitMs, loop, lazy }) => {
  // With a timer it is about partitions that are handled side by side.
  if (waitMs > 0) return ['easyflow', 'kafkajs', 'confluent'];
  return loop === 'realtime' || lazy === 'yes'
    ? ['easyflow', 'kafkajs']
    : ['c', 'easyflow', 'kafkajs'];
};
const produceVariantSides = () => ['c', 'easyflow', 'kafkajs', 'platformatic'];

/** No variant reads or writes more. */
const MAX_VARIANT_BYTES = 4e8;
const withinBytes = (messages) => (params) =>
  Math.min(messages, Math.floor(MAX_VARIANT_BYTES / params.size));

function consumeMessages(params) {
  if (params.waitMs > 0) return 4_000;
  // A percentile of the loop's delay wants many turns.
  if (params.loop === 'realtime') return 1_000_000;
  return withinBytes(params.handlerUs > 0 ? 200_000 : 300_000)(params);
}

/** What a client with `batch` × `inFlight` messages on their way can do in some seconds. */
const produceMessages = ({ batch, inFlight }) => {
  const window = batch * inFlight;
  if (window < 100) return window * 1_000;
  return Math.min(500_000, Math.max(20_000, window * 60));
};

/**
 * Of 100,000 single sends a quarter to two fifths of our CPU time was the start: functions not compiled yet, a heap that
 * grows. A million shows what a send costs; sides that would take minutes for it have as many seconds as they need for
 * 100,000.
 */
const SINGLE_SENDS_MAX_SECONDS = 20;

const CONSUME_VARIANTS = [
  { size: 100 },
  { size: 1_000 },
  { size: 10_000 },
  { headers: 2 },
  { json: 'yes' },
  { handlerUs: 1 },
  { handlerUs: 5 },
  { loop: 'realtime' },
];

const PRODUCE_WINDOWS = [1, 100, 1_000]
  .flatMap((batch) => [1, 8, 32].map((inFlight) => ({ batch, inFlight })))
  .filter(({ batch, inFlight }) => batch !== 1_000 || inFlight !== 8);

/**
 * `headline`: the default parameters in words. `params`: the parameters it knows, with its default where that is not the parameter's own. `messages(params)`: of a
 * variant. `measure`: which columns its table has. `rounds`: of the headline case where five are not worth the time.
 * `maxSeconds`: a run of any side begins no send after them, and counts what it has sent by then.
 */
const WORKS = {
  'consume-batch': {
    group: 'consume',
    title: 'Consume, eachBatch',
    headline: '200 B',
    measure: 'rate',
    messages: { headline: 1_000_000, variant: consumeMessages },
    params: {
      ...{ size: 200, headers: 0, json: 'no', handlerUs: 0, partitions: 4 },
      ...{ lazy: 'no', loop: 'shared' },
    },
    variants: [...CONSUME_VARIANTS, { lazy: 'yes' }],
    sides: ALL,
    variantSides: consumeVariantSides,
    fills: true,
  },
  'consume-message': {
    group: 'consume',
    title: 'Consume, eachMessage',
    headline: '200 B',
    measure: 'rate',
    messages: { headline: 1_000_000, variant: consumeMessages },
    params: {
      ...{ size: 200, headers: 0, json: 'no', handler: 'async', handlerUs: 0, waitMs: 0 },
      ...{ partitions: 4, loop: 'shared' },
    },
    variants: [...CONSUME_VARIANTS, { handler: 'sync' }, { waitMs: 1 }],
    sides: ALL,
    variantSides: consumeVariantSides,
    fills: true,
  },
  'produce-batch': {
    group: 'produce',
    title: 'Produce in batches, acks all',
    headline: 'batches of 1,000, 8 in flight, 200 B',
    measure: 'rate',
    messages: { headline: 500_000, variant: produceMessages },
    params: {
      ...{ batch: 1_000, inFlight: 8, size: 200, headers: 0, values: 'string' },
      ...{ compression: 'none', partitions: 4 },
    },
    variants: [
      ...PRODUCE_WINDOWS,
      { values: 'buffer' },
      { headers: 2 },
      { compression: 'lz4' },
      { compression: 'zstd' },
    ],
    sides: ALL,
    variantSides: produceVariantSides,
  },
  'produce-single': {
    group: 'produce',
    title: 'Produce, awaited single sends, acks all',
    headline: '1,000 concurrent callers, 200 B',
    measure: 'rate',
    messages: { headline: 1_000_000, variant: () => 1_000_000 },
    maxSeconds: SINGLE_SENDS_MAX_SECONDS,
    params: { batch: 1, inFlight: 1_000, size: 200, headers: 0, values: 'string', partitions: 4 },
    variants: [],
    sides: ALL,
  },
  latency: {
    group: 'latency',
    title: 'Latency, produce call to consumer callback, defaults',
    headline: '200 messages/s',
    measure: 'latency',
    messages: { headline: 2_000, variant: () => 20_000 },
    params: { rate: 200, size: 200, partitions: 1 },
    variants: [{ rate: 5_000 }],
    sides: ALL,
  },
  transactions: {
    group: 'transactions',
    title: 'Consume, transform, produce in transactions',
    headline: '500 messages a transaction',
    measure: 'rate',
    messages: { headline: 50_000, variant: () => 20_000 },
    params: { perTransaction: 500, size: 200, partitions: 4 },
    variants: [{ perTransaction: 100 }],
    sides: ['c', 'easyflow', 'kafkajs', 'confluent'],
    fills: true,
  },
  start: {
    group: 'start',
    title: 'Start, from connect() to the first message',
    headline: 'new group',
    measure: 'start',
    messages: { headline: 1_000, variant: () => 1_000 },
    params: { group: 'new', size: 200, partitions: 4 },
    variants: [{ group: 'existing' }],
    sides: ALL,
    fills: true,
  },
  stall: {
    group: 'memory',
    title: 'Memory while a handler sleeps under full input',
    headline: '10 s asleep',
    measure: 'memory',
    messages: { headline: 2_000_000, variant: () => 2_000_000 },
    params: { seconds: 10, size: 200, partitions: 4 },
    variants: [],
    sides: ALL.slice(1),
    fills: true,
    rounds: 1,
  },
  idle: {
    group: 'idle',
    title: 'Idle consumers in one process, over 20 s',
    headline: '50 consumers',
    measure: 'idle',
    messages: { headline: 1, variant: () => 1 },
    params: { consumers: 50, partitions: 4 },
    variants: [{ consumers: 1 }, { consumers: 10 }],
    sides: ['c', 'easyflow', 'kafkajs', 'confluent', 'rdkafka'],
    rounds: 1,
  },
  growth: {
    group: 'growth',
    title: 'Growth, eachBatch over a whole topic',
    headline: '1,000,000 messages, 4 partitions',
    measure: 'rate',
    params: { messages: 1_000_000, partitions: 4, size: 200 },
    // Points of one series: they take turns, so that the machine's moods are not taken for growth.
    series: true,
    variants: [
      ...[10_000, 100_000, 10_000_000].map((messages) => ({ messages })),
      ...[1, 16, 64, 200].map((partitions) => ({ partitions })),
    ],
    sides: ['easyflow'],
    fills: true,
    rounds: 3,
  },
  ...HUB_WORKS,
};

const WORK_GROUPS = [...new Set(Object.values(WORKS).map(({ group }) => group))];

/** What a side cannot do, and why its cell says n/a. The first entry that fits holds. */
const LACKS = [
  ['c', ({ json }) => json === 'yes', 'C has no JSON'],
  ['c', ({ waitMs }) => waitMs > 0, 'no timers to await'],
  ['c', ({ group }) => group === 'existing', 'measured with a new group only'],
  ['c', ({ loop }) => loop === 'realtime', 'has no event loop'],
  ...['c', 'kafkajs', 'confluent', 'rdkafka', 'platformatic'].map((side) => [
    side,
    ({ lazy }) => lazy === 'yes',
    'has no such option',
  ]),
  ['kafkajs', ({ compression }) => compression && compression !== 'none', 'brings no such codec'],
  ['rdkafka', ({ waitMs }) => waitMs > 0, 'its data event awaits nothing'],
  ['platformatic', ({ waitMs }) => waitMs > 0, 'its data event awaits nothing'],
  ...['ws', 'socketio'].flatMap((side) => [
    [side, ({ items }) => items > 0, 'keeps no state'],
    [side, ({ mode }) => mode === 'all', 'has no modes and no resume'],
  ]),
];

/** Why `side` has no figures for these parameters; undefined when it has. */
function lacking(side, params) {
  return LACKS.find(([name, lacks]) => name === side && lacks(params))?.[2];
}

module.exports = { WORKS, WORK_GROUPS, lacking };
