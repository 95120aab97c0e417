'use strict';

// npm run demo: tasks go out, a worker does them and reports, a dashboard shows what happens, all over Kafka.
// Ends by itself with rates, latencies and a check that no message was lost or came twice.

const { randomUUID } = require('node:crypto');
const { setTimeout: delay } = require('node:timers/promises');
const { run } = require('./lib/program');
const { integer, COMMON_HELP } = require('./lib/flags');
const { openDemoCluster } = require('./lib/demo-cluster');
const { Dashboard, TaskSource, Worker } = require('./lib/demo-parts');
const { Display, summary } = require('./lib/demo-display');
const { Ledger } = require('./lib/ledger');

const usage = `npm run demo -- [options]
  --tasks N                  default 2000
  --rate N                   tasks a second, default 400; 0: as fast as they get done
${COMMON_HELP}
With nothing configured the demo brings a broker of its own.`;

const STALLED_MS = 30_000;

/** Resolves when everything came, the program shall end, or nothing has come for half a minute. */
async function untilDone(ledger, signal) {
  let last = -1;
  let since = performance.now();
  while (!ledger.isComplete && !signal.aborted && performance.now() - since < STALLED_MS) {
    if (ledger.received !== last) {
      last = ledger.received;
      since = performance.now();
    }
    await delay(20, null, { signal }).catch(() => {});
  }
}

function verdict(ledger, signal, say) {
  const { missing, doubled } = ledger;
  if (missing === 0 && doubled === 0) {
    process.stdout.write('Checked: nothing lost, nothing doubled.\n');
    return 0;
  }
  if (signal.aborted && doubled === 0) {
    process.stdout.write(`Interrupted after ${ledger.finished} tasks; ended cleanly.\n`);
    return 0;
  }
  say(`demo: ${missing} messages lost, ${doubled} doubled`);
  return 1;
}

async function main({ flags, signal, stop, say }) {
  const runId = randomUUID();
  const ledger = new Ledger(runId, flags.tasks);
  const cluster = await openDemoCluster({ flags, runId, say });
  const parts = [];
  let display;
  let seconds;
  try {
    const groups = { worker: `demo-worker-${runId}`, dashboard: `demo-dashboard-${runId}` };
    await cluster.prepare(Object.values(groups));
    const context = { cluster, runId, ledger, signal, stop, tasks: flags.tasks };
    const source = new TaskSource({ ...context, rate: flags.rate });
    const worker = new Worker({ ...context, groupId: groups.worker });
    const dashboard = new Dashboard({
      ...context,
      groupId: groups.dashboard,
      onStatus: (text) => display?.note(text),
    });
    parts.push(source, worker, dashboard); // who reads ends after who writes
    await Promise.all(parts.map((part) => part.start()));
    say(`${flags.tasks} tasks: source -> worker -> dashboard`);
    display = new Display(ledger);
    const sending = source.sendAll().catch(stop);
    await untilDone(ledger, signal);
    seconds = display.seconds;
    await sending;
    if (ledger.isComplete) await dashboard.readToEnd();
  } finally {
    display?.stop();
    for (const part of parts) await part.stop();
    await cluster.close();
  }
  if (signal.reason instanceof Error) throw signal.reason;
  process.stdout.write(`${summary(ledger, seconds)}\n`);
  return verdict(ledger, signal, say);
}

run({
  usage,
  flags: {
    tasks: { ...integer(1, 1_000_000), default: 2_000 },
    rate: { ...integer(0, 1_000_000), default: 400 },
  },
  main,
});
