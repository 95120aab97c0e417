'use strict';

const fs = require('node:fs');
const os = require('node:os');
const { SIDES, runSide } = require('./sides');
const { WORKS } = require('./works');
const { makeCase, caseLabel, caseTitle } = require('./cases');
const { runHub } = require('../hub/run');
const { describeHub } = require('../hub/metrics');

const FILL_BATCH = 1_000;
const BASE_TIMEOUT_MS = 120_000;
/** The slowest that a run may be before it is given up, for cases that take longer than the base. */
const SLOWEST_RATE = 20_000;
const WARM_MESSAGES = 300_000;
/** Kafka keeps an index and rolls segments beside the messages. */
const DISK_FACTOR = 1.5;

/** Messages before and after the measured ones, as a share of them. */
const LEAD = 0.25;

let groups = 0;

/** What a side is told, except its topic and group. */
function sideArguments({ work, params, messages }, brokers) {
  return {
    ...params,
    work,
    brokers,
    messages,
    ...(WORKS[work].maxSeconds && { maxSeconds: WORKS[work].maxSeconds }),
    lead: WORKS[work].series ? 0 : Math.ceil(messages * LEAD),
    timeoutMs: BASE_TIMEOUT_MS + Math.ceil(messages / SLOWEST_RATE) * 1_000,
  };
}

function checkDisk(bytes) {
  const { bavail, bsize } = fs.statfsSync(os.tmpdir());
  if (bavail * bsize > bytes * DISK_FACTOR) return;
  const mb = (value) => Math.round(value / 2 ** 20);
  throw new Error(
    `Not enough disk in ${os.tmpdir()}: ${mb(bytes * DISK_FACTOR)} MB wanted, ${mb(bavail * bsize)} MB free`,
  );
}

/** A topic with messages for the consumers; C is the quickest to fill it. */
async function fill(cluster, messages, { size, headers = 0, partitions }) {
  checkDisk(messages * size);
  const topic = await cluster.topic(partitions);
  const { params } = makeCase('produce-batch', {
    size,
    headers,
    batch: Math.min(FILL_BATCH, messages),
  });
  const filler = { work: 'produce-batch', params, messages };
  const args = { ...sideArguments(filler, cluster.brokers), groupId: 'none', topic };
  const result = await runSide('c', args);
  if (result.failed) throw new Error(`Cannot fill the topic: ${result.failed}`);
  return topic;
}

/** The topics that all runs of a case read. */
async function prepare(cluster, one) {
  if (!WORKS[one.work].fills) return {};
  const { messages, lead } = sideArguments(one, cluster.brokers);
  const topics = { topic: await fill(cluster, messages + 2 * lead, one.params) };
  if (!WORKS[one.work].series) return topics;
  const warmTopic = await fill(cluster, WARM_MESSAGES, { ...one.params, partitions: 4 });
  const oneTopic = await fill(cluster, 1, one.params);
  return { ...topics, warmTopic, oneTopic };
}

/** A producer that goes on while a handler sleeps. */
async function feed(cluster, topic, one) {
  const { params } = makeCase('produce-batch', { size: one.params.size });
  const feeder = { work: 'produce-batch', params, messages: one.messages };
  await runSide('c', { ...sideArguments(feeder, cluster.brokers), groupId: 'none', topic });
}

async function runOnce(cluster, one, side, filled, log) {
  if (WORKS[one.work].isHub) return runHub(cluster, one, side, log);
  const own = [];
  const ownTopic = async () => {
    own.push(await cluster.topic(one.params.partitions));
    return own.at(-1);
  };
  const args = {
    ...sideArguments(one, cluster.brokers),
    ...filled,
    warmMessages: WARM_MESSAGES,
    groupId: `bench-${(groups += 1)}`,
    topic: filled.topic ?? (await ownTopic()),
    ...(one.work === 'transactions' && { outTopic: await ownTopic() }),
  };
  const alongside = one.work === 'stall' ? feed(cluster, args.topic, one) : undefined;
  const result = await runSide(side, args);
  await alongside;
  for (const topic of own) await cluster.drop(topic);
  return result;
}

function describe(result) {
  if (result.failed) return `failed: ${result.failed}`;
  if (result.hub) return describeHub(result);
  if (result.latency) {
    const { p50, p99 } = result.latency;
    return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
  }
  if (result.startMs) return `${Math.round(result.startMs)} ms`;
  if (result.idle) {
    const { cpuPercent, threads, beside } = result.idle;
    const calls = beside ? `, dns p99 ${beside.dns.p99} ms` : ''; // C makes none
    return `${cpuPercent.toFixed(2)} % of a core, ${threads} threads${calls}`;
  }
  if (result.rssMb) return `${result.peakRssMb} MB at most`;
  const rate = Math.round(result.messages / result.seconds).toLocaleString('en-US');
  const cpu = ((result.cpuSeconds / result.messages) * 1e6).toFixed(2);
  return `${rate.padStart(9)} messages/s, ${cpu} CPU-s per M`;
}

/**
 * Cases that belong together, as often as they say: all sides of all of them in turn, then all again, so that what
 * happens to the machine meanwhile happens to all. Resolves with the runs by case id and side.
 */
async function runRounds(cluster, cases, log) {
  const runs = {};
  const filled = {};
  for (const one of cases) {
    const much = one.messages > 1 ? ` (${one.messages.toLocaleString('en-US')} messages)` : '';
    log(`\n${caseTitle(one)}${much}`);
    filled[one.id] = await prepare(cluster, one);
    runs[one.id] = Object.fromEntries(one.sides.map((side) => [side, []]));
    // The first run of all warms the broker; nobody's figures are in it.
    if (one.rounds > 1 && !WORKS[one.work].series && !WORKS[one.work].isHub) {
      await runOnce(cluster, one, one.sides[0], filled[one.id]);
    }
  }
  const rounds = Math.max(...cases.map((one) => one.rounds));
  for (let round = 1; round <= rounds; round += 1) {
    for (const one of cases) {
      for (const side of one.sides) {
        const result = await runOnce(cluster, one, side, filled[one.id], log);
        runs[one.id][side].push(result);
        const what = cases.length > 1 ? caseLabel(one) : SIDES[side].title;
        log(`  ${round}/${rounds}  ${what.padEnd(32)} ${describe(result)}`);
      }
    }
  }
  for (const topics of Object.values(filled)) {
    for (const topic of Object.values(topics)) await cluster.drop(topic);
  }
  return runs;
}

module.exports = { runRounds };
