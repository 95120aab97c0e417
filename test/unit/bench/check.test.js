'use strict';

const { compare, describeVerdict } = require('../../../bench/lib/check');

const metric = (median, min = median, max = median) => ({ median, min, max });
const sides = ({ cpu, cCpu = 0.3, rate = 2e6, cRate = 2e6 }) => ({
  c: { cpuPerMillion: metric(cCpu), rate: metric(cRate) },
  easyflow: { cpuPerMillion: metric(cpu), rate: metric(rate) },
});
const committed = { work: { sides: sides({ cpu: 0.6 }) } };
const verdict = (now, gates = ['cpu']) => compare({ work: { sides: now } }, committed, gates);

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
  expect(verdict(sides({ cpu: 0.6, rate: 1.6e6 }), ['cpu', 'rate'])).toMatchObject([
    { gate: 'cpu', ok: true },
    { gate: 'rate', ok: false },
  ]);
  expect(verdict(sides({ cpu: 0.3, rate: 4e6 }), ['cpu', 'rate'])).toMatchObject([
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
  const [only] = compare({ other: { sides: sides({ cpu: 0.6 }) } }, committed, ['cpu']);
  expect(only.ok).toBe(true);
  expect(describeVerdict(only)).toMatch('nothing is committed to compare with');
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
