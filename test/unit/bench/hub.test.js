'use strict';

const { valueMaker, Rounds } = require('../../../bench/hub/payload');
const { eventReader, reportOf } = require('../../../bench/hub/load');
const { loadArguments } = require('../../../bench/hub/protocols');
const { sustainedRate, STEPS } = require('../../../bench/hub/saturation');
const { describeHub } = require('../../../bench/hub/metrics');
const { expandCases } = require('../../../bench/lib/cases');
const { summarizeCase } = require('../../../bench/lib/report');
const { caseTable } = require('../../../bench/lib/table');
const { judgeGoals } = require('../../../bench/lib/goals');
const { drawCharts } = require('../../../bench/lib/docs/charts');
const { makePage } = require('../../../bench/lib/docs/markdown');
const { mergeReport } = require('../../../bench/lib/docs/store');

const TITLES = { easyflow: 'ours', ws: 'ws', socketio: 'socket.io' };

describe('updates', () => {
  test('are JSON with what the load generator looks for, in its order', () => {
    const text = valueMaker(215)('task', 42, 3, 1_763_760_000_000_000);
    expect(text).toContain('"t":1763760000000000,"n":3,"e":42,');
    expect(JSON.parse(text)).toMatchObject({ entityType: 'task', entityId: '42', n: 3, e: 42 });
  });

  test('have one size, however many digits their numbers have', () => {
    const make = valueMaker(215);
    const sizes = [1, 99_999].map((entity) => make('task', entity, entity, 1e15).length);
    expect(new Set(sizes)).toEqual(new Set([140]));
  });

  test('go to the entities in turn and count each', () => {
    const rounds = new Rounds(3);
    const made = Array.from({ length: 7 }, () => rounds.next());
    expect(made.map(({ entity, count }) => `${entity}:${count}`).join(' ')).toBe(
      '0:1 1:1 2:1 0:2 1:2 2:2 0:3',
    );
    expect(rounds.sent).toBe(7);
  });
});

describe('the load generator', () => {
  test('events come whole, however the output is cut', () => {
    const events = [];
    const read = eventReader((event) => events.push(event));
    const text = '{"event":"ready","connections":2}\n{"event":"live"}\n';
    for (const letter of text) read(letter);
    read(text);
    expect(events.map(({ event }) => event)).toEqual(['ready', 'live', 'ready', 'live']);
  });

  test('latencies are milliseconds', () => {
    const report = reportOf({
      event: 'report',
      deliveries: 5,
      latencyUs: { p50: 1_500, p99: 20_000, max: 20_001 },
    });
    expect(report).toEqual({
      event: 'report',
      deliveries: 5,
      latency: { p50: 1.5, p99: 20, max: 20.001 },
    });
  });

  test('speaks the protocol of the side, and leaves out what was not asked for', () => {
    const ours = loadArguments('easyflow', { port: 80, connections: 5, pattern: 'task/*' });
    expect(ours.join(' ')).toContain('"mode":"latest"{since}} --expect "more":false');
    expect(ours.slice(-4)).toEqual(['--connections', '5', '--pattern', 'task/*']);
    expect(ours).not.toContain('--resumes');
    const storm = loadArguments('easyflow', { port: 80, mode: 'all', resumes: true });
    expect(storm.join(' ')).toContain('"mode":"all"');
    expect(storm).toContain('--resumes');
    const rooms = loadArguments('socketio', { port: 80 });
    expect(rooms.slice(rooms.indexOf('--ping')).slice(0, 4)).toEqual([
      '--ping',
      '2',
      '--pong',
      '3',
    ]);
  });
});

describe('the rate that a server keeps up with', () => {
  const upTo = (capacity, lateAt = Infinity) => {
    const tried = [];
    const measure = async (rate) => {
      tried.push(rate);
      return { share: Math.min(1, capacity / rate), p99Ms: lateAt <= rate ? 1_001 : 50 };
    };
    return { tried, measure };
  };

  test('is the wanted one when it does, and nothing else is tried', async () => {
    const { tried, measure } = upTo(2_000);
    expect(await sustainedRate(2_000, measure)).toBe(2_000);
    expect(tried).toEqual([2_000]);
  });

  test('is the highest step below what it can do', async () => {
    const { tried, measure } = upTo(120);
    expect(await sustainedRate(2_000, measure)).toBe(100);
    expect(tried).toEqual([2_000, ...STEPS.filter((rate) => rate <= 150)]);
  });

  test('is one at which what comes is live still', async () => {
    expect(await sustainedRate(2_000, upTo(5_000, 100).measure)).toBe(75);
  });

  test('is the least step when it can do nothing', async () => {
    expect(await sustainedRate(2_000, upTo(1).measure)).toBe(STEPS[0]);
  });
});

