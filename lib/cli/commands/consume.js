'use strict';

const { EndOfTopic } = require('../../service/end-of-topic');
const { CommandError, UsageError } = require('../failures');
const { integer, partitions, position, withCatalog, withConnection } = require('../options');
const { offsetsOf } = require('../positions');
const { checkFormat, lineWriter } = require('../record-line');
const { topicNameIn } = require('../encode');

// Without a group nobody commits: the name is only what the broker's log shows.
const NO_GROUP = 'easyflow-kafka-cli';
const STATISTICS_MS = 300;
// A broker that has nothing holds its answer back so long; a person is waiting.
const FETCH_WAIT_MS = 100;

/** The partitions to read, each with where to begin and where the topic ends now. */
async function placesOf(session, topic, from) {
  const admin = await session.admin();
  const places = await offsetsOf(admin, topic, from);
  const only = session.options.partition;
  const absent = only?.find((number) => !places.some(({ partition }) => partition === number));
  if (absent !== undefined) {
    throw new CommandError(`${topic} has ${places.length} partitions, and none is ${absent}`);
  }
  await admin.disconnect();
  return only === undefined ? places : places.filter(({ partition }) => only.includes(partition));
}

/** Reads without a group: nothing that others see changes. */
async function openPartitions(session, topic, from) {
  const places = await placesOf(session, topic, from);
  const end = session.options.exit ? new EndOfTopic(topic, places) : null;
  if (end?.isReached) return { end, batches: null };
  const consumer = await session.consumer({
    groupId: NO_GROUP,
    autoCommit: false,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    ...(end && { statisticsIntervalMs: STATISTICS_MS }),
  });
  await consumer.assign(
    places.map(({ partition, offset }) => ({ topic, partition, offset: offset.toString() })),
  );
  const stop = new AbortController();
  const signal = AbortSignal.any([session.signal, stop.signal]);
  if (end !== null) {
    consumer.on(consumer.events.FETCH, () => end.onFetch());
    consumer.on(consumer.events.STATISTICS, ({ payload }) => {
      end.onStatistics(payload);
      if (end.isReached) stop.abort();
    });
  }
  return { end, batches: consumer.batches({ signal, autoCommit: false }), ended: stop.signal };
}

/** Reads as a member of a group: what was written counts as handled, and is committed. */
async function openGroup(session, topic, { kind }) {
  const consumer = await session.consumer({
    groupId: session.options.group,
    maxWaitTimeInMs: FETCH_WAIT_MS,
  });
  await consumer.subscribe({ topic, fromBeginning: kind === 'beginning' });
  session.output.say(`Reading ${topic} as a member of ${session.options.group}; Ctrl-C ends.`);
  return { end: null, batches: consumer.batches({ signal: session.signal }) };
}

/** How many there will be, where that is known; fewer where transactions and compaction left gaps. */
function totalOf({ limit }, end) {
  if (end === null) return limit;
  return Math.min(end.count, limit ?? Infinity);
}

async function writeAll(session, { end, batches }, write) {
  const { limit = Infinity } = session.options;
  const total = totalOf(session.options, end);
  let count = 0;
  for await (const batch of batches) {
    for (const message of batch) {
      if (session.signal.aborted) return count;
      if (end !== null && !end.has(batch.partition, message.offset)) {
        end.onMessage(batch.partition, message.offset);
        continue;
      }
      await session.output.write(write(batch.topic, batch.partition, message));
      batch.resolveOffset(message.offset);
      end?.onMessage(batch.partition, message.offset);
      count += 1;
      session.output.progress(count, { total });
      if (count >= limit) return count;
    }
    end?.onBatchDone();
    if (end?.isReached) return count;
  }
  return count;
}

function checkOptions({ group, from, exit, partition }) {
  const asMember = group !== undefined;
  if (asMember && (exit || partition !== undefined)) {
    throw new UsageError('--group shares the topic among its members: no --exit, no --partition');
  }
  if (asMember && from !== undefined && !['beginning', 'end'].includes(from.kind)) {
    throw new UsageError(
      'With --group, --from is beginning or end, where the group has no offset: `offsets reset` moves it',
    );
  }
}

async function consume(session, given) {
  const { options } = session;
  checkOptions(options);
  const format = checkFormat(options.valueFormat);
  const catalog = options.catalog === undefined ? undefined : session.catalog();
  const topic = catalog === undefined ? given : topicNameIn(catalog, given);
  const from = options.from ?? { kind: options.exit ? 'beginning' : 'end' };
  const open = options.group === undefined ? openPartitions : openGroup;
  const reading = await open(session, topic, from);
  if (reading.batches === null) return;
  try {
    await writeAll(session, reading, lineWriter({ format, catalog }));
  } catch (error) {
    const isEnd = session.signal.aborted || reading.ended?.aborted;
    if (!isEnd || error.errorCode !== 'ERR_KAFKA_ABORTED') throw error;
  }
}

function register(program, action) {
  withCatalog(withConnection(program.command('consume')))
    .description('writes messages as lines of JSON, until Ctrl-C; no group, no commits')
    .argument(
      '<topic>',
      "a name; with --catalog also a topic's id, and lines say which event it is",
    )
    .option(
      '--from <position>',
      'beginning, end, an offset or an ISO time (default: end; with --exit beginning)',
      position,
    )
    .option('--limit <n>', 'ends after so many', integer(1))
    .option('--exit', 'ends where the topic ends now')
    .option('--partition <n,…>', 'only these', partitions)
    .option('--group <id>', 'as a member of this group, with commits')
    .option('--value-format <format>', 'auto (JSON, text or base64), text, base64', 'auto')
    .action(action(consume));
}

module.exports = { register };
