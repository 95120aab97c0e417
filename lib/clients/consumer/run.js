'use strict';

// One run() of a consumer: what it is made of, and how it ends.

const { Committer } = require('./committer');
const { before } = require('./group');
const { Runner } = require('./runner');
const { TopicWatch } = require('./topic-watch');

/** How long stop() waits for the group to take the partitions after the handlers have ended. */
const LEAVE_MS = 10_000;
const METADATA_MAX_AGE_MS = 300_000;

/**
 * @param {object} parts
 * @param {object} parts.given checked options of run()
 * @param {object} parts.settings of consumerConfig()
 * @param {import('./group').Group} parts.group
 * @param {import('./subscription').Subscription} parts.subscription
 * @param {(operation: string, args: object) => Promise<any>} parts.request
 * @param {import('./crash').CrashPolicy} parts.crash
 * @param {import('../instrumentation').Instrumentation} parts.instrumentation
 * @param {object} parts.logger
 * @param {number} [parts.metadataMaxAge]
 */
function newRun({ given, settings, group, subscription, request, crash, ...parts }) {
  const { instrumentation, logger, metadataMaxAge = METADATA_MAX_AGE_MS } = parts;
  const committer = new Committer({
    request,
    group,
    autoCommit: given.autoCommit ?? settings.autoCommit ?? true,
    interval: given.autoCommitInterval ?? settings.autoCommitInterval,
    threshold: given.autoCommitThreshold ?? settings.autoCommitThreshold,
    retry: settings.retry,
    instrumentation,
    logger,
    onCommit: settings.offsetCommitCallback,
    onError: (error) => crash.handle(error, () => committer.schedule()),
  });
  const runner = new Runner({
    eachMessage: given.eachMessage,
    eachBatch: given.eachBatch,
    eachBatchAutoResolve: given.eachBatchAutoResolve ?? true,
    lazyMessages: given.lazyMessages ?? false,
    concurrency: given.partitionsConsumedConcurrently ?? 1,
    retry: settings.retry,
    committer,
    instrumentation,
    logger,
    onCrash: (lane, error) => crash.handle(error, (afterMs) => runner.restart(lane, afterMs)),
    onRewind: (lane, offset) => group.seekLane(lane, offset),
    onTurnEnd: (lane) => group.onTurnEnd(lane),
  });
  const watch = new TopicWatch({
    subscription,
    request,
    logger,
    groupId: settings.groupId,
    everyMs: metadataMaxAge,
  });
  return { committer, runner, watch };
}

/** Commits what was resolved, as far as there is time. Never rejects. */
async function flush({ committer, deadline, logger, groupId }) {
  if (!committer.autoCommit) return;
  try {
    await before(deadline, committer.flush());
  } catch (error) {
    logger.warn('Offsets were not committed', { groupId, error: error.message });
  }
}

/** Gives the partitions back. Never rejects. */
async function leave({ handle, group, isManual, logger, groupId }) {
  try {
    if (isManual) {
      await handle.request('assign', { partitions: [] });
      for (const lane of [...group.lanes()]) group.removeLane(lane);
    } else {
      await handle.request('unsubscribe', {});
      await before(Date.now() + LEAVE_MS, group.empty());
    }
  } catch (error) {
    logger.debug('Leaving the group failed', { groupId, error: error.message });
  }
}

module.exports = { newRun, flush, leave };
