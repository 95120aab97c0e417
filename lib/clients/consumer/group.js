'use strict';

const { Lane, RUNNING, OWNED, REVOKING, GONE } = require('./lane');
const { Hooks } = require('./hooks');
const { Pauses } = require('./pauses');
const { GROUP_JOIN, REBALANCING, HEARTBEAT, RECEIVED_UNSUBSCRIBED_TOPICS } = require('./events');
const { staleError } = require('./committer');

const RESOLVED = Promise.resolve();
/** A partition that was just assigned cannot be sought until librdkafka has looked up its offset. */
const SEEK_RETRY_MS = 20;
const SEEK_RETRY_MAX_MS = 500;

const keyOf = (topic, partition) => `${partition}/${topic}`;

/**
 * What of the group's partitions is ours: makes a lane of each assigned slot, takes them away when the group does, and
 * applies pauses and seeks to them. One for each connection of a consumer.
 */
class Group {
  /**
   * @param {object} options
   * @param {string} options.groupId
   * @param {object} options.native the native consumer: done, pause, resume
   * @param {(operation: string, args: object) => Promise<any>} options.request
   * @param {{ rebalanceTimeout: number, heartbeatInterval: number, onPartitionsAssigned?: Function,
   *   onPartitionsRevoked?: Function }} options.settings
   * @param {import('../instrumentation').Instrumentation} options.instrumentation
   * @param {object} options.logger
   * @param {(topic: string) => boolean} options.isSubscribed
   * @param {(error: Error) => void} options.onError what makes consuming impossible
   */
  constructor(options) {
    Object.assign(this, options);
    this.runner = null;
    this.committer = null;
    this.pauses = new Pauses();
    this.hooks = new Hooks(this.settings, this.logger);
    this.pendingSeeks = new Map();
    this.bySlot = new Map();
    this.byKey = new Map();
    /** Handlers that outlived their assignment, by partition. */
    this.zombies = new Map();
    /** Rebalances are answered one after the other. */
    this.chain = RESOLVED;
    this.memberId = '';
    this.generationId = -1;
    this.joinStartedAt = Date.now();
    this.joined = false;
    this.waiters = [];
    this.lastHeartbeat = 0;
    this.heartbeatTimer = null;
  }

  /** Begins a run: from now on lanes are handed to this runner. */
  start(runner, committer) {
    this.runner = runner;
    this.committer = committer;
    this.joinStartedAt = Date.now();
    this.joined = false;
    this.heartbeatTimer = setInterval(() => this.beat(), this.settings.heartbeatInterval);
    this.heartbeatTimer.unref?.();
    for (const lane of this.lanes()) this.refresh(lane);
  }

  /** The run is over: handlers see it, lanes keep what they have until the group takes them. */
  end() {
    clearInterval(this.heartbeatTimer);
    this.heartbeatTimer = null;
    for (const lane of this.lanes()) {
      lane.interrupted = true;
      lane.clearTimer();
    }
  }

  lanes() {
    return this.bySlot.values();
  }

  laneOf(topic, partition) {
    return this.byKey.get(keyOf(topic, Number(partition)));
  }

  mayCommit(topic, partition) {
    const lane = this.laneOf(topic, partition);
    return lane !== undefined && lane.ownership !== GONE;
  }

  onBatch(slot, generation, buffer, count, highWatermark = 0) {
    const lane = this.bySlot.get(slot);
    if (lane === undefined) {
      this.native.done(slot);
      return;
    }
    lane.highWatermark = highWatermark;
    if (lane.push(generation, buffer, count)) this.runner?.wake(lane);
  }

  /** pause, suspend, stop and revocation end the loop over messages after the current one. */
  refresh(lane) {
    const { runner } = this;
    lane.interrupted =
      lane.paused ||
      lane.ownership !== OWNED ||
      runner === null ||
      !runner.running ||
      runner.suspended;
    if (!lane.interrupted) runner.wake(lane);
  }

  onTurnEnd(lane) {
    if (lane.ownership !== GONE) return;
    const key = keyOf(lane.topic, lane.partition);
    if (this.zombies.get(key) === lane) this.zombies.delete(key);
    const successor = this.byKey.get(key);
    if (successor?.predecessor === lane) {
      successor.predecessor = null;
      this.refresh(successor);
    }
  }

  onRebalance(id, type, partitions) {
    if (type === 'assign') this.assign(partitions);
    else this.revoke(id, partitions, type === 'lost');
  }

  assign(partitions) {
    const lanes = partitions.map(({ slot, topic, partition }) =>
      this.addLane(slot, topic, partition),
    );
    if (this.hooks.hasAssigned && lanes.length !== 0) {
      for (const lane of lanes) lane.awaitsHook = true;
      this.enqueue(async () => {
        await this.hooks.assigned(lanes.map(topicPartition));
        for (const lane of lanes) {
          lane.awaitsHook = false;
          this.refresh(lane);
        }
      });
    }
    this.announceJoin(lanes);
  }

