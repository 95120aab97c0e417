'use strict';

const { COMMIT_OFFSETS } = require('./events');
const { GONE } = require('./lane');
const { randomBackoffMs } = require('../retry');
const { classes, fromNative } = require('../../errors');

/** Without autoCommitInterval and autoCommitThreshold: at most one commit in this time. */
const SOON_MS = 100;
/** Within batches that take long, what is resolved by then is committed this often. */
const LONG_BATCH_MS = 5_000;
/** After the group refused a commit because it rebalances. */
const REBALANCE_PAUSE_MS = 250;

/** The group is between two generations or has put us out: whoever owns the partitions next decides. */
const REFUSED_BY_GROUP = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'STALE_MEMBER_EPOCH',
  'FENCED_MEMBER_EPOCH',
  '_ASSIGNMENT_LOST',
]);
/** Nothing was committed because there was nothing to commit. */
const HARMLESS = '_NO_OFFSET';

/**
 * Commits what lanes have resolved: one automatic request at a time, always with the newest offsets, never above what
 * was resolved. Lives as long as one `run()`.
 */
class Committer {
  /**
   * @param {object} options
   * @param {(operation: string, args: object) => Promise<any>} options.request
   * @param {import('./group').Group} options.group
   * @param {boolean} options.autoCommit
   * @param {number | null} options.interval
   * @param {number | null} options.threshold
   * @param {object} options.retry
   * @param {import('../instrumentation').Instrumentation} options.instrumentation
   * @param {object} options.logger
   * @param {(error: Error) => void} options.onError a commit failed for good
   * @param {(error: Error | null, offsets: object[]) => void} [options.onCommit] confluent's offset_commit_cb
   */
  constructor(options) {
    this.request = options.request;
    this.group = options.group;
    this.autoCommit = options.autoCommit;
    this.interval = options.interval ?? null;
    this.thresholdOption = options.threshold ?? null;
    /** 0: nobody counts. */
    this.threshold = options.autoCommit ? (options.threshold ?? 0) : 0;
    this.retry = options.retry;
    this.instrumentation = options.instrumentation;
    this.logger = options.logger;
    this.onError = options.onError;
    this.onCommit = options.onCommit ?? null;
    this.timer = null;
    this.inFlight = null;
    this.again = null;
    this.lastCommit = -Infinity;
    this.failures = 0;
    this.closed = false;
    this.ticker = null;
    if (this.autoCommit) {
      this.ticker = setInterval(() => this.commitNow(), this.interval || LONG_BATCH_MS);
      this.ticker.unref?.();
    }
  }

  /**
   * A turn of this lane ended. Between batches commits are coalesced here; within long batches the ticker and the
   * threshold commit.
   */
  resolved(lane, now = false) {
    if (!this.autoCommit || this.closed) return;
    const position = lane.position();
    if (position === null || position === lane.committedOffset || lane.ownership === GONE) return;
    if (now) this.commitNow();
    else this.schedule();
  }

  schedule() {
    if (this.timer !== null || this.closed) return;
    if (this.inFlight !== null) {
      this.again ||= 'soon';
      return;
    }
    const wait = this.lastCommit + this.pauseMs() - Date.now();
    if (wait <= 0) this.commitNow();
    else this.startTimer(wait);
  }

  pauseMs() {
    if (this.interval !== null) return this.interval;
    // With a threshold alone, the threshold decides; what stays below it still goes out now and then.
    return this.thresholdOption !== null ? 10 * SOON_MS : SOON_MS;
  }

  startTimer(ms) {
    this.timer = setTimeout(() => {
      this.timer = null;
      this.commitNow();
    }, ms);
    this.timer.unref?.();
  }

