'use strict';

// Whether a run is worse than the committed figures. What is compared are ratios to C within one run: a slow machine slows
// both. Of each side the least CPU of its rounds is taken, since what disturbs a run only adds to it; rates, which
// disturbance moves both ways, are medians.

const SHORT = {
  works: ['consume-batch', 'consume-message', 'produce-batch'],
  rounds: 3,
  gates: ['cpu'],
};
const FULL = {
  works: ['consume-batch', 'consume-message', 'produce-batch', 'produce-single'],
  rounds: 5,
  gates: ['cpu', 'rate'],
};
const CHECK_SIDES = ['c', 'easyflow'];
const MAX_LOSS = 0.15;

const RATIOS = {
  cpu: {
    title: 'CPU a message, ÷ C',
    of: ({ c, easyflow }) => easyflow.cpuPerMillion.min / c.cpuPerMillion.min,
    loss: (was, is) => is / was - 1,
  },
  rate: {
    title: 'messages/s, × C',
    of: ({ c, easyflow }) => easyflow.rate.median / c.rate.median,
    loss: (was, is) => 1 - is / was,
  },
};

const hasBoth = (sides) => CHECK_SIDES.every((name) => sides?.[name]?.cpuPerMillion);

/**
 * @param {object} now the cases of this run @param {object} committed those of docs/benchmarks.json
 * @returns {{ work: string, gate: string, was?: number, is: number, loss?: number, ok: boolean }[]} `was` is missing
 *   where nothing is committed yet
 */
function compare(now, committed, gates, maxLoss = MAX_LOSS) {
  return Object.entries(now).flatMap(([work, { sides }]) => {
    if (!hasBoth(sides)) return [{ work, gate: 'run', ok: false, failed: true }];
    const before = committed[work]?.sides;
    return gates.map((gate) => {
      const { of, loss } = RATIOS[gate];
      const is = of(sides);
      if (!hasBoth(before)) return { work, gate, is, ok: true };
      const was = of(before);
      return { work, gate, was, is, loss: loss(was, is), ok: loss(was, is) <= maxLoss };
    });
  });
}

function describeVerdict({ work, gate, was, is, loss, ok, failed }) {
  if (failed) return `NOT ok  ${work}: a side failed`;
  const what = `${work}, ${RATIOS[gate].title}: ${is.toFixed(2)}`;
  if (was === undefined) return `--      ${what}; nothing is committed to compare with`;
  const change = `${Math.abs(loss * 100).toFixed(0)} % ${loss > 0 ? 'worse' : 'better'}`;
  const allowed = `${MAX_LOSS * 100} % allowed`;
  return `${ok ? 'ok    ' : 'NOT ok'}  ${what}, committed ${was.toFixed(2)} (${change}, ${allowed})`;
}

module.exports = { SHORT, FULL, CHECK_SIDES, compare, describeVerdict };