  addLane(slot, topic, partition) {
    const lane = new Lane(slot, topic, partition, this.native);
    const key = keyOf(topic, partition);
    lane.heartbeat = () => this.heartbeat(lane);
    lane.pause = () => {
      this.pause([{ topic, partitions: [partition] }]);
      return () => this.resume([{ topic, partitions: [partition] }]);
    };
    lane.predecessor = this.zombies.get(key) ?? null;
    lane.paused = this.pauses.has(topic, partition);
    // A manual assignment replaces the one before without revoking it.
    const before = this.byKey.get(key);
    if (before !== undefined) this.removeLane(before);
    this.bySlot.set(slot, lane);
    this.byKey.set(key, lane);
    if (lane.paused) this.native.pause([slot]);
    const seek = this.pendingSeeks.get(key);
    if (seek !== undefined) {
      this.pendingSeeks.delete(key);
      this.seekLane(lane, seek);
    }
    this.refresh(lane);
    return lane;
  }

  removeLane(lane) {
    const key = keyOf(lane.topic, lane.partition);
    lane.ownership = GONE;
    lane.interrupted = true;
    lane.clearTimer();
    lane.dropWaiting();
    this.bySlot.delete(lane.slot);
    if (this.byKey.get(key) === lane) this.byKey.delete(key);
    if (lane.state === RUNNING) this.zombies.set(key, lane);
    if (this.bySlot.size === 0) this.announceEmpty();
  }

  async announceJoin(lanes) {
    try {
      const { memberId, generationId } = await this.request('groupMetadata', {});
      this.memberId = memberId;
      this.generationId = generationId;
    } catch (error) {
      this.logger.debug('The group metadata is not known', { error: error.message });
    }
    const memberAssignment = this.memberAssignment();
    const foreign = Object.keys(memberAssignment).filter((topic) => !this.isSubscribed(topic));
    if (foreign.length !== 0) {
      this.instrumentation.emit(RECEIVED_UNSUBSCRIBED_TOPICS, {
        groupId: this.groupId,
        generationId: this.generationId,
        memberId: this.memberId,
        assignedTopics: Object.keys(memberAssignment),
        topicsSubscribed: Object.keys(memberAssignment).filter((topic) => this.isSubscribed(topic)),
        topicsNotSubscribed: foreign,
      });
    }
    this.joined = true;
    const payload = {
      groupId: this.groupId,
      memberId: this.memberId,
      // Librdkafka keeps to itself whether the group made this member its leader, and who is.
      leaderId: null,
      isLeader: null,
      memberAssignment,
      groupProtocol: this.settings.groupProtocolName ?? null,
      duration: Date.now() - this.joinStartedAt,
    };
    this.logger.info('Consumer has joined the group', { ...payload, added: lanes.length });
    this.instrumentation.emit(GROUP_JOIN, payload);
    this.settle('joined');
  }

  memberAssignment() {
    const assignment = {};
    for (const { topic, partition } of this.lanes()) (assignment[topic] ??= []).push(partition);
    for (const partitions of Object.values(assignment)) partitions.sort((a, b) => a - b);
    return assignment;
  }

  revoke(id, partitions, lost) {
    const deadline = Date.now() + this.settings.rebalanceTimeout * 0.95;
    const lanes = partitions.map(({ slot }) => this.bySlot.get(slot)).filter(Boolean);
    this.joinStartedAt = Date.now();
    this.logger.info(lost ? 'Partitions were lost' : 'Partitions are revoked', {
      groupId: this.groupId,
      partitions: lanes.map(topicPartition),
    });
    this.instrumentation.emit(REBALANCING, { groupId: this.groupId, memberId: this.memberId });
    for (const lane of lanes) {
      lane.ownership = lost ? GONE : REVOKING;
      lane.interrupted = true;
      lane.clearTimer();
      lane.dropWaiting();
    }
    this.enqueue(() => this.giveUp(id, lanes, lost, deadline));
  }

  /** Handlers finish, offsets are committed, the user is asked; then, or at the deadline, the partitions go. */
  async giveUp(id, lanes, lost, deadline) {
    const steps = async () => {
      if (!lost && this.runner !== null) {
        await this.runner.idle(lanes);
        await this.commitLast(lanes);
      }
      if (lanes.length !== 0) await this.hooks.revoked(lanes.map(topicPartition), lost);
    };
    const inTime = await before(deadline, steps());
    if (!inTime) {
      this.logger.warn('Revoked partitions were given up before their handlers had finished', {
        groupId: this.groupId,
        partitions: lanes.map(topicPartition),
      });
    }
    for (const lane of lanes) this.removeLane(lane);
    try {
      await this.request('rebalanceDone', { id });
    } catch (error) {
      this.logger.debug('A rebalance was answered too late', { error: error.message });
    }
  }

