'use strict';

// Whether a run is worse than the committed figures. What is compared are ratios to C within one run: a slow machine slows
// both. Of each side the least CPU of its rounds is taken, since what disturbs a run only adds to it; rates, which
// disturbance moves both ways, are medians.

const SHORT = {
  works: ['consume-batch', 'consume-message', 'produce-batch'],
  rounds: 3,
  gates: ['cpu'],
  // It runs on machines that nobody chose. The same build, idle hosts, C between 0.31 and 0.77 CPU seconds per million: eachMessage
  // took 1.6 to 2.2 times as much as C, for what C spares on a fast machine JavaScript does not.
  maxLoss: 1,
};
const FULL = {
  works: ['consume-batch', 'consume-message', 'produce-batch', 'produce-single'],
  rounds: 5,
  gates: ['cpu', 'rate'],
  maxLoss: 0.15,
};
const CHECK_SIDES = ['c', 'easyflow'];
/**
 * A machine of which others use more than this share bends ratios, too: with two cores and ten processes on them, by up to
 * 40 %. It can only show that nothing has doubled.
 */
const QUIET_SHARE = 0.1;
const MAX_LOSS_DISTURBED = 1;

const isBusy = (othersShare) => othersShare > QUIET_SHARE;

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
 * @param {{ now: object, committed: object, form: { gates: string[], maxLoss: number }, othersShare: number }} input `now`: the cases of
 *   this run; `committed`: those of docs/benchmarks.json; `form`: SHORT or FULL; `othersShare`: of the machine, that other
 *   processes had meanwhile
 * @returns {{ work: string, gate: string, was?: number, is: number, loss?: number, maxLoss: number, isBusy: boolean, ok: boolean }[]} `was` is missing
 *   where nothing is committed yet
 */
function compare({ now, committed, form: { gates, maxLoss: wanted }, othersShare }) {
  const busy = isBusy(othersShare);
  const maxLoss = busy ? Math.max(wanted, MAX_LOSS_DISTURBED) : wanted;
  return Object.entries(now).flatMap(([work, { sides }]) => {
    if (!hasBoth(sides)) return [{ work, gate: 'run', ok: false, failed: true }];
    const before = committed[work]?.sides;
    return gates.map((gate) => {
      const { of, loss } = RATIOS[gate];
      const is = of(sides);
      if (!hasBoth(before)) return { work, gate, is, ok: true };
      const was = of(before);
      const lost = loss(was, is);
      return { work, gate, was, is, loss: lost, maxLoss, isBusy: busy, ok: lost <= maxLoss };
    });
  });
}

function describeVerdict({ work, gate, was, is, loss, maxLoss, isBusy: busy, ok, failed }) {
  if (failed) return `NOT ok  ${work}: a side failed`;
  const what = `${work}, ${RATIOS[gate].title}: ${is.toFixed(2)}`;
  if (was === undefined) return `--      ${what}; nothing is committed to compare with`;
  const change = `${Math.abs(loss * 100).toFixed(0)} % ${loss > 0 ? 'worse' : 'better'}`;
  const why = busy ? ' on a busy machine' : '';
  const allowed = `${maxLoss * 100} % allowed${why}`;
  return `${ok ? 'ok    ' : 'NOT ok'}  ${what}, committed ${was.toFixed(2)} (${change}, ${allowed})`;
}

module.exports = { SHORT, FULL, CHECK_SIDES, compare, describeVerdict };
