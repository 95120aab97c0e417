'use strict';

// What counting costs a service that consumes flat out: the share of the JavaScript thread's time that goes into the
// recorder, the metrics and prom-client while somebody scrapes every second. Sampled by V8's profiler, so that the answer
// does not depend on what else the machine does.
//
//   node bench/service-metrics.js [--messages 300000]

const inspector = require('node:inspector');
const { parseArgs } = require('node:util');
const { startCluster } = require('./lib/cluster');
const { KafkaService, loadCatalog } = require('../lib/service');
const { logLevel } = require('../lib');
const { printFailure } = require('../scripts/lib/steps');

const TOPIC = 'status-updates';
const SAMPLE_US = 200;
const COUNTED = /service\/monitoring\/|node_modules\/prom-client\//;
const log = (line) => process.stderr.write(`${line}\n`);

function profiler() {
  const session = new inspector.Session();
  session.connect();
  const post = (method, params) =>
    new Promise((resolve, reject) => {
      session.post(method, params, (error, result) => (error ? reject(error) : resolve(result)));
    });
  return {
    async start() {
      await post('Profiler.enable');
      await post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
      await post('Profiler.start');
    },
    async stop() {
      const { profile } = await post('Profiler.stop');
      session.disconnect();
      return profile;
    },
  };
}

/** Microseconds below functions of `pattern` (what they call included), and of everything that was not idle. */
function shareOf(profile, pattern) {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const counted = new Set();
  const visit = (node, inside) => {
    const here = inside || pattern.test(node.callFrame.url);
    if (here) counted.add(node.id);
    for (const child of node.children ?? []) visit(byId.get(child), here);
  };
  visit(profile.nodes[0], false);
  let all = 0;
  let matching = 0;
  for (const [index, id] of profile.samples.entries()) {
    if (byId.get(id).callFrame.functionName === '(idle)') continue;
    all += profile.timeDeltas[index];
    if (counted.has(id)) matching += profile.timeDeltas[index];
  }
  return { all, matching };
}

async function fill(service, messages) {
  const update = (i) => ({
    type: 'status_update',
    data: {
      entityType: 'task',
      entityId: `t-${i % 1_000}`,
      status: 'processing',
      timestamp: new Date().toISOString(),
    },
  });
  for (let at = 0; at < messages; at += 1_000) {
    const size = Math.min(1_000, messages - at);
    await service.publish(
      TOPIC,
      Array.from({ length: size }, (_, i) => update(at + i)),
    );
  }
}

async function main() {
  const { values } = parseArgs({ options: { messages: { type: 'string', default: '300000' } } });
  const messages = Number(values.messages);
  const cluster = await startCluster({ log });
  const service = new KafkaService({
    catalog: loadCatalog('easyflow'),
    brokers: [cluster.brokers],
    logLevel: logLevel.ERROR,
  });
  let scraper;
  try {
    await service.initialize();
    log(`publishing ${messages} messages`);
    await fill(service, messages);
    let handled = 0;
    let scrapes = 0;
    let finish;
    const done = new Promise((resolve) => {
      finish = resolve;
    });
    const profile = profiler();
    await profile.start();
    scraper = setInterval(() => service.metrics().then(() => (scrapes += 1)), 1_000);
    const startedAt = performance.now();
    await service.subscribe(
      TOPIC,
      `metrics-${Date.now()}`,
      () => {
        handled += 1;
        if (handled === messages) finish();
      },
      { fromBeginning: true },
    );
    await done;
    const seconds = (performance.now() - startedAt) / 1_000;
    const { all, matching } = shareOf(await profile.stop(), COUNTED);
    const percent = ((100 * matching) / all).toFixed(2);
    process.stdout.write(
      `${handled} messages, ${Math.round(handled / seconds)}/s, ${scrapes} scrapes: ` +
        `${percent} % of the thread's time is counting and metrics ` +
        `(${(matching / handled).toFixed(3)} of ${(all / handled).toFixed(2)} us a message)\n`,
    );
  } finally {
    clearInterval(scraper);
    await service.shutdown();
    await cluster.stop();
  }
}

main().catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
