'use strict';

const { UsageError, CommandError } = require('../failures');
const { progressOf } = require('../groups');
const { table } = require('../output');
const { clamp, offsetsOf } = require('../positions');
const { collect, integer, position, withConnection } = require('../options');

/** 'tasks' or 'tasks:0,2' */
function parseTopic(text) {
  const [, topic, list] = /^([^:]+)(?::(\d+(?:,\d+)*))?$/.exec(text) ?? [];
  if (topic === undefined) {
    throw new UsageError(`--topic: expected a name, or name:0,2, but received '${text}'`);
  }
  return { topic, partitions: list?.split(',').map(Number) };
}

function checkOptions({ topic = [], allTopics, to, shift }) {
  if (topic.length > 0 === (allTopics === true)) {
    throw new UsageError('offsets reset needs either --topic or --all-topics');
  }
  if ((to === undefined) === (shift === undefined)) {
    throw new UsageError('offsets reset needs either --to or --shift');
  }
  return topic.map(parseTopic);
}

/** Where the chosen partitions of a topic shall be. */
async function targetsOf(admin, topic, progress, { to, shift }) {
  if (to !== undefined) return offsetsOf(admin, topic, to);
  const unknown = progress.find((row) => row.topic === topic && row.committed === null);
  if (unknown !== undefined) {
    throw new CommandError(
      `${topic}[${unknown.partition}] has no offset to shift from: use --to for it`,
    );
  }
  return progress
    .filter((row) => row.topic === topic)
    .map(({ partition, committed, low, high }) => ({
      partition,
      offset: clamp(BigInt(committed) + BigInt(shift), BigInt(low), BigInt(high)),
    }));
}

async function planOf(admin, group, wanted, options) {
  const topics = wanted.length > 0 ? wanted.map(({ topic }) => topic) : undefined;
  const progress = await progressOf(admin, group, { topics });
  const plan = [];
  for (const topic of topics ?? [...new Set(progress.map((row) => row.topic))]) {
    const only = wanted.find((each) => each.topic === topic)?.partitions;
    const rows = progress.filter(
      (row) => row.topic === topic && (only?.includes(row.partition) ?? true),
    );
    const absent = only?.find((partition) => !rows.some((row) => row.partition === partition));
    if (absent !== undefined) throw new CommandError(`${topic} has no partition ${absent}`);
    const targets = await targetsOf(admin, topic, rows, options);
    for (const { partition, committed } of rows) {
      const { offset } = targets.find((each) => each.partition === partition);
      plan.push({ topic, partition, from: committed, to: offset.toString() });
    }
  }
  return plan;
}

async function execute(admin, groupId, plan) {
  for (const topic of new Set(plan.map((row) => row.topic))) {
    const partitions = plan
      .filter((row) => row.topic === topic)
      .map(({ partition, to }) => ({ partition, offset: to }));
    await admin.setOffsets({ groupId, topic, partitions });
  }
}

async function reset(session, group) {
  const { options } = session;
  const wanted = checkOptions(options);
  const admin = await session.admin();
  const offsets = await planOf(admin, group, wanted, options);
  const executed = options.execute === true;
  if (executed) await execute(admin, group, offsets);
  await session.output.result({ group, executed, offsets }, () =>
    table(['topic', 'partition', 'from', 'to'], offsets.map(Object.values)),
  );
  if (!executed) session.output.say('Nothing was changed: add --execute to do it.');
}

function register(program, action) {
  const offsets = program.command('offsets').description("a group's offsets");
  withConnection(offsets.command('reset'))
    .description('shows where the offsets of a group without members would be; --execute sets them')
    .argument('<group>')
    .option('--topic <name[:0,2]>', 'topic, or some partitions of it; may be given again', collect)
    .option('--all-topics', 'every topic that the group has offsets of')
    .option('--to <position>', 'earliest, latest, an offset or an ISO time', position)
    .option('--shift <n>', 'so many messages on, or back: --shift=-100', integer(-1e15, 1e15))
    .option('--execute', 'sets them')
    .action(action(reset));
}

module.exports = { register };
