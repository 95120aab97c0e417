'use strict';

// Members of the group join, leave and are killed, one of it every two seconds.

const { PartitionAssigners } = require('../../../lib');

const EVERY_MS = 2_000;
const CHANGES = 12;
const MAX_PROCESSES = 3;
/** After that the group goes on without a killed member. */
const SESSION_MS = 6_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function churn({ traffic, log }, random) {
  const members = new Set();
  for (let at = 0; at < CHANGES; at += 1) {
    // One that is only starting is no member yet.
    const working = [...members].filter(({ isWorking }) => isWorking);
    if (members.size < MAX_PROCESSES && (working.length === 0 || random() < 0.4)) {
      members.add(traffic.addProcess());
    } else if (working.length > 0) {
      const member = working[Math.floor(random() * working.length)];
      const signal = random() < 0.5 ? 'SIGKILL' : 'SIGTERM';
      members.delete(member);
      member.kill(signal);
      log(`member: ${signal}`);
    }
    await pause(EVERY_MS);
  }
}

const scenario = (name, consumer) => ({
  name,
  settings: { consumer },
  holdMs: 0,
  inject: churn,
  async heal() {},
});

const classic = (assigner) => ({
  partitionAssigners: [assigner],
  sessionTimeout: SESSION_MS,
  heartbeatInterval: 1_000,
});

module.exports = [
  scenario('rebalances-cooperative', classic(PartitionAssigners.cooperativeSticky)),
  scenario('rebalances-eager', classic(PartitionAssigners.roundRobin)),
  scenario('rebalances-kip-848', { groupProtocol: 'consumer' }),
];
