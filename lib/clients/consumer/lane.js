'use strict';

const { Block } = require('./record');

/** What a lane is doing; the runner alone changes it. */
const IDLE = 0;
/** In the runner's queue of lanes with work. */
const READY = 1;
/** A handler has its block. */
const RUNNING = 2;
/** Waits for the time of its next attempt. */
const WAITING = 3;

/** Whose the partition is. */
const OWNED = 0;
/** The group takes it away; what is resolved may still be committed. */
const REVOKING = 1;
/** Somebody else's: nothing of it may be handed out or committed. */
const GONE = 2;

/**
 * One assignment of one partition (a native slot): the blocks received in order, how far they are handled, and what
 * is committed. A lane is handed to a handler by one turn at a time, so order within the partition holds whatever is
 * retried, paused or sought. It belongs to its Group; the Runner moves it through its states.
 */
class Lane {
  constructor(slot, topic, partition, native) {
    this.slot = slot;
    this.topic = topic;
    this.partition = partition;
    this.native = native;
    /** Raised by each seek; blocks of a lower generation are stale. */
    this.generation = 0;
    this.blocks = [];
    this.state = IDLE;
    this.ownership = OWNED;
    this.paused = false;
    /** One flag for the loop over messages: stop after the current one. */
    this.interrupted = false;
    /** The first block not fully handled is blocks[0]; records below `cursor` of it are handled. */
    this.cursor = 0;
    /** Is `cursor` ahead of `resolvedOffset`? It is while eachMessage runs, which then need not make a BigInt a record. */
    this.cursorLeads = false;
    /** Next offset to read and to commit as a BigInt; null before anything is known. */
    this.resolvedOffset = null;
    this.committedOffset = null;
    /** As of the last block: a number, or a BigInt where that is not exact; negative: not known. */
    this.highWatermark = 0;
    this.attempts = 0;
    this.retryTime = 0;
    this.failedAt = null;
    this.timer = null;
    /** The lane of an earlier assignment of this partition whose handler still runs: it goes first. */
    this.predecessor = null;
    /** The user's onPartitionsAssigned has not resolved yet. */
    this.awaitsHook = false;
    /** Generation of the seek that the native side has not answered yet, 0 if there is none. */
    this.seekPending = 0;
    /** First offset received: where this assignment began. */
    this.startOffset = null;
    /** Behind the last record received. */
    this.receivedEnd = null;
    /** Messages resolved since the last commit, counted for autoCommitThreshold. */
    this.sinceCommit = 0;
    /** Did the handler of this turn learn from isRunning() or isStale() that it should stop? */
    this.sawStop = false;
    this.heartbeat = null;
    this.pause = null;
  }

  get block() {
    return this.blocks.length === 0 ? null : this.blocks[0];
  }

  get mayRun() {
    return (
      this.state === IDLE &&
      this.blocks.length !== 0 &&
      !this.paused &&
      this.ownership === OWNED &&
      this.predecessor === null &&
      !this.awaitsHook &&
      this.seekPending === 0
    );
  }

  /** Takes a block from the native side; a stale one goes straight back. */
  push(generation, buffer, count) {
    if (generation < this.generation || this.ownership !== OWNED) {
      this.native.done(this.slot);
      return false;
    }
    const block = new Block(this.slot, generation, buffer, count, this.topic, this.partition);
    this.startOffset ??= block.offset(0);
    // The topic was deleted and made again, or truncated: its offsets are others now.
    block.isRewound = this.receivedEnd !== null && block.offset(0) < this.receivedEnd;
    this.receivedEnd = block.offset(count - 1) + 1n;
    this.blocks.push(block);
    return true;
  }

  /** Next offset to commit; null if nothing is known. */
  position() {
    if (this.cursorLeads && this.cursor > 0) {
      this.resolvedOffset = this.blocks[0].offset(this.cursor - 1) + 1n;
    }
    return this.resolvedOffset;
  }

  /** `offset` (of the last handled message) and all before it are handled. */
  resolve(offset) {
    this.resolvedOffset = offset + 1n;
  }

  /**
   * Called when a turn begins: moves the cursor over records that were resolved before (a handler may resolve ahead).
   * False: nothing of the block is left.
   */
  begin() {
    const block = this.blocks[0];
    this.sawStop = false;
    if (block.isRewound) {
      block.isRewound = false;
      this.resolvedOffset = null;
      this.committedOffset = null;
      this.startOffset = block.offset(0);
    }
    if (this.resolvedOffset !== null && block.offset(this.cursor) < this.resolvedOffset) {
      this.cursor = block.indexOf(this.resolvedOffset);
    }
    return this.cursor < block.count;
  }

  /** The block at hand is handled: its credit goes back. */
  finishBlock() {
    this.position();
    this.cursorLeads = false;
    this.cursor = 0;
    this.blocks.shift();
    this.native.done(this.slot);
  }

  /** Drops everything received. */
  drop() {
    this.position();
    this.cursorLeads = false;
    this.cursor = 0;
    this.dropFrom(0);
  }

  /** Drops what no handler has begun with. */
  dropWaiting() {
    if (this.state === RUNNING) this.dropFrom(1);
    else this.drop();
  }

  dropFrom(index) {
    for (let i = this.blocks.length; i > index; i--) this.native.done(this.slot);
    this.blocks.length = Math.min(this.blocks.length, index);
  }

  /** Continue at `offset` (BigInt; negative: logical). What was received is stale. Returns the new generation. */
  seek(offset) {
    this.drop();
    this.generation += 1;
    this.seekPending = this.generation;
    this.resolvedOffset = offset >= 0n ? offset : null;
    this.committedOffset = null;
    this.startOffset = this.resolvedOffset;
    this.receivedEnd = null;
    this.attempts = 0;
    this.failedAt = null;
    return this.generation;
  }

  clearTimer() {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.state === WAITING) this.state = IDLE;
  }
}

module.exports = { Lane, IDLE, READY, RUNNING, WAITING, OWNED, REVOKING, GONE };
