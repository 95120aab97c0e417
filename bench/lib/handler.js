'use strict';

// What a consumer's handler does with a message besides having it counted.

const { setTimeout: delay } = require('node:timers/promises');

const CALIBRATION_TURNS = 1_000_000;
const CALIBRATION_TRIALS = 8;
/** Headers are counted in one message of so many; touched in all. */
const HEADER_CHECK_EVERY = 1_024;

function spin(turns) {
  let sum = 0;
  for (let at = 0; at < turns; at += 1) sum = (sum + at) | 0;
  return sum;
}

/** Turns of spin() in a microsecond: the fastest of some trials, since an interruption only makes one slower. */
function turnsPerUs() {
  let best = 0;
  for (let trial = 0; trial < CALIBRATION_TRIALS; trial += 1) {
    const startedAt = process.hrtime.bigint();
    spin(CALIBRATION_TURNS);
    const us = Number(process.hrtime.bigint() - startedAt) / 1e3;
    best = Math.max(best, CALIBRATION_TURNS / us);
  }
  return best;
}

function headerTouch(side, wanted) {
  let seen = 0;
  return (message) => {
    const { headers } = message;
    if (seen++ % HEADER_CHECK_EVERY !== 0) return;
    const count = headers ? side.headerCount(headers) : 0;
    if (count !== wanted) throw new Error(`${count} headers came instead of ${wanted}`);
  };
}

/** `onMessage(message)` of a case; returns a promise only when the case awaits a timer. */
function makeHandler(side, args, meter) {
  const steps = [];
  if (args.headers > 0) steps.push(headerTouch(side, args.headers));
  if (args.json === 'yes') {
    steps.push(({ value }) => {
      if (typeof JSON.parse(value.toString()).id !== 'number') throw new Error('No JSON came');
    });
  }
  if (args.handlerUs > 0) {
    const turns = Math.round(turnsPerUs() * args.handlerUs);
    steps.push(() => spin(turns));
  }
  if (args.waitMs > 0) {
    return async (message) => {
      await delay(args.waitMs);
      meter.message(message.value);
    };
  }
  if (steps.length === 0) return (message) => meter.message(message.value);
  const [step] = steps;
  const all = steps.length === 1 ? step : (message) => steps.forEach((each) => each(message));
  return (message) => {
    all(message);
    meter.message(message.value);
  };
}

module.exports = { makeHandler, turnsPerUs, spin };
