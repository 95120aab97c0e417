'use strict';

const { performance } = require('node:perf_hooks');
const { Batch } = require('./batch');
const { Message, SpreadableMessage } = require('./message');
const { Slice } = require('./slice');
const { IDLE, READY, RUNNING, WAITING, OWNED, GONE } = require('./lane');
const { isRetriable } = require('./failures');
const { START_BATCH_PROCESS, END_BATCH_PROCESS } = require('./events');
const { randomBackoffMs } = require('../retry');
const { classes, isKafkaJSError } = require('../../errors');

/** Looking at the clock costs as much as handing out a message: at most so many messages without a look. */
const MAX_STRIDE = 32;
/** A look at the clock this soon after the last one means that the next may come later. */
const SHORT_MS = 0.25;
/** A batch of which its handler resolved nothing comes again, but not in a tight loop. */
const NO_PROGRESS_DELAY_MS = 20;

/**
 * Hands the blocks of all lanes to the user's handler: at most `concurrency` lanes at once, in turn, one block a turn.
 * Made for one `run()`; after `stop()` it is not used again.
 */
class Runner {
  /**
   * @param {object} options
   * @param {(payload: object) => any} [options.eachMessage]
   * @param {(payload: object) => any} [options.eachBatch]
   * @param {boolean} options.eachBatchAutoResolve
   * @param {boolean} options.lazyMessages
   * @param {number} options.concurrency
   * @param {object} options.retry KafkaJS's, complete
   * @param {import('./committer').Committer} options.committer
   * @param {import('../instrumentation').Instrumentation} options.instrumentation
   * @param {object} options.logger
   * @param {(lane, error) => void} options.onCrash a lane is out of attempts; it waits until restart(lane) or the end
   * @param {(lane, offset: bigint) => void} options.onRewind the handler resolved below what it was given
   */
  constructor(options) {
    Object.assign(this, options);
    this.running = true;
    /** Handed out to nobody for the moment: drain(). */
    this.suspended = false;
    /** Nobody waits for the handlers that still run. */
    this.abandoned = false;
    this.ready = [];
    this.active = 0;
    this.slice = new Slice();
    this.stride = 1;
    this.pausedWaiters = [];
    this.BatchMessage = this.lazyMessages ? Message : SpreadableMessage;
    this.consume = this.eachMessage ? this.consumeMessages : this.consumeBatch;
  }

  /** The lane may have become able to run: it got a block, was resumed, its time came. */
  wake(lane) {
    if (!this.running || this.suspended || !lane.mayRun) return;
    lane.state = READY;
    this.ready.push(lane);
    this.pump();
  }

  pump() {
    while (this.active < this.concurrency && this.ready.length !== 0) {
      const lane = this.ready.shift();
      if (lane.state !== READY) continue;
      lane.state = IDLE;
      if (!this.running || this.suspended || !lane.mayRun) continue;
      lane.state = RUNNING;
      this.active += 1;
      this.turn(lane);
    }
  }

  /** One turn: one block, or what is left of it. Never rejects. */
  async turn(lane) {
    const { generation } = lane;
    let failure = null;
    if (this.slice.expired()) await this.slice.next();
    try {
      if (this.mayStart(lane, generation)) await this.consumeBlock(lane, generation);
    } catch (error) {
      failure = { error };
    }
    this.active -= 1;
    // What was handed out may have asked for a delay already.
    if (lane.state === RUNNING) lane.state = IDLE;
    try {
      this.endTurn(lane, generation, failure);
    } catch (error) {
      this.logger.error(`Cannot end a turn: ${error.message}`, { stack: error.stack });
    }
    this.pump();
    this.announceIdle();
  }

  mayStart(lane, generation) {
    return (
      this.running && lane.generation === generation && lane.ownership === OWNED && !lane.paused
    );
  }

  async consumeBlock(lane, generation) {
    if (!lane.begin()) return;
    const listened =
      this.instrumentation.has(END_BATCH_PROCESS) || this.instrumentation.has(START_BATCH_PROCESS);
    if (!listened) return this.consume(lane, generation);
    const startedAt = Date.now();
    const payload = batchPayload(new Batch(lane.block, lane.cursor, lane));
    this.instrumentation.emit(START_BATCH_PROCESS, payload);
    await this.consume(lane, generation);
    this.instrumentation.emit(END_BATCH_PROCESS, { ...payload, duration: Date.now() - startedAt });
  }

