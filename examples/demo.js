'use strict';

// npm run demo: tasks go out, a worker does them and reports, a dashboard shows what happens, all over Kafka; a page in the
// browser shows the tasks live. On a terminal it runs until Ctrl-C; elsewhere, or with --tasks, it ends by itself. Then come rates,
// latencies and a check that no message was lost or came twice.

const { randomUUID } = require('node:crypto');
const { setTimeout: delay } = require('node:timers/promises');
const { run } = require('./lib/program');
const { integer, COMMON_HELP } = require('./lib/flags');
const { LivePage } = require('./lib/dashboard/live-page');
const { openDemoCluster } = require('./lib/demo-cluster');
const { Dashboard, TaskSource, Worker } = require('./lib/demo-parts');
const { Display, summary } = require('./lib/demo-display');
const { Ledger } = require('./lib/ledger');

const usage = `npm run demo -- [options]
  --tasks N                  ends after so many; default on a terminal: runs until Ctrl-C, elsewhere 2000
  --rate N                   tasks a second, default 400, without end 100; 0: as fast as they get done
  --work-ms N                what a task takes at most, default 0, without end 800
  --port N                   of the live page, default any that is free
${COMMON_HELP}
With nothing configured the demo brings a broker of its own.`;

const STALLED_MS = 30_000;

/** With an end: at full speed. Without: at a pace at which an eye can follow. */
function paceOf({ tasks, rate, 'work-ms': workMs }) {
  const isEndless = tasks === undefined && process.stdout.isTTY === true;
  const pace = isEndless
    ? { tasks: Infinity, rate: 100, workMs: 800 }
    : { tasks: tasks ?? 2_000, rate: 400, workMs: 0 };
  return { ...pace, ...(rate !== undefined && { rate }), ...(workMs !== undefined && { workMs }) };
}

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
  if (signal.aborted && !ledger.isComplete && doubled === 0) {
    process.stdout.write(`Interrupted after ${ledger.finished} tasks; ended cleanly.\n`);
    return 0;
  }
  if (missing === 0 && doubled === 0) {
    process.stdout.write('Checked: nothing lost, nothing doubled.\n');
    return 0;
  }
  say(`demo: ${missing} messages lost, ${doubled} doubled`);
  return 1;
}

async function main({ flags, signal, stop, say }) {
  const runId = randomUUID();
  const { tasks, rate, workMs } = paceOf(flags);
  const ledger = new Ledger(runId, tasks);
  const cluster = await openDemoCluster({ flags, runId, say });
  const parts = [];
  let page;
  let display;
  let seconds;
  try {
    const groups = { worker: `demo-worker-${runId}`, dashboard: `demo-dashboard-${runId}` };
    await cluster.prepare(Object.values(groups));
    page = await LivePage.start(cluster.kafka, {
      port: flags.port,
      hubOptions: cluster.hubOptions,
    });
    const context = { cluster, runId, ledger, signal, stop };
    const source = new TaskSource({ ...context, tasks, rate });
    const worker = new Worker({ ...context, workMs, groupId: groups.worker });
    const dashboard = new Dashboard({
      ...context,
      groupId: groups.dashboard,
      onStatus: (text) => display?.note(text),
    });
    parts.push(source, worker, dashboard); // who reads ends after who writes
    await Promise.all(parts.map((part) => part.start()));
    say(`${tasks === Infinity ? 'Tasks' : `${tasks} tasks`}: source -> worker -> dashboard`);
    say(`Live page: ${page.url}`);
    display = new Display(ledger);
    const sending = source.sendAll().catch(stop);
    await untilDone(ledger, signal);
    seconds = display.seconds;
    await sending;
    if (ledger.isComplete) await dashboard.readToEnd();
  } finally {
    display?.stop();
    for (const part of parts) await part.stop();
    await page?.close();
    await cluster.close();
  }
  if (signal.reason instanceof Error) throw signal.reason;
  process.stdout.write(`${summary(ledger, seconds)}\n`);
  return verdict(ledger, signal, say);
}

run({
  usage,
  flags: {
    tasks: integer(1, 1_000_000),
    rate: integer(0, 1_000_000),
    'work-ms': integer(0, 60_000),
    port: { ...integer(0, 65_535), default: 0 },
  },
  main,
});
