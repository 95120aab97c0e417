'use strict';

const { SIDES, runSide } = require('./sides');
const { WORK, sideArguments } = require('./work');

const FILL_IN_FLIGHT = 8;

let groups = 0;

/** A topic with messages for the consumers; C is the quickest to fill it. */
async function fill(cluster, { messages, lead, size }, partitions) {
  const topic = await cluster.topic(partitions);
  const all = messages + 2 * lead;
  const result = await runSide('c', {
    ...sideArguments('produce-batch', { messages: all, size }, cluster.brokers),
    inFlight: FILL_IN_FLIGHT,
    groupId: 'none',
    topic,
  });
  if (result.failed) throw new Error(`Cannot fill the topic: ${result.failed}`);
  return topic;
}

async function runOnce(cluster, name, side, options, filled) {
  const args = sideArguments(name, options, cluster.brokers);
  const own = filled ?? (await cluster.topic(name === 'latency' ? 1 : options.partitions));
  const result = await runSide(side, { ...args, topic: own, groupId: `bench-${(groups += 1)}` });
  if (!filled) await cluster.drop(own);
  return result;
}

/**
 * One kind of work, `options.rounds` times: all sides in turn, then all again, so that what happens to the machine
 * meanwhile happens to all. Resolves with the runs by side.
 */
async function runRounds(cluster, name, sides, options, log) {
  const consumes = WORK[name].group === 'consume';
  const args = sideArguments(name, options, cluster.brokers);
  const { messages } = args;
  log(`\n${WORK[name].title}: ${messages.toLocaleString('en-US')} messages of ${options.size} B`);
  const filled = consumes ? await fill(cluster, args, options.partitions) : null;
  // The first run of all warms the broker; nobody's figures are in it.
  if (sides.length > 1) await runOnce(cluster, name, sides[0], options, filled);
  const runs = Object.fromEntries(sides.map((side) => [side, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const side of sides) {
      const result = await runOnce(cluster, name, side, options, filled);
      runs[side].push(result);
      log(`  ${round}/${options.rounds}  ${SIDES[side].title.padEnd(32)} ${describe(result)}`);
    }
  }
  if (filled) await cluster.drop(filled);
  return runs;
}

function describe(result) {
  if (result.failed) return `failed: ${result.failed}`;
  if (result.latency) {
    const { p50, p99 } = result.latency;
    return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
  }
  const rate = Math.round(result.messages / result.seconds).toLocaleString('en-US');
  const cpu = ((result.cpuSeconds / result.messages) * 1e6).toFixed(2);
  return `${rate.padStart(9)} messages/s, ${cpu} CPU-s per M`;
}

module.exports = { runRounds };