  async consumeMessages(lane, generation) {
    const { topic, partition, block, heartbeat, pause } = lane;
    const { eachMessage, slice, committer } = this;
    const threshold = committer.threshold;
    const { count } = block;
    let index = lane.cursor;
    let untilLook = this.stride;
    let lookedAt = performance.now();
    lane.cursorLeads = true;
    while (index < count) {
      const message = new SpreadableMessage(block, index);
      const result = eachMessage({ topic, partition, message, heartbeat, pause });
      if (typeof result === 'object' && result !== null && typeof result.then === 'function') {
        await result;
        // A seek during the handler: this message and what follows it is of no interest any more.
        if (lane.generation !== generation) return;
      } else if (lane.generation !== generation) {
        return;
      }
      index += 1;
      lane.cursor = index;
      if (threshold !== 0 && ++lane.sinceCommit >= threshold) committer.thresholdReached();
      if (lane.interrupted) return;
      if (--untilLook === 0) {
        const now = performance.now();
        const elapsed = now - lookedAt;
        lookedAt = now;
        if (elapsed < SHORT_MS) this.stride = Math.min(this.stride * 2, MAX_STRIDE);
        else if (elapsed > 4 * SHORT_MS) this.stride = Math.max(this.stride >> 2, 1);
        untilLook = this.stride;
        if (slice.expired()) {
          await slice.next();
          if (lane.interrupted || lane.generation !== generation) return;
        }
      }
    }
  }

  async consumeBatch(lane, generation) {
    const { block, heartbeat, pause } = lane;
    const { committer } = this;
    const batch = new Batch(block, lane.cursor, lane, this.BatchMessage);
    const isStale = () => {
      if (lane.generation === generation && lane.ownership === OWNED) return false;
      lane.sawStop = true;
      return true;
    };
    const isRunning = () => {
      if (this.running && lane.ownership !== GONE) return true;
      lane.sawStop = true;
      return false;
    };
    await this.eachBatch({
      batch,
      resolveOffset: (offset) => {
        const resolved = BigInt(offset);
        if (lane.generation !== generation || lane.ownership === GONE) return;
        lane.resolve(resolved);
        if (committer.threshold !== 0 && ++lane.sinceCommit >= committer.threshold) {
          committer.thresholdReached();
        }
      },
      heartbeat,
      pause,
      commitOffsetsIfNecessary: (offsets) =>
        offsets ? committer.commitOffsets(offsets) : committer.commitIfNecessary(),
      uncommittedOffsets: () => committer.uncommittedOffsets(),
      isRunning,
      isStale,
    });
    if (lane.generation !== generation) return;
    // A handler that was told to stop may have left messages out; what it handled it has resolved.
    if (this.eachBatchAutoResolve && !lane.sawStop) {
      lane.resolve(block.offset(block.count - 1));
      lane.cursor = block.count;
    } else {
      this.takeUpResolved(lane);
    }
  }

  /** Without automatic resolution what is not resolved comes again, as in KafkaJS, which would fetch it again. */
  takeUpResolved(lane) {
    const { block } = lane;
    const before = lane.cursor;
    if (lane.resolvedOffset !== null) {
      if (lane.resolvedOffset < block.offset(0)) {
        if (lane.ownership === OWNED) this.onRewind(lane, lane.resolvedOffset);
        return;
      }
      lane.cursor = block.indexOf(lane.resolvedOffset);
    }
    if (lane.cursor === before && !lane.interrupted) this.delay(lane, NO_PROGRESS_DELAY_MS);
  }

  endTurn(lane, generation, failure) {
    if (lane.generation !== generation || lane.ownership === GONE) {
      // Sought or lost meanwhile: its blocks were dropped, and an error of a stale handler is nobody's business.
      if (failure !== null) this.logHandlerError(lane, failure.error, true);
    } else if (failure !== null) {
      this.failed(lane, failure.error);
    } else {
      if (lane.block !== null && lane.cursor >= lane.block.count) lane.finishBlock();
      lane.attempts = 0;
    }
    if (lane.ownership !== OWNED) lane.drop();
    this.committer.resolved(lane);
    this.onTurnEnd(lane);
    this.wake(lane);
  }

