'use strict';

// Group, Runner and Committer of one consumer over a native side made of arrays: partitions are logs, blocks are handed
// out by credit, seeks and commits are answered later. For the logic that needs no broker.

const { Committer } = require('../../../lib/clients/consumer/committer');
const { Group } = require('../../../lib/clients/consumer/group');
const { Runner } = require('../../../lib/clients/consumer/runner');
const { Instrumentation } = require('../../../lib/clients/instrumentation');
const events = require('../../../lib/clients/consumer/events');
const { packBlock, range } = require('./blocks');

const CREDITS = 2;
const RETRY = { maxRetryTime: 20, initialRetryTime: 2, factor: 0.2, multiplier: 1.5, retries: 3 };

class FakeGroup {
  constructor(options = {}) {
    this.commits = [];
    this.committed = new Map();
    this.crashes = [];
    this.logged = [];
    this.answered = [];
    this.partitions = new Map();
    this.blockSize = options.blockSize ?? 5;
    this.nextSlot = 1;
    this.nextRebalance = 1;
    this.failCommit = options.failCommit ?? (() => null);
    const log = (level) => (message, extra) => this.logged.push({ level, message, extra });
    const logger = {
      info: log('info'),
      warn: log('warn'),
      error: log('error'),
      debug: log('debug'),
    };
    this.instrumentation = new Instrumentation('consumer', events, logger);
    const request = (operation, args) => this.request(operation, args);
    this.group = new Group({
      groupId: 'g',
      native: this,
      request,
      settings: { rebalanceTimeout: 600_000, heartbeatInterval: 1_000, ...options.settings },
      instrumentation: this.instrumentation,
      logger,
      isSubscribed: () => true,
    });
    const retry = { ...RETRY, ...options.retry };
    this.committer = new Committer({
      request,
      group: this.group,
      autoCommit: options.autoCommit ?? true,
      interval: options.autoCommitInterval,
      threshold: options.autoCommitThreshold,
      retry,
      instrumentation: this.instrumentation,
      logger,
      onError: (error) => this.crashes.push({ error }),
    });
    this.runner = new Runner({
      eachMessage: options.eachMessage,
      eachBatch: options.eachBatch,
      eachBatchAutoResolve: options.eachBatchAutoResolve ?? true,
      concurrency: options.concurrency ?? 1,
      retry,
      committer: this.committer,
      instrumentation: this.instrumentation,
      logger,
      onCrash: (lane, error) => {
        this.crashes.push({ lane, error });
        if (options.restart) this.runner.restart(lane, 1);
      },
      onRewind: (lane, offset) => this.group.seekLane(lane, offset),
      onTurnEnd: (lane) => this.group.onTurnEnd(lane),
    });
    this.group.start(this.runner, this.committer);
  }

  /** A partition whose log has offsets `first` to `first + count - 1`. */
  assign(topic, partition, count, first = 0) {
    const slot = this.nextSlot++;
    this.partitions.set(slot, {
      topic,
      partition,
      slot,
      end: first + count,
      next: first,
      out: 0,
      generation: 0,
      paused: false,
      stopped: false,
    });
    this.group.onRebalance(this.nextRebalance++, 'assign', [{ slot, topic, partition }]);
    this.pumpSoon();
    return slot;
  }

  /** The topic was made again: its log has offsets 0 to `count - 1`, in the same slot. */
  remake(slot, count) {
    Object.assign(this.partitions.get(slot), { next: 0, end: count });
    this.pumpSoon();
  }

  revoke(slots, type = 'revoke') {
    const id = this.nextRebalance++;
    const partitions = slots.map((slot) => this.partitions.get(slot));
    for (const partition of partitions) partition.stopped = true;
    this.group.onRebalance(id, type, partitions);
    return id;
  }

  pumpSoon() {
    setImmediate(() => this.pump());
  }

  pump() {
    for (const partition of this.partitions.values()) {
      while (
        !partition.stopped &&
        !partition.paused &&
        !partition.seeking &&
        partition.out < CREDITS
      ) {
        const count = Math.min(this.blockSize, partition.end - partition.next);
        if (count <= 0) break;
        const block = packBlock(range(partition.next, count));
        partition.next += count;
        partition.out += 1;
        this.group.onBatch(partition.slot, partition.generation, block, count);
      }
    }
  }

  // What the native consumer does.

  done(slot) {
    const partition = this.partitions.get(slot);
    if (partition.out === 0) throw new Error(`too many done(${slot})`);
    partition.out -= 1;
    this.pumpSoon();
  }

  pause(slots) {
    for (const slot of slots) this.partitions.get(slot).paused = true;
  }

  resume(slots) {
    for (const slot of slots) this.partitions.get(slot).paused = false;
    this.pumpSoon();
  }

  async request(operation, args) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (operation === 'groupMetadata') return { memberId: 'm', generationId: 1 };
    if (operation === 'rebalanceDone') {
      this.answered.push(args.id);
      return null;
    }
    if (operation === 'seek') {
      const partition = this.partitions.get(args.slot);
      const error = this.failSeek?.(args);
      partition.generation = args.generation;
      if (error) {
        // The poller goes on from the old place before lib/ has the answer.
        this.pump();
        await new Promise((resolve) => {
          setTimeout(resolve, 2);
        });
        throw error;
      }
      partition.next = Number(args.offset);
      this.pumpSoon();
      return null;
    }
    if (operation === 'commit') {
      const error = this.failCommit(args);
      if (error) throw error;
      for (const { topic, partition, offset } of args.offsets) {
        this.committed.set(`${topic}/${partition}`, offset);
      }
      this.commits.push(args.offsets);
      return args.offsets.map(({ topic, partition }) => ({ topic, partition, error: null }));
    }
    throw new Error(`no operation ${operation}`);
  }

  close() {
    this.runner.stop();
    this.group.end();
    this.committer.close();
  }
}

async function until(condition, what = 'the condition', timeoutMs = 60_000) {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

module.exports = { FakeGroup, until };
