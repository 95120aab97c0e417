'use strict';

const { Rates } = require('../../../lib/service/monitoring/rates');
const { Recorder } = require('../../../lib/service/monitoring/recorder');

function ratesAt() {
  const recorder = new Recorder();
  const clock = { ms: 0 };
  const calls = (count, succeeded) => {
    for (let call = 0; call < count; call += 1) recorder.attempt('orders', 0.001, succeeded);
  };
  return { clock, calls, rates: new Rates(recorder, () => clock.ms) };
}

test('nothing was handled: no rate, no error', () => {
  expect(ratesAt().rates.read()).toEqual({
    perSecond: 0,
    failedPerSecond: 0,
    errorRate: 0,
    overSeconds: 0,
  });
});

test('rates since the start, and the share of failed calls', () => {
  const { clock, calls, rates } = ratesAt();
  calls(30, true);
  calls(10, false);
  clock.ms = 10_000;
  expect(rates.read()).toEqual({
    perSecond: 3,
    failedPerSecond: 1,
    errorRate: 0.25,
    overSeconds: 10,
  });
});

test('what is longer ago than a minute is forgotten once somebody has looked since', () => {
  const { clock, calls, rates } = ratesAt();
  calls(1_000, false);
  for (clock.ms = 10_000; clock.ms <= 70_000; clock.ms += 10_000) rates.read();
  calls(60, true);
  clock.ms = 80_000;
  expect(rates.read()).toEqual({
    perSecond: 1,
    failedPerSecond: 0,
    errorRate: 0,
    overSeconds: 60,
  });
});

test('who looks all the time does not make the time that is looked at shorter', () => {
  const { clock, calls, rates } = ratesAt();
  for (clock.ms = 1; clock.ms < 30_000; clock.ms += 100) rates.read();
  calls(30, true);
  clock.ms = 30_000;
  expect(rates.read()).toMatchObject({ perSecond: 1, overSeconds: 30 });
});
