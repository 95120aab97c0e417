'use strict';

const { examine } = require('../doctor');
const { CODES } = require('../failures');
const { collect, withConnection } = require('../options');

const COLORS = { ok: 'green', failed: 'red', warning: 'yellow', skipped: 'gray' };
const STATUS_WIDTH = 8;

function show(output, { step, target, status, detail, cause, advice, settings = [] }) {
  const label = output.paint(COLORS[status], status.padEnd(STATUS_WIDTH));
  const what = [step, target].filter(Boolean).join(' ');
  const lines = [`${label} ${what}${detail === undefined ? '' : `: ${detail}`}`];
  const indent = ' '.repeat(STATUS_WIDTH + 1);
  for (const { setting, value, origin } of settings) {
    lines.push(`${indent}${setting} = ${value} (${origin})`);
  }
  if (cause !== undefined) lines.push(`${indent}${cause}`);
  if (advice !== undefined) lines.push(`${indent}→ ${advice}`);
  return `${lines.join('\n')}\n`;
}

function verdict(steps) {
  const isReached = steps.some(({ step, status }) => step === 'kafka' && status === 'ok');
  if (!isReached) return 'The connection does not work.';
  const isWhole = steps.every(({ status }) => status !== 'failed');
  return isWhole ? 'The connection works.' : 'The connection works, but not all of it.';
}

async function doctor(session) {
  const { output } = session;
  const steps = [];
  await examine(session, (step, target, result) => {
    const entry = { step, target, ...result };
    steps.push(entry);
    if (!output.isJson) output.write(show(output, entry));
    return entry;
  });
  session.signal.throwIfAborted();
  const ok = steps.every(({ status }) => status !== 'failed');
  if (output.isJson) await output.result({ ok, steps });
  else await output.write(`${verdict(steps)}\n`);
  return ok ? CODES.ok : CODES.findings;
}

function register(program, action) {
  withConnection(program.command('doctor'))
    .description('explains step by step what is wrong with a connection; exit code 3')
    .option('--topic <name>', 'whether this user may use it; may be given again', collect)
    .option('--group <id>', 'the same for a group', collect)
    .action(action(doctor));
}

module.exports = { register };
