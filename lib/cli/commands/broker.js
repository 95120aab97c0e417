'use strict';

const fs = require('node:fs');
const { once } = require('node:events');
const { TopicManager } = require('../../service/topic-manager');
const { EmbeddedKafka } = require('../../embedded-kafka');
const { UsageError } = require('../failures');
const { collect, integer, withCatalog, withOutput } = require('../options');

/** 'tasks' or 'tasks:8' */
function parseTopic(text, defaultPartitions) {
  const [, topic, count] = /^([A-Za-z0-9._-]+)(?::([1-9]\d{0,3}))?$/.exec(text) ?? [];
  if (topic === undefined) {
    throw new UsageError(`--topic: expected a name, or name:partitions, but received '${text}'`);
  }
  return { topic, partitions: count === undefined ? defaultPartitions : Number(count) };
}

async function makeTopics(session, cluster) {
  const kafka = { clientId: 'easyflow-kafka-cli', brokers: cluster.brokers, logLevel: 0 };
  const manager = new TopicManager(kafka, { catalog: session.catalog() });
  session.onClose(() => manager.disconnect());
  await manager.connect();
  const { created, skipped } = await manager.createAllTopics();
  session.output.say(`${created.length} topics of the catalog were made.`);
  for (const { name, missing } of skipped) {
    session.output.say(`${name} needs a value for ${missing.join(', ')} (--org)`);
  }
}

async function broker(session) {
  const { brokers, partitions, topic = [], catalog, portFile } = session.options;
  const topics = topic.map((text) => parseTopic(text, partitions));
  const cluster = await EmbeddedKafka.start({ brokers, topics });
  session.onClose(() => cluster.stop());
  // A started cluster keeps no process alive.
  const alive = setInterval(() => {}, 1 << 30);
  session.onClose(() => clearInterval(alive));
  if (catalog !== undefined) await makeTopics(session, cluster);
  const { bootstrapServers } = cluster;
  if (portFile !== undefined) {
    fs.writeFileSync(portFile, `${bootstrapServers}\n`);
    session.onClose(() => fs.rmSync(portFile, { force: true }));
  }
  await session.output.result({ bootstrapServers, pid: process.pid }, () => bootstrapServers);
  session.output.say('Ctrl-C ends it, and what it holds is gone.');
  if (!session.signal.aborted) await once(session.signal, 'abort');
}

function register(program, action) {
  withCatalog(withOutput(program.command('broker')))
    .description('an embedded broker for development, until Ctrl-C; prints its address')
    .option('--brokers <n>', 'how many', integer(1, 100), 1)
    .option('--topic <name[:partitions]>', 'makes a topic; may be given again', collect)
    .option('--partitions <n>', 'of topics that say nothing', integer(1, 10_000), 4)
    .option('--port-file <file>', 'has the address while the broker runs')
    .option('--verbose', 'the stack of an error')
    .action(action(broker));
}

module.exports = { register };
