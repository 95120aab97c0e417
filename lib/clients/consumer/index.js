'use strict';

const native = require('../../binding');
const { Client } = require('../client');
const { bindMethods } = require('../bind-methods');
const { setSaslCredentials, dependentAdmin } = require('../shared-methods');
const { EventKind } = require('../native-handle');
const { classes, fromNative } = require('../../errors');
const { checkOptions, is } = require('../../options/validate');
const { consumerConfig } = require('../../options/config/consumer');
const events = require('./events');
const { CrashPolicy } = require('./crash');
const { Group, before } = require('./group');
const { newRun, flush, leave } = require('./run');
const { Subscription } = require('./subscription');
const { batches } = require('./iterate');
const { stream } = require('./message-stream');
const { partitionLag, committedOffsets } = require('./positions');
const { abortable } = require('./abortable');
const args = require('./arguments');

const runShape = {
  autoCommit: is.boolean,
  autoCommitInterval: is.number(0),
  autoCommitThreshold: is.integer(1),
  eachBatchAutoResolve: is.boolean,
  lazyMessages: is.boolean,
  partitionsConsumedConcurrently: is.integer(1),
  eachMessage: is.func,
  eachBatch: is.func,
};

/** Errors of the client or of a partition after which consuming cannot go on. */
const HOPELESS = new Set([
  'ERR_KAFKA_AUTHORIZATION',
  'ERR_KAFKA_AUTHENTICATION',
  'ERR_KAFKA_FENCED',
  'ERR_KAFKA_FATAL',
]);
/** How long run() waits for a topic that is being created. */
const TOPIC_CREATION_MS = 2_000;
/** What disconnect() keeps of its time for commits and for leaving the group. */
const END_MS = 2_000;

/**
 * KafkaJS's consumer. Where things are: `Group` has the assigned partitions (lanes), `Runner` hands their blocks to
 * the handler, `Committer` commits what was resolved; this class ties them to the connection and to the user.
 */
class Consumer extends Client {
  #settings;
  #subscription = new Subscription();
  #crash;
  #group = null;
  #runner = null;
  #committer = null;
  #watch = null;
  #stopping = null;
  #manual = null;
  #describer = null;
  #stopListeners = new Set();

