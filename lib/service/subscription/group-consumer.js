'use strict';

const { classes } = require('../../errors');

/**
 * One consumer of one group, which gives every message to `process` and resolves its offset when that has resolved: an
 * offset is committed only after its message was handled, postponed or buried.
 *
 * A partition's messages go one after another. Its signal is aborted when the partition is wanted elsewhere or the
 * consumer stops: what only waits then gives up (KafkaJSAbortedError) and comes again, a handler that runs may finish.
 */
class GroupConsumer {
  #consumer;
  /** Of the partitions that are ours: `topic/partition` -> AbortController. */
  #partitions = new Map();
  #stopping = false;
  #running = null;
  #state = 'idle';
  #queueBytes = null;
  /** Why it crashed for good; null while it consumes. */
  failure = null;

  /**
   * @param {object} parts
   * @param {import('../../clients/kafka').Kafka} parts.kafka
   * @param {object} parts.options of `kafka.consumer()`, groupId among them
   * @param {number} parts.concurrency partitions handled at once
   * @param {(message: object, control: { signal: AbortSignal, heartbeat: () => Promise<void> }) => Promise<unknown>} parts.process
   */
  constructor({ kafka, options, concurrency, process }) {
    this.groupId = options.groupId;
    this.concurrency = concurrency;
    this.process = process;
    this.#consumer = kafka.consumer({
      ...options,
      onPartitionsRevoked: (partitions) => this.#release(partitions),
    });
    const { CRASH, GROUP_JOIN, STATISTICS } = this.#consumer.events;
    this.#consumer.on(STATISTICS, ({ payload }) => {
      this.#queueBytes = fetchedBytes(payload);
    });
    this.#consumer.on(GROUP_JOIN, () => {
      this.#state = 'consuming';
      this.failure = null;
    });
    this.#consumer.on(CRASH, ({ payload }) => {
      if (payload.restart) return;
      this.#state = 'crashed';
      this.failure = payload.error;
    });
  }

  /** 'idle' | 'joining' | 'consuming' | 'crashed' | 'stopped' */
  get state() {
    return this.#state;
  }

  /** What is fetched and not handed out, by the last statistics; null before the first. */
  get queueBytes() {
    return this.#queueBytes;
  }

  get events() {
    return this.#consumer.events;
  }

  on(event, listener) {
    return this.#consumer.on(event, listener);
  }

  /** Consumes these topics too. The first call joins the group. */
  async add(subscriptions) {
    await this.#consumer.connect();
    for (const { topics, fromBeginning } of subscriptions) {
      if (topics.length > 0) await this.#consumer.subscribe({ topics, fromBeginning });
    }
    if (this.#running === null) this.#state = 'joining';
    this.#running ??= this.#consumer.run({
      autoCommit: true,
      eachBatchAutoResolve: false,
      lazyMessages: true,
      partitionsConsumedConcurrently: this.concurrency,
      eachBatch: (payload) => this.#onBatch(payload),
    });
    await this.#running;
  }

  lag() {
    return this.#consumer.lag();
  }

  assignment() {
    return this.#consumer.assignment();
  }

  /** Waits for the handlers that run, commits, leaves the group. */
  async stop() {
    this.#stopping = true;
    for (const controller of this.#partitions.values()) controller.abort();
    await this.#consumer.disconnect();
    this.#state = 'stopped';
  }

  #signalOf(topic, partition) {
    const name = `${topic}/${partition}`;
    let controller = this.#partitions.get(name);
    if (controller === undefined || controller.signal.aborted) {
      controller = new AbortController();
      if (this.#stopping) controller.abort();
      this.#partitions.set(name, controller);
    }
    return controller.signal;
  }

  #release(partitions) {
    for (const { topic, partition } of partitions) {
      const name = `${topic}/${partition}`;
      this.#partitions.get(name)?.abort();
      this.#partitions.delete(name);
    }
  }

  async #onBatch({ batch, resolveOffset, heartbeat, isRunning, isStale }) {
    const { topic, partition } = batch;
    const control = { signal: this.#signalOf(topic, partition), heartbeat };
    for (const message of batch.messages) {
      if (control.signal.aborted || !isRunning() || isStale()) return;
      try {
        await this.process(message, control);
      } catch (error) {
        if (control.signal.aborted && error instanceof classes.KafkaJSAbortedError) return;
        throw error;
      }
      resolveOffset(message.offset);
    }
  }
}

/** @param {import('../../types/statistics').Statistics} statistics */
function fetchedBytes({ topics }) {
  let bytes = 0;
  for (const { partitions } of topics) {
    for (const { fetchQueueBytes } of partitions) bytes += fetchQueueBytes;
  }
  return bytes;
}

module.exports = { GroupConsumer };