  async commitLast(lanes) {
    if (this.committer === null || !this.committer.autoCommit) return;
    try {
      await this.committer.flush(lanes);
    } catch (error) {
      this.logger.warn('Offsets of revoked partitions were not committed', {
        error: error.message,
      });
    }
  }

  enqueue(step) {
    this.chain = this.chain.then(step).catch((error) => {
      this.logger.error(`Error in a rebalance: ${error.message}`, { stack: error.stack });
    });
    return this.chain;
  }

  /** Kafka's heartbeats are librdkafka's business; this one tells listeners, and a handler that lost its partition. */
  heartbeat(lane) {
    if (lane.ownership === GONE) return Promise.reject(staleError(lane));
    this.beat();
    return RESOLVED;
  }

  beat() {
    if (!this.joined || !this.instrumentation.has(HEARTBEAT)) return;
    const now = Date.now();
    if (now - this.lastHeartbeat < this.settings.heartbeatInterval * 0.9) return;
    this.lastHeartbeat = now;
    this.instrumentation.emit(HEARTBEAT, {
      groupId: this.groupId,
      memberId: this.memberId,
      groupGenerationId: this.generationId,
    });
  }

  pause(topicPartitions) {
    for (const { topic, partitions } of topicPartitions) this.pauses.pause(topic, partitions);
    this.applyPauses();
  }

  resume(topicPartitions) {
    for (const { topic, partitions } of topicPartitions) this.pauses.resume(topic, partitions);
    this.applyPauses();
  }

  applyPauses() {
    const paused = [];
    const resumed = [];
    for (const lane of this.lanes()) {
      const wanted = this.pauses.has(lane.topic, lane.partition);
      if (wanted === lane.paused) continue;
      lane.paused = wanted;
      (wanted ? paused : resumed).push(lane.slot);
    }
    if (paused.length !== 0) this.native.pause(paused);
    if (resumed.length !== 0) this.native.resume(resumed);
    for (const lane of this.lanes()) this.refresh(lane);
  }

  paused() {
    const topics = {};
    for (const { topic, partition, paused } of this.lanes()) {
      if (paused) (topics[topic] ??= []).push(partition);
    }
    return Object.entries(topics).map(([topic, partitions]) => ({
      topic,
      partitions: partitions.sort((a, b) => a - b),
    }));
  }

  seek(topic, partition, offset) {
    const lane = this.laneOf(topic, partition);
    if (lane === undefined || lane.ownership !== OWNED) {
      this.pendingSeeks.set(keyOf(topic, Number(partition)), offset);
      return;
    }
    this.seekLane(lane, offset);
  }

  async seekLane(lane, offset) {
    lane.clearTimer();
    let generation = lane.seek(offset);
    for (let wait = SEEK_RETRY_MS; ; wait = Math.min(wait * 2, SEEK_RETRY_MAX_MS)) {
      try {
        await this.request('seek', { slot: lane.slot, offset: offset.toString(), generation });
        break;
      } catch (error) {
        if (lane.ownership !== OWNED || lane.generation !== generation) return;
        if (error.errorCode === 'ERR_KAFKA_CLOSED') return;
        // What came meanwhile is from before the seek, under the new generation: drop it, and begin another one.
        generation = lane.seek(offset);
        this.logger[wait < SEEK_RETRY_MAX_MS ? 'debug' : 'warn']('A seek has to be tried again', {
          ...topicPartition(lane),
          error: error.message,
        });
        await new Promise((resolve) => {
          setTimeout(resolve, wait);
        });
        if (lane.ownership !== OWNED || lane.generation !== generation) return;
      }
    }
    if (lane.generation !== generation) return;
    lane.seekPending = 0;
    this.committer?.resolved(lane);
    this.refresh(lane);
  }

  /** Resolves with 'joined' at the next completed assignment, or with the reason of release(). */
  join() {
    if (this.joined) return Promise.resolve('joined');
    return new Promise((resolve) => {
      this.waiters.push(resolve);
    });
  }

  settle(reason) {
    const { waiters } = this;
    this.waiters = [];
    for (const resolve of waiters) resolve(reason);
  }

  /** Resolves when no partition is assigned. */
  empty() {
    if (this.bySlot.size === 0) return RESOLVED;
    return new Promise((resolve) => {
      this.onEmpty = resolve;
    });
  }

  announceEmpty() {
    this.onEmpty?.();
    this.onEmpty = null;
  }

  /** Forgets all partitions: the connection is gone. */
  clear() {
    this.end();
    for (const lane of [...this.lanes()]) this.removeLane(lane);
    this.pendingSeeks.clear();
    this.settle('closed');
  }
}

function topicPartition({ topic, partition }) {
  return { topic, partition };
}

/** False if the deadline (epoch ms) passes first. */
async function before(deadline, promise) {
  let timer;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, deadline - Date.now()));
  });
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

module.exports = { Group, before };