  /**
   * @param {import('../kafka').Shared} kafka
   * @param {object} options checked; see lib/options
   */
  constructor(kafka, options) {
    super('consumer', kafka, events, options);
    // Made once more for each connection; here it judges the options before anything is done.
    this.#settings = consumerConfig(kafka.options, options, []).settings;
    this.#crash = new CrashPolicy({
      groupId: this.#settings.groupId,
      retry: this.#settings.retry,
      logger: this.logger(),
      instrumentation: this.instrumentation,
      disconnect: () => this.disconnect(),
      isRunning: () => this.#runner !== null,
    });
    bindMethods(this);
  }

  get groupId() {
    return this.#settings.groupId;
  }

  // ── Connection ────────────────────────────────────────────────────────────────────────────────────────────────────

  config(brokers) {
    return consumerConfig(this.kafka.options, this.options, brokers);
  }

  createNative({ entries, native: options }, onEvent) {
    return new native.Consumer(entries, options, onEvent);
  }

  afterConnect() {
    const { handle } = this;
    this.#group = new Group({
      groupId: this.groupId,
      native: handle.native,
      request: (operation, values) => handle.request(operation, values),
      settings: this.#settings,
      instrumentation: this.instrumentation,
      logger: this.logger(),
      isSubscribed: (topic) => this.#manual !== null || this.#subscription.has(topic),
    });
  }

  async beforeDisconnect(deadline) {
    // A handler that never ends leaves some of the time for the commits of the others, and nothing waits on after us.
    const patienceMs = Math.max(0, deadline - Date.now());
    const timer = setTimeout(
      () => this.#runner?.abandon(),
      patienceMs - Math.min(END_MS, patienceMs / 5),
    );
    await before(deadline, this.stop());
    clearTimeout(timer);
    this.#group?.clear();
    this.#group = null;
    await this.#describer?.disconnect();
    this.#describer = null;
  }

  onNativeEvent(kind, a, b, c, d, e, f) {
    switch (kind) {
      case EventKind.Batch:
        this.#onBatch(a, b, c, d, e, f);
        break;
      case EventKind.Rebalance:
        this.#group?.onRebalance(a, b, c);
        break;
      case EventKind.PartitionError:
        this.#onPartitionError(fromNative(d, { topic: b, partition: c }));
        break;
      default:
    }
  }

  onNativeError(error) {
    if (this.#runner !== null && (error.fatal || HOPELESS.has(error.errorCode))) {
      this.#crash.handle(error, () => {});
    }
  }

  #onBatch(slot, generation, block, count, nodeId, highWatermark) {
    if (this.instrumentation.has(events.FETCH_START) || this.instrumentation.has(events.FETCH)) {
      // One block is one fetch as far as this side of the border can tell.
      this.instrumentation.emit(events.FETCH_START, { nodeId });
      this.instrumentation.emit(events.FETCH, { numberOfBatches: 1, duration: 0, nodeId });
    }
    this.#group?.onBatch(slot, generation, block, count, highWatermark);
  }

  #onPartitionError(error) {
    const { topic, partition, type, errorCode } = error;
    this.logger().warn(error.message, { topic, partition, type });
    const group = this.#group;
    if (errorCode === 'ERR_KAFKA_UNKNOWN_TOPIC' && this.options.allowAutoTopicCreation !== false) {
      // The question has made the topic, unless the broker does not do that.
      setTimeout(() => group?.settle('error'), TOPIC_CREATION_MS).unref();
    } else {
      group?.settle('error');
    }
    if (HOPELESS.has(error.errorCode) || error.librdkafkaName === '_AUTO_OFFSET_RESET') {
      this.#crash.handle(error, () => {});
    }
  }

  // ── Running ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** `{ topics: (string | RegExp)[], fromBeginning }` or `{ topic }`. While running, the topics are consumed too. */
  async subscribe(subscription) {
    if (this.#runner !== null && this.#manual !== null) {
      throw stateError(
        'Cannot subscribe to topic while consumer is running on partitions of assign()',
      );
    }
    this.#subscription.add(subscription, this.#defaultFromBeginning());
    this.#manual = null;
    if (this.#runner !== null) await this.#watch.extend();
  }

  /** `auto.offset.reset` given as a property stays librdkafka's business. */
  #defaultFromBeginning() {
    const { offsetReset, fromBeginning } = this.#settings;
    return offsetReset === undefined ? fromBeginning : undefined;
  }

  /**
   * These partitions instead of a subscription, without the group: nobody takes them away, and other members do not
   * see them. Offsets can be committed all the same.
   *
   * @param {{ topic: string, partition: number, offset?: string }[]} partitions
   */
  async assign(partitions) {
    this.#manual = args.assignArguments(partitions);
    if (this.#runner !== null) await this.#assignManually();
  }

  /** Hands messages to `eachMessage` or `eachBatch` until stop(). Resolves when the group was joined. */
  async run(options = {}) {
    const given = checkOptions(runShape, options, 'consumer.run()');
    if (this.#runner !== null) {
      this.logger().warn('consumer#run was called, but the consumer is already running', {
        groupId: this.groupId,
      });
      return;
    }
    if (!given.eachMessage && !given.eachBatch) {
      throw stateError('consumer.run() needs eachMessage or eachBatch');
    }
    if (this.#subscription.isEmpty && this.#manual === null) {
      throw stateError('Nothing to consume: call consumer.subscribe() before consumer.run()');
    }
    this.connectedHandle().retain();
    this.logger().info('Starting', { groupId: this.groupId });
    const group = this.#group;
    this.#start(given);
    try {
      if (this.#manual !== null) await this.#assignManually();
      else await this.#watch.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#manual === null && this.#watch.isWaiting) return;
    const { rebalanceTimeout } = this.#settings;
    if (!(await before(Date.now() + rebalanceTimeout, group.join()))) {
      this.logger().warn('The group was not joined in time; trying goes on', {
        groupId: this.groupId,
      });
    }
  }

  #start(given) {
    // Not this.request(): stop() commits and leaves while the client is disconnecting already.
    const { handle } = this;
    const group = this.#group;
    const { committer, runner, watch } = newRun({
      given,
      settings: this.#settings,
      group,
      subscription: this.#subscription,
      request: (operation, values) => handle.request(operation, values),
      crash: this.#crash,
      instrumentation: this.instrumentation,
      logger: this.logger(),
      metadataMaxAge: this.options.metadataMaxAge,
    });
    this.#committer = committer;
    this.#runner = runner;
    this.#watch = watch;
    group.start(runner, committer);
  }

  async #assignManually() {
    await this.request('assign', { partitions: this.#manual });
  }

  /**
   * Handlers that run may finish, offsets are committed, the group is left. The connection stays: run() may be called
   * again.
   */
  stop() {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = null;
    });
    return this.#stopping;
  }

  async #stop() {
    const runner = this.#runner;
    if (runner === null) return;
    const group = this.#group;
    const deadline = Date.now() + this.#settings.rebalanceTimeout;
    this.#watch.stop();
    runner.stop();
    group.end();
    for (const listener of [...this.#stopListeners]) listener();
    if (!(await before(deadline, runner.idle())) || runner.abandoned) {
      this.logger().warn('A handler did not end in time; its messages will come again', {
        groupId: this.groupId,
      });
    }
    const ending = { handle: this.handle, group, logger: this.logger(), groupId: this.groupId };
    await flush({ ...ending, committer: this.#committer, deadline });
    await leave({ ...ending, isManual: this.#manual !== null });
    this.#committer.close();
    this.#committer = null;
    this.#runner = null;
    group.settle('stopped');
    this.handle?.release();
    this.logger().info('Stopped', { groupId: this.groupId });
    this.instrumentation.emit(events.STOP);
  }

  /**
   * Hands out nothing new, waits for the handlers, commits. The consumer stays in its group with its partitions; the
   * function it resolves with lets it go on.
   */
  async drain({ signal } = {}) {
    this.#needRunner();
    const runner = this.#runner;
    const group = this.#group;
    const goOn = () => {
      runner.suspended = false;
      for (const lane of group.lanes()) group.refresh(lane);
    };
    runner.suspended = true;
    for (const lane of group.lanes()) group.refresh(lane);
    try {
      await abortable(runner.idle(), signal);
      if (this.#committer?.autoCommit) await abortable(this.#committer.flush(), signal);
    } catch (error) {
      goOn();
      throw error;
    }
    return goOn;
  }

  // ── While running ─────────────────────────────────────────────────────────────────────────────────────────────────

  pause(topicPartitions = []) {
    const checked = args.pauseArguments(topicPartitions, 'pause');
    this.#needRunner();
    this.#group.pause(checked);
    return () => this.resume(topicPartitions);
  }

  resume(topicPartitions = []) {
    const checked = args.pauseArguments(topicPartitions, 'resume');
    this.#needRunner();
    this.#group.resume(checked);
  }

  paused() {
    return this.#group === null ? [] : this.#group.paused();
  }

  /** Also for a partition that is not assigned yet: it begins there when it is. */
  seek(topicPartitionOffset) {
    const { topic, partition, offset } = args.seekArguments(topicPartitionOffset);
    this.#needRunner();
    this.#group.seek(topic, partition, offset);
  }

  /** Without an argument: everything resolved and not committed yet. */
  async commitOffsets(topicPartitions) {
    const offsets = topicPartitions == null ? null : args.commitArguments(topicPartitions);
    this.#needRunner();
    if (offsets === null) await this.#committer.flush();
    else await this.#committer.commitExplicit(offsets);
  }

  /** @confluentinc/kafka-javascript's: counts as handled what no handler resolved; committed with the next commit. */
  storeOffsets(topicPartitions) {
    const offsets = args.commitArguments(topicPartitions);
    this.#needRunner();
    for (const { topic, partition, offset } of offsets) {
      const lane = this.#group.laneOf(topic, partition);
      if (lane === undefined || lane.cursorLeads) continue;
      lane.resolve(BigInt(offset) - 1n);
      this.#committer.resolved(lane);
    }
  }

  /** Committed offsets of these partitions, of all assigned ones without an argument. */
  async committed(topicPartitions, timeoutMs = 5_000) {
    return committedOffsets(
      (operation, values) => this.request(operation, values),
      args.partitionArguments(topicPartitions ?? this.assignment()),
      timeoutMs,
    );
  }

  /** @returns {{ topic: string, partition: number }[]} */
  assignment() {
    if (this.#group === null) return [];
    return [...this.#group.lanes()].map(({ topic, partition }) => ({ topic, partition }));
  }

  /**
   * How far behind each assigned partition is, from what the client knows already: `lag` counts what no handler has
   * resolved yet, 0 at the end, though markers of transactions may come last; null until the first fetch.
   */
  async lag() {
    const known = await this.request('lag', {});
    return known.map((entry) =>
      partitionLag(entry, this.#group?.laneOf(entry.topic, entry.partition)),
    );
  }

  /** What a transaction's sendOffsets() needs to know of this consumer. */
  groupMetadata() {
    return this.request('groupMetadata', {});
  }

  /** @confluentinc/kafka-javascript's: 'NONE' outside a group, 'COOPERATIVE' or 'EAGER' in it. */
  rebalanceProtocol() {
    if (!this.#group?.joined || this.#manual !== null) return 'NONE';
    const { cooperative, groupProtocol } = this.#settings;
    return cooperative || groupProtocol === 'consumer' ? 'COOPERATIVE' : 'EAGER';
  }

  /** @confluentinc/kafka-javascript's: for the next login. */
  setSaslCredentials(credentials) {
    setSaslCredentials(this, this.handle === null ? [] : [this.handle], credentials);
  }

  /** @confluentinc/kafka-javascript's: an admin client that lives no longer than this consumer is connected. */
  dependentAdmin() {
    return dependentAdmin(this);
  }

  /** KafkaJS's description of this consumer's group. */
  async describeGroup() {
    this.connectedHandle();
    if (this.#describer === null) {
      const { Admin } = require('../admin');
      this.#describer = new Admin(this.kafka, { properties: this.options.properties });
    }
    await this.#describer.connect();
    const { groups } = await this.#describer.describeGroups([this.groupId]);
    return groups.find(({ groupId }) => groupId === this.groupId);
  }

  /** `for await (const batch of consumer.batches())`: see docs/consumer.md for when a batch counts as handled. */
  batches(options) {
    return batches(this, options);
  }

  /** A Readable of messages (or of batches). */
  stream(options) {
    return stream(this, options);
  }

  /** For batches() and stream(): called when stop() begins, before it waits for handlers. Returns its removal. */
  onStopping(listener) {
    this.#stopListeners.add(listener);
    return () => this.#stopListeners.delete(listener);
  }

  #needRunner() {
    if (this.#runner !== null && this.#group !== null) return;
    throw stateError('Consumer group was not initialized, consumer#run must be called first');
  }
}

function stateError(message) {
  return new classes.KafkaJSNonRetriableError(message, { errorCode: 'ERR_KAFKA_STATE' });
}

module.exports = { Consumer };