const run = (deliveries, cpuSeconds) => ({
  messages: deliveries,
  seconds: 10,
  cpuSeconds,
  peakRssMb: 90,
  latency: { p50: 5, p99: 40, max: 60 },
  loopDelay: { p50: 1, p99: 1.5, max: 3 },
  hub: { offered: 2_000, share: 1, jsPercent: 2, loadPercent: 30, idleLoopP99Ms: 1.1, closed: 0 },
});
const FANOUT = {
  easyflow: [run(20_000_000, 8), run(20_000_000, 7), run(20_000_000, 9)],
  ws: [run(1_000_000, 8)],
};
const casesOf = (id, runs) => {
  const [one] = expandCases([id], { sides: Object.keys(runs) });
  return { [id]: summarizeCase(one, runs) };
};

test('a table has what a CPU second delivers, and how much more than ws that is', () => {
  const table = caseTable('hub', TITLES, casesOf('hub-fanout', FANOUT)['hub-fanout']);
  const [, , ours, ws] = table.split('\n').map((line) => line.split(/\s*\|\s*/).slice(1, -1));
  expect(ours).toEqual([
    ...['ours', '2,000', '2,000 k', '100.0', '2,500 k (2,222 k – 2,857 k)', '20.00', '5.0'],
    ...['40.0', '1.5 (1.1)', '2.0', '90'],
  ]);
  expect(ws.slice(0, 6)).toEqual(['ws', '2,000', '100 k', '100.0', '125 k', '1.00']);
});

test('goals are judged, and what was not measured is said', () => {
  const goals = judgeGoals(casesOf('hub-fanout', FANOUT)).filter(({ row }) => /^hub/.test(row));
  const byFigure = Object.fromEntries(goals.map((goal) => [`${goal.row}, ${goal.what}`, goal]));
  const fanout = 'hub: 2,000 updates/s to 1,000 clients';
  expect(byFigure[`${fanout}, deliveries a CPU-s`]).toMatchObject({ value: 2_500_000, met: true });
  expect(byFigure[`${fanout}, × kafkajs + ws`]).toMatchObject({ value: 20, met: true });
  expect(byFigure[`${fanout}, event loop p99 ms above idle`].value).toBeCloseTo(0.4);
  expect(byFigure['hub: storm of 5,000 with resume, holes']).toMatchObject({ met: null });
});

test('a side that keeps no state has no snapshot, and a storm shows its holes', () => {
  const [one] = expandCases(['hub-snapshot']);
  expect(one.sides).toEqual(['easyflow']);
  expect(one.lacks).toEqual({ ws: 'keeps no state', socketio: 'keeps no state' });
  const storm = {
    ...{ messages: 1_000, seconds: 1, cpuSeconds: 1, peakRssMb: 50 },
    hub: { offered: 100, share: 1, stormMs: 2_345, recovered: 5_000, whole: 0, holes: 7 },
  };
  const cases = casesOf('hub-storm', { easyflow: [storm] });
  expect(caseTable('hub-storm', TITLES, cases['hub-storm'])).toMatch(
    /\| ours \| +2,345 \| +5,000 \| +0 \| +7 \| +50 \|/,
  );
  expect(describeHub(storm)).toContain('all live in 2345 ms, 0 anew, 7 holes');
});

test('the page shows the chart before the first table of the hub', () => {
  const cases = casesOf('hub-fanout', FANOUT);
  const charts = drawCharts(cases);
  expect(charts['benchmarks-hub.svg'].match(/<rect /g)).toHaveLength(4);
  const report = {
    date: '2026-01-01T00:00:00Z',
    command: 'npm run bench -- hub',
    machine: { cpu: 'A CPU', cores: 2, memoryGb: 8, system: 'Linux 1', loadBefore: 0.1 },
    versions: { node: '20.0.0' },
    cases,
  };
  const page = makePage(mergeReport({ runs: {}, cases: {} }, report), Object.keys(charts));
  const [image, title] = ['(benchmarks-hub.svg)', '## StatusHub, 2,000'];
  expect(page.indexOf(image)).toBeGreaterThan(0);
  expect(page.indexOf(title)).toBeGreaterThan(page.indexOf(image));
});