  /** The handler threw: again from the last resolved offset, later and later, then crash. */
  failed(lane, error) {
    this.logHandlerError(lane, error, false);
    const position = lane.position();
    this.committer.resolved(lane, true);
    if (lane.ownership !== OWNED) return;
    if (lane.resolvedOffset !== null && !this.eachMessage) this.takeUpResolved(lane);
    if (lane.block === null) return;
    if (lane.cursor >= lane.block.count) {
      lane.finishBlock();
      if (lane.block === null) return;
    }
    if (lane.failedAt !== position) lane.attempts = 0;
    lane.failedAt = position;
    lane.clearTimer();
    if (!isRetriable(error)) {
      this.crash(
        lane,
        new classes.KafkaJSNonRetriableError(error, { cause: error?.cause ?? error }),
      );
      return;
    }
    const { retry } = this;
    if (lane.attempts >= retry.retries) {
      const { attempts: retryCount, retryTime } = lane;
      this.crash(
        lane,
        new classes.KafkaJSNumberOfRetriesExceeded(error, {
          retryCount,
          retryTime,
          cause: error?.cause ?? error,
        }),
      );
      return;
    }
    lane.retryTime = randomBackoffMs(retry, lane.attempts);
    lane.attempts += 1;
    this.delay(lane, lane.retryTime);
  }

  crash(lane, error) {
    lane.state = WAITING;
    this.onCrash(lane, error);
  }

  /** After a crash that restarts: from the last resolved offset, with fresh attempts. */
  restart(lane, afterMs) {
    lane.attempts = 0;
    lane.retryTime = 0;
    this.delay(lane, afterMs);
  }

  delay(lane, ms) {
    lane.clearTimer();
    lane.state = WAITING;
    lane.timer = setTimeout(() => {
      lane.timer = null;
      if (lane.state === WAITING) lane.state = IDLE;
      this.wake(lane);
    }, ms);
  }

  logHandlerError(lane, error, stale) {
    if (isKafkaJSError(error) && !stale) return;
    const { topic, partition } = lane;
    this.logger[stale ? 'warn' : 'error'](
      `Error when calling ${this.eachMessage ? 'eachMessage' : 'eachBatch'}`,
      {
        topic,
        partition,
        offset:
          lane.block === null
            ? undefined
            : lane.block.offsetString(Math.min(lane.cursor, lane.block.count - 1)),
        stack: error?.stack,
        error: error?.message ?? error,
        ...(stale && { stale }),
      },
    );
  }

  /** Resolves when no handler of these lanes (all without an argument) runs. */
  idle(lanes) {
    const busy =
      lanes === undefined
        ? () => this.active !== 0
        : () => lanes.some((lane) => lane.state === RUNNING);
    if (!busy() || this.abandoned) return Promise.resolve();
    return new Promise((resolve) => {
      this.pausedWaiters.push({ busy, resolve });
    });
  }

  announceIdle() {
    if (this.pausedWaiters.length === 0) return;
    this.pausedWaiters = this.pausedWaiters.filter(({ busy, resolve }) => {
      if (busy() && !this.abandoned) return true;
      resolve();
      return false;
    });
  }

  /** Time is up: who waits for handlers goes on without them. */
  abandon() {
    this.abandoned = true;
    this.announceIdle();
  }

  /** Handlers that run may finish; nothing new is handed out. */
  stop() {
    this.running = false;
    for (const lane of this.ready) if (lane.state === READY) lane.state = IDLE;
    this.ready = [];
  }
}

function batchPayload(batch) {
  return {
    topic: batch.topic,
    partition: batch.partition,
    highWatermark: batch.highWatermark,
    offsetLag: batch.offsetLag(),
    offsetLagLow: batch.offsetLagLow(),
    batchSize: batch.length,
    firstOffset: batch.firstOffset(),
    lastOffset: batch.lastOffset(),
  };
}

module.exports = { Runner };
