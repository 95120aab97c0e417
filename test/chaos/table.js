'use strict';

const COLUMNS = [
  ['scenario', ({ scenario }) => scenario],
  ['runs', ({ runs }) => String(runs)],
  ['messages', ({ messages }) => messages.toLocaleString('en-US')],
  ['lost', ({ lost }) => String(lost)],
  ['doubled', ({ doubled }) => String(doubled)],
  ['repeated', ({ repeated }) => repeated.toLocaleString('en-US')],
  ['out of order', ({ disordered }) => String(disordered)],
  ['recovery s', ({ recoveryMs }) => (recoveryMs === null ? 'none' : seconds(recoveryMs))],
  ['', ({ runs, violations }) => (runs === 0 ? 'not run' : violations > 0 ? 'FAILED' : 'ok')],
];

const seconds = (ms) => (ms / 1_000).toFixed(1);

/** One row a scenario; of its runs the slowest recovery. `trials`: what runTrial() resolved to, with the scenario's name. */
function summarize(names, trials) {
  return names.map((scenario) => {
    const own = trials.filter((trial) => trial.scenario === scenario);
    const sum = (key) => own.reduce((total, trial) => total + trial[key], 0);
    const recoveries = own.map(({ recoveryMs }) => recoveryMs);
    return {
      scenario,
      runs: own.length,
      messages: sum('messages'),
      lost: sum('lost'),
      doubled: sum('doubled'),
      repeated: sum('repeated'),
      disordered: sum('disordered'),
      recoveryMs: recoveries.includes(null) ? null : Math.max(0, ...recoveries),
      violations: own.reduce((total, { violations }) => total + violations.length, 0),
    };
  });
}

/** @returns {string} the rows as a table of Markdown */
function formatTable(rows) {
  const cells = [COLUMNS.map(([title]) => title)];
  for (const row of rows) cells.push(COLUMNS.map(([, value]) => value(row)));
  const widths = COLUMNS.map((_, at) => Math.max(...cells.map((line) => line[at].length), 3));
  const isText = (at) => at === 0 || at === COLUMNS.length - 1;
  const format = (line) =>
    `| ${line.map((cell, at) => (isText(at) ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`;
  const rule = widths.map((width, at) =>
    isText(at) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [format(cells[0]), `| ${rule.join(' | ')} |`, ...cells.slice(1).map(format), ''].join(
    '\n',
  );
}

module.exports = { summarize, formatTable };
