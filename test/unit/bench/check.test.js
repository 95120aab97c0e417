'use strict';

const { SHORT, compare, describeVerdict } = require('../../../bench/lib/check');
const { machineTicks, processTicks, familyTicks } = require('../../../bench/lib/others-cpu');

const metric = (median, min = median, max = median) => ({ median, min, max });
const sides = ({ cpu, cCpu = 0.3, rate = 2e6, cRate = 2e6 }) => ({
  c: { cpuPerMillion: metric(cCpu), rate: metric(cRate) },
  easyflow: { cpuPerMillion: metric(cpu), rate: metric(rate) },
});
const committed = { work: { sides: sides({ cpu: 0.6 }) } };
const verdict = (now, { gates = ['cpu'], maxLoss = 0.15, othersShare = 0 } = {}) =>
  compare({ now: { work: { sides: now } }, committed, form: { gates, maxLoss }, othersShare });

test('fifteen percent more CPU than committed, in proportion to C, is still allowed', () => {
  expect(verdict(sides({ cpu: 0.689 }))).toMatchObject([{ ok: true }]);
  expect(verdict(sides({ cpu: 0.691 }))).toMatchObject([{ ok: false }]);
});

test('a machine of half the speed changes nothing', () => {
  const [{ loss, ok }] = verdict(sides({ cpu: 1.2, cCpu: 0.6 }));
  expect(loss).toBeCloseTo(0);
  expect(ok).toBe(true);
});

test('a disturbed round is not taken for a loss: the least CPU counts', () => {
  const now = sides({ cpu: 0.6 });
  now.easyflow.cpuPerMillion = metric(0.9, 0.6, 1.4);
  expect(verdict(now)).toMatchObject([{ ok: true }]);
});

test('a rate is gated when asked for, and a gain is no loss', () => {
  expect(verdict(sides({ cpu: 0.6, rate: 1.6e6 }), { gates: ['cpu', 'rate'] })).toMatchObject([
    { gate: 'cpu', ok: true },
    { gate: 'rate', ok: false },
  ]);
  expect(verdict(sides({ cpu: 0.3, rate: 4e6 }), { gates: ['cpu', 'rate'] })).toMatchObject([
    { ok: true },
    { ok: true },
  ]);
});

test('a side without figures fails', () => {
  const now = { c: { failed: 3 }, easyflow: sides({ cpu: 0.6 }).easyflow };
  const [only] = verdict(now);
  expect(only.ok).toBe(false);
  expect(describeVerdict(only)).toBe('NOT ok  work: a side failed');
});

test('a work of which nothing is committed passes and says so', () => {
  const [only] = compare({
    now: { other: { sides: sides({ cpu: 0.6 }) } },
    committed,
    form: { gates: ['cpu'], maxLoss: 0.15 },
    othersShare: 0,
  });
  expect(only.ok).toBe(true);
  expect(describeVerdict(only)).toMatch('nothing is committed to compare with');
});

test('on a machine that others use, only a doubled cost is a loss', () => {
  expect(verdict(sides({ cpu: 0.9 }), { othersShare: 0.09 })).toMatchObject([{ ok: false }]);
  expect(verdict(sides({ cpu: 0.9 }), { othersShare: 0.3 })).toMatchObject([{ ok: true }]);
  const [bad] = verdict(sides({ cpu: 1.3 }), { othersShare: 0.3 });
  expect(bad.ok).toBe(false);
  expect(describeVerdict(bad)).toMatch('(117 % worse, 100 % allowed on a busy machine)');
});

test('the short form lets a machine be another one, and still sees a doubled cost', () => {
  const { maxLoss } = SHORT;
  expect(verdict(sides({ cpu: 0.9 }), { maxLoss })).toMatchObject([{ ok: true }]);
  expect(verdict(sides({ cpu: 1.3 }), { maxLoss })).toMatchObject([{ ok: false }]);
});

describe('the CPU of others', () => {
  test('is read from the texts of the kernel', () => {
    expect(machineTicks('cpu  10 1 5 80 4 2 3 1 9 9\ncpu0 1 1\n')).toEqual({ all: 106, busy: 22 });
    const stat = '77 (a (b) c) S 12 77 77 0 -1 4194304 1 0 0 0 7 5 30 20 20 0 1 0 99';
    expect(processTicks(stat)).toEqual({ parent: 12, ticks: 62 });
  });

  test('leaves out a process and everything below it', () => {
    const processes = new Map([
      [1, { parent: 0, ticks: 1 }],
      [10, { parent: 1, ticks: 20 }],
      [11, { parent: 10, ticks: 300 }],
      [12, { parent: 11, ticks: 4_000 }],
      [13, { parent: 1, ticks: 50_000 }],
    ]);
    expect(familyTicks(processes, 10)).toBe(4_320);
  });
});

test('the words of a verdict', () => {
  const [bad] = verdict(sides({ cpu: 0.9 }));
  expect(describeVerdict(bad)).toBe(
    'NOT ok  work, CPU a message, ÷ C: 3.00, committed 2.00 (50 % worse, 15 % allowed)',
  );
  const [good] = verdict(sides({ cpu: 0.54 }));
  expect(describeVerdict(good)).toBe(
    'ok      work, CPU a message, ÷ C: 1.80, committed 2.00 (10 % better, 15 % allowed)',
  );
});
