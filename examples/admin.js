'use strict';

// Shows what is in a cluster: brokers, topics with their partitions and messages, and how far each group has come.
// With --create NAME it makes a topic first. The embedded broker answers only a part of the questions.

const { run } = require('./lib/program');
const { integer, COMMON_HELP } = require('./lib/flags');
const { openCluster } = require('./lib/cluster');

const usage = `node examples/admin.js [options]
  --create NAME              creates the topic
  --partitions N             of the new topic, default 4
${COMMON_HELP}`;

/** What the cluster cannot answer is said in its place. */
async function section(title, lines) {
  process.stdout.write(`${title}\n`);
  try {
    for (const line of await lines()) process.stdout.write(`  ${line}\n`);
  } catch (error) {
    process.stdout.write(`  not available: ${error.message}\n`);
  }
}

async function topicLine(admin, topic) {
  const offsets = await admin.fetchTopicOffsets(topic);
  const count = offsets.reduce((sum, { low, high }) => sum + BigInt(high) - BigInt(low), 0n);
  return `${topic}: ${offsets.length} partitions, ${count} messages`;
}

async function groupLine(admin, { groupId, protocolType }) {
  const topics = await admin.fetchOffsets({ groupId });
  const committed = topics.map(({ topic, partitions }) => `${topic} (${partitions.length})`);
  return `${groupId} [${protocolType}]: ${committed.join(', ') || 'no offsets'}`;
}

async function main({ flags, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'easyflow-admin', say, stop });
  const admin = cluster.kafka.admin();
  try {
    await admin.connect();
    if (flags.create && cluster.isEmbedded) {
      say('The embedded broker creates no topic on request, but each that a client sends to.');
    } else if (flags.create) {
      const topics = [{ topic: flags.create, numPartitions: flags.partitions }];
      const isNew = await admin.createTopics({ topics, waitForLeaders: true });
      say(isNew ? `Created ${flags.create}` : `${flags.create} was there already`);
    }
    await section('Brokers', async () => {
      const { brokers, controller } = await admin.describeCluster();
      return brokers.map(
        ({ nodeId, host, port }) =>
          `${nodeId} ${host}:${port}${nodeId === controller ? ' (controller)' : ''}`,
      );
    });
    await section('Topics', async () => {
      const topics = (await admin.listTopics()).sort();
      return Promise.all(topics.map((topic) => topicLine(admin, topic)));
    });
    await section('Groups', async () => {
      const { groups } = await admin.listGroups();
      return Promise.all(groups.map((group) => groupLine(admin, group)));
    });
  } finally {
    await admin.disconnect();
    cluster.close();
  }
}

run({
  usage,
  flags: { create: { type: 'string' }, partitions: { ...integer(1), default: 4 } },
  main,
});