  clearTimer() {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Called in the loop over messages, so it does next to nothing. */
  thresholdReached() {
    for (const lane of this.group.lanes()) lane.sinceCommit = 0;
    this.commitNow();
  }

  /** KafkaJS's rule for handlers that ask: only if the interval has passed or the threshold is reached. */
  async commitIfNecessary() {
    const intervalPassed = this.interval !== null && Date.now() >= this.lastCommit + this.interval;
    const thresholdReached =
      this.thresholdOption !== null && this.countUncommitted() >= BigInt(this.thresholdOption);
    if (!intervalPassed && !thresholdReached) return;
    await this.flush();
  }

  countUncommitted() {
    let count = 0n;
    for (const lane of this.group.lanes()) {
      const position = lane.position();
      if (position !== null)
        count += position - (lane.committedOffset ?? lane.startOffset ?? position);
    }
    return count;
  }

  /** Starts a commit of everything resolved; while one is in flight, the next follows it. */
  commitNow() {
    this.clearTimer();
    if (this.closed) return;
    if (this.inFlight !== null) {
      this.again = 'now';
      return;
    }
    const entries = this.collect();
    if (entries.length === 0) return;
    this.inFlight = this.send(entries).then(
      () => this.afterCommit(null),
      (error) => this.afterCommit(error),
    );
  }

  afterCommit(error) {
    this.inFlight = null;
    const { again } = this;
    this.again = null;
    if (this.closed) return;
    if (error === null) {
      this.failures = 0;
      if (again === 'now') this.commitNow();
      else if (again === 'soon') this.schedule();
      return;
    }
    if (REFUSED_BY_GROUP.has(error.librdkafkaName)) {
      this.logger.debug('The group refused a commit', { error: error.message });
      this.startTimer(REBALANCE_PAUSE_MS);
      return;
    }
    if (error.errorCode === 'ERR_KAFKA_CLOSED') return;
    if (error.retriable && this.failures < this.retry.retries) {
      this.startTimer(randomBackoffMs(this.retry, this.failures));
      this.failures += 1;
      this.logger.debug('Error while committing offsets, trying again...', {
        error: error.message,
      });
      return;
    }
    this.failures = 0;
    this.onError(
      error.retriable
        ? new classes.KafkaJSNumberOfRetriesExceeded(error, {
            retryCount: this.retry.retries,
            cause: error,
          })
        : error,
    );
  }

  collect(lanes = this.group.lanes()) {
    const entries = [];
    for (const lane of lanes) {
      if (lane.ownership === GONE) continue;
      const position = lane.position();
      if (position === null || position === lane.committedOffset) continue;
      entries.push({ lane, position, generation: lane.generation });
    }
    return entries;
  }

  async send(entries) {
    this.lastCommit = Date.now();
    const offsets = entries.map(({ lane, position }) => ({
      topic: lane.topic,
      partition: lane.partition,
      offset: position.toString(),
    }));
    for (const { lane } of entries) lane.sinceCommit = 0;
    await this.commitRequest(offsets);
    for (const { lane, position, generation } of entries) {
      if (lane.generation === generation) lane.committedOffset = position;
    }
  }

  async commitRequest(offsets) {
    try {
      await this.commitChecked(offsets);
    } catch (error) {
      if (error.librdkafkaName === HARMLESS) return;
      this.tell(error, offsets);
      throw error;
    }
    this.tell(null, offsets);
    this.emit(offsets);
  }

  async commitChecked(offsets) {
    const results = await this.request('commit', { offsets });
    const failed = (results ?? []).find(({ error }) => error && error.name !== HARMLESS);
    if (failed) {
      const { topic, partition } = failed;
      throw fromNative(failed.error, { topic, partition, groupId: this.group.groupId });
    }
  }

  tell(error, offsets) {
    if (typeof this.onCommit !== 'function') return;
    try {
      this.onCommit(error, offsets);
    } catch (e) {
      this.logger.error(`Error when calling offset_commit_cb: ${e?.message ?? e}`, {
        stack: e?.stack,
      });
    }
  }

  emit(offsets) {
    if (!this.instrumentation.has(COMMIT_OFFSETS)) return;
    const { groupId, memberId, generationId } = this.group;
    this.instrumentation.emit(COMMIT_OFFSETS, {
      groupId,
      memberId,
      groupGenerationId: generationId,
      topics: byTopic(offsets),
    });
  }

  /** Resolves when everything resolved by now is committed; rejects when that fails. */
  async flush(lanes) {
    for (let attempt = 0; ; attempt += 1) {
      while (this.inFlight !== null) await this.inFlight;
      this.clearTimer();
      const entries = this.collect(lanes);
      if (entries.length === 0) return;
      let failure = null;
      this.inFlight = this.send(entries).then(
        () => this.afterCommit(null),
        (error) => {
          failure = error;
          this.inFlight = null;
        },
      );
      await this.inFlight;
      if (failure === null) return;
      if (failure.retriable !== true || attempt >= this.retry.retries) throw failure;
      await sleep(randomBackoffMs(this.retry, attempt));
    }
  }

  /** A commit the user asks for, with his own offsets: `{ topics: [{ topic, partitions: [{ partition, offset, metadata }] }] }`. */
  async commitOffsets({ topics }) {
    const offsets = [];
    for (const { topic, partitions } of topics) {
      for (const { partition, offset, metadata } of partitions) {
        const entry = { topic, partition: Number(partition), offset: String(offset) };
        if (metadata !== undefined && metadata !== null) entry.metadata = metadata;
        offsets.push(entry);
      }
    }
    await this.commitExplicit(offsets);
  }

  async commitExplicit(offsets) {
    if (offsets.length === 0) return;
    const refused = offsets.find(({ topic, partition }) => !this.group.mayCommit(topic, partition));
    if (refused) throw staleError(refused);
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.commitRequest(offsets);
        break;
      } catch (error) {
        if (error.retriable !== true || attempt >= this.retry.retries) throw error;
        await sleep(randomBackoffMs(this.retry, attempt));
      }
    }
    this.lastCommit = Date.now();
    for (const { topic, partition, offset } of offsets) {
      const lane = this.group.laneOf(topic, partition);
      if (lane !== undefined) lane.committedOffset = BigInt(offset);
    }
  }

  /** What is resolved and not committed, in KafkaJS's shape. */
  uncommittedOffsets() {
    return {
      topics: byTopic(
        this.collect().map(({ lane, position }) => ({
          topic: lane.topic,
          partition: lane.partition,
          offset: position.toString(),
        })),
      ),
    };
  }

  close() {
    this.closed = true;
    clearInterval(this.ticker);
    this.clearTimer();
  }
}

function byTopic(offsets) {
  const topics = new Map();
  for (const { topic, ...rest } of offsets) {
    if (!topics.has(topic)) topics.set(topic, []);
    topics.get(topic).push(rest);
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}

function staleError({ topic, partition }) {
  return new classes.KafkaJSNonRetriableError(
    `Partition ${partition} of topic ${topic} is not assigned to this consumer any more: the commit was refused`,
    { errorCode: 'ERR_KAFKA_STALE' },
  );
}

function sleep(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

module.exports = { Committer, staleError };
