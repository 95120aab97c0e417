'use strict';

const native = require('../../binding');
const { classes, trimStack, recapture } = require('../../errors');
const { invalidOption, checkValue, is, isObject } = require('../../options/validate');
const { producerConfig, producerSettings } = require('../../options/config/producer');
const { Client } = require('../client');
const { bindMethods } = require('../bind-methods');
const { setSaslCredentials, dependentAdmin } = require('../shared-methods');
const { Lane } = require('./lane');
const { Ticket } = require('./delivery');
const { FlowControl } = require('./flow-control');
const { Transactions } = require('./transaction');
const { TopicPartitions, choosePartitions } = require('./topic-partitions');
const { Partitioners } = require('./partitioners');
const variants = require('./variants');

const events = {
  CONNECT: 'producer.connect',
  DISCONNECT: 'producer.disconnect',
  REQUEST: 'producer.network.request',
  REQUEST_TIMEOUT: 'producer.network.request_timeout',
  REQUEST_QUEUE_SIZE: 'producer.network.request_queue_size',
};

const PLAIN = 'plain';
const TRANSACTIONAL = 'transactional';
const FLUSH_TIMEOUT_MS = 500;
const NO_OPTIONS = Object.freeze({});

// One executor for all promises: a closure for each send would be garbage at a million messages a second.
let capturedResolve;
let capturedReject;
function capture(resolve, reject) {
  capturedResolve = resolve;
  capturedReject = reject;
}

class Producer extends Client {
  #settings;
  #lanes = new Map();
  #brokers = [];
  #flow;
  #progress = [];
  #transactions = null;
  #partitioner = null;
  #topicPartitions = null;

  /** Made by kafka.producer(). */
  constructor(kafka, options) {
    super('producer', kafka, events, options);
    this.#settings = producerSettings(kafka.options, options);
    this.#flow = new FlowControl(this.#settings, (entry) => this.#start(entry));
    if (this.#settings.transactionalId !== undefined) this.#transactions = new Transactions(this);
    const { createPartitioner } = options;
    if (createPartitioner !== undefined && createPartitioner !== Partitioners.DefaultPartitioner) {
      this.#partitioner = checkValue(
        is.func,
        createPartitioner(),
        'the result of createPartitioner',
      );
      this.#topicPartitions = new TopicPartitions(this);
    }
    bindMethods(this);
  }

  get settings() {
    return this.#settings;
  }

  /** The lane of connect(). */
  get mainLane() {
    return this.#laneFor(this.#transactions ? TRANSACTIONAL : PLAIN, null);
  }

  /** What is not acknowledged yet: `{ bytes, messages, waitingSends }`. */
  get queued() {
    return this.#flow.queued;
  }

  isIdempotent() {
    return this.#settings.idempotent || this.#transactions !== null;
  }

  /**
   * Sends messages to one topic. Resolves when all are acknowledged; rejects when one failed, after all are settled.
   * Not an async function: a promise more for each send is a tenth of its time.
   */
  send(record) {
    try {
      checkRecord(record);
      const current = this.#transactions?.joined(this.options.style);
      if (current) return current.send(record);
      return this.#accept(record.topic, record.messages, record, null);
    } catch (e) {
      return Promise.reject(trimStack(e));
    }
  }

  /** Sends messages to several topics. */
  sendBatch(batch) {
    try {
      const topicMessages = checkBatch(batch);
      const current = this.#transactions?.joined(this.options.style);
      if (current) return current.sendBatch(batch);
      return this.#acceptBatch(topicMessages, batch, null);
    } catch (e) {
      return Promise.reject(trimStack(e));
    }
  }

  /** Begins a transaction; sends of the returned object belong to it. */
  async transaction() {
    return this.#requireTransactions().begin();
  }

  // As @confluentinc/kafka-javascript has them: of the transaction that is open.

  async commit() {
    return this.#requireTransactions().current().commit();
  }

  async abort() {
    return this.#requireTransactions().current().abort();
  }

  async sendOffsets(offsets) {
    return this.#requireTransactions().current().sendOffsets(offsets);
  }

  isActive() {
    return this.#transactions?.isActive() ?? false;
  }

  /** Resolves when everything accepted so far is settled. */
  async flush({ timeout = FLUSH_TIMEOUT_MS, signal } = NO_OPTIONS) {
    if (this.state !== 'connected') throw trimStack(this.notConnected());
    checkValue(is.integer(0), timeout, 'timeout');
    const deadline = Date.now() + timeout;
    for (const lane of this.#lanes.values()) {
      lane.flush();
      // Ends a linger; what was handed over just now may not be in librdkafka yet, so we wait for the reports.
      if (lane.inFlight > 0) lane.handle.request('flush', { timeoutMs: timeout }).catch(() => {});
    }
    if (await this.settled(() => this.#busy(), deadline, signal)) return;
    if (signal?.aborted) throw aborted(signal);
    throw new classes.KafkaJSTimeout(
      `${this.#flow.queued.messages} messages were not acknowledged within ${timeout} ms`,
    );
  }

  /** @confluentinc/kafka-javascript's: for the next login. */
  setSaslCredentials(credentials) {
    setSaslCredentials(
      this,
      [...this.#lanes.values()].map(({ handle }) => handle).filter(({ closed }) => !closed),
      credentials,
    );
  }

  /** @confluentinc/kafka-javascript's: an admin client that lives no longer than this producer is connected. */
  dependentAdmin() {
    return dependentAdmin(this);
  }

  // ── For transaction.js ────────────────────────────────────────────────────────────────────────────────────────────

  sendInTransaction(record) {
    checkRecord(record);
    return this.#accept(record.topic, record.messages, record, TRANSACTIONAL);
  }

  sendBatchInTransaction(batch) {
    return this.#acceptBatch(checkBatch(batch), batch, TRANSACTIONAL);
  }

  /** Whether a lane has sends that wait or are on their way. */
  busyWith(lane) {
    return lane.inFlight > 0 || this.#flow.waiting > 0;
  }

  /**
   * Waits until `busy` is false. @returns {Promise<boolean>} false: the deadline passed or the signal was aborted
   */
  async settled(busy, deadline = Infinity, signal = undefined) {
    while (busy()) {
      if (signal?.aborted || Date.now() >= deadline) return false;
      let timer;
      await new Promise((resolve) => {
        this.#progress.push(resolve);
        signal?.addEventListener('abort', resolve, { once: true });
        if (deadline !== Infinity) timer = setTimeout(resolve, deadline - Date.now());
      });
      clearTimeout(timer);
    }
    return true;
  }

  // ── For lane.js ───────────────────────────────────────────────────────────────────────────────────────────────────

  credit(count, weight) {
    this.#flow.give(count, weight);
  }

  /** Some sends were settled. */
  onProgress() {
    if (this.#flow.waiting > 0) this.#flow.admit();
    if (this.#progress.length > 0) for (const resolve of this.#progress.splice(0)) resolve();
  }

  // ── For client.js ─────────────────────────────────────────────────────────────────────────────────────────────────

  config(brokers) {
    this.#brokers = brokers;
    this.#lanes.clear();
    this.#transactions?.reset();
  }

  open() {
    const key = this.#transactions ? TRANSACTIONAL : PLAIN;
    return this.#openLane(key, null).handle;
  }

  async beforeDisconnect(deadline) {
    await this.#transactions?.end(deadline);
    for (const lane of this.#lanes.values()) lane.flush();
    await this.settled(() => this.#busy(), deadline);
    const error = new classes.KafkaJSClosedError(
      'The producer was disconnected before the message was acknowledged',
    );
    for (const { ticket } of this.#flow.cancelAll()) {
      ticket.cleanup?.();
      ticket.reject(error);
    }
    const remaining = Math.max(0, deadline - Date.now());
    await Promise.all([...this.#lanes.values()].map((lane) => lane.handle.close(remaining)));
    for (const lane of this.#lanes.values()) lane.abandon(error);
  }

  // ── Sending ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #accept(topic, messages, record, laneKey) {
    const { signal } = record;
    if (signal !== undefined && signal !== null) checkSignal(signal);
    if (this.state !== 'connected') throw this.notConnected();
    if (messages.length === 0) return Promise.resolve([]);
    const variant = this.#variant(record, laneKey);
    const key = laneKey ?? variant?.key ?? PLAIN;
    if (this.#partitioner !== null)
      return this.#partitionAndSend(topic, messages, key, variant, signal);
    return this.#submit(topic, messages, 'messages', undefined, key, variant, signal);
  }

  async #acceptBatch(topicMessages, batch, laneKey) {
    if (this.state !== 'connected') throw this.notConnected();
    if (batch.signal !== undefined && batch.signal !== null) checkSignal(batch.signal);
    const variant = this.#variant(batch, laneKey);
    const lane = this.#laneFor(laneKey ?? variant?.key ?? PLAIN, variant);
    // Everything is checked before anything is sent.
    for (const { topic, messages, path } of topicMessages) {
      lane.packer.measure(messages, path, false);
      lane.topicId(topic);
    }
    const outcomes = await Promise.allSettled(
      topicMessages
        .filter(({ messages }) => messages.length > 0)
        .map(({ topic, messages }) => this.#accept(topic, messages, batch, laneKey)),
    );
    const failure = outcomes.find(({ status }) => status === 'rejected');
    const results = outcomes.flatMap(({ value, reason }) => value ?? reason?.results ?? []);
    if (failure === undefined) return results;
    if (failure.reason?.results) failure.reason.results = results;
    throw failure.reason;
  }

  /** The message path: checked, then packed at once or put into the queue. Throws what is the caller's fault. */
  #submit(topic, messages, path, partitions, key, variant, signal) {
    const lane = this.#laneFor(key, variant);
    const { packer } = lane;
    packer.measure(messages, path, partitions !== undefined);
    const topicId = lane.topicId(topic);
    const { count, weight } = packer;
    const ticket = new Ticket(topic, count, weight);
    if (this.#flow.take(count, weight)) {
      try {
        lane.enqueue(ticket, topicId, messages, partitions);
      } catch (e) {
        this.#flow.give(count, weight);
        throw e;
      }
      const promise = new Promise(capture);
      ticket.resolve = capturedResolve;
      ticket.reject = capturedReject;
      if (signal) watchSignal(signal, ticket, null);
      return promise;
    }
    const entry = { ticket, messages, partitions, key, variant, cancelled: false };
    this.#flow.wait(entry);
    const promise = new Promise(capture);
    ticket.resolve = capturedResolve;
    ticket.reject = capturedReject;
    if (signal) watchSignal(signal, ticket, entry);
    return promise;
  }

  /** A send that has waited goes on; its messages are measured anew, they are the caller's objects. */
  #start({ ticket, messages, partitions, key, variant }) {
    try {
      const lane = this.#laneFor(key, variant);
      lane.packer.measure(messages, 'messages', partitions !== undefined);
      lane.enqueue(ticket, lane.topicId(ticket.topic), messages, partitions);
    } catch (e) {
      this.#flow.give(ticket.count, ticket.weight);
      ticket.cleanup?.();
      ticket.reject(trimStack(e));
    }
  }

  async #partitionAndSend(topic, messages, key, variant, signal) {
    this.#laneFor(key, variant).packer.measure(messages, 'messages', true);
    let metadata;
    try {
      metadata = await this.#topicPartitions.get(topic);
    } catch (e) {
      throw recapture(e); // one answer for all sends that waited for it
    }
    if (signal?.aborted) throw aborted(signal);
    if (this.state !== 'connected') throw this.notConnected();
    const partitions = choosePartitions(this.#partitioner, topic, metadata, messages);
    return this.#submit(topic, messages, 'messages', partitions, key, variant, signal);
  }

  #variant(record, laneKey) {
    if (
      record.acks === undefined &&
      record.compression === undefined &&
      record.timeout === undefined
    ) {
      return null;
    }
    const variant = variants.variantOf(this.#settings, record, {
      strictIdempotence: this.options.idempotent === true || laneKey !== null,
    });
    if (variant !== null && laneKey !== null) throw variants.refuseInTransaction();
    return variant;
  }

  // ── Lanes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #laneFor(key, variant) {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return this.#openLane(key, variant);
    if (lane.fatalError === null) return lane;
    // A transactional producer was fenced or lost its state: the application has to know.
    if (key === TRANSACTIONAL) throw this.#fatal(lane.fatalError);
    return this.#reopenLane(key, variant, lane);
  }

  #openLane(key, variant) {
    if (this.#lanes.size >= variants.LIMIT) throw variants.refuseTooMany();
    const { entries } = producerConfig(this.kafka.options, this.options, this.#brokers, {
      ...variant,
      transactional: key === TRANSACTIONAL,
    });
    const lane = new Lane(this);
    lane.handle = this.openHandle((onEvent) => new native.Producer(entries, onEvent), lane);
    this.#lanes.set(key, lane);
    return lane;
  }

  /** A fatal error of an idempotent producer ends that native producer; a new one has a new producer id. */
  #reopenLane(key, variant, broken) {
    this.logger().warn('Starting a new native producer after a fatal error', {
      error: broken.fatalError.message,
    });
    this.#lanes.delete(key);
    const lane = this.#openLane(key, variant);
    if (broken.handle === this.handle) this.replaceHandle(lane.handle);
    const error = this.#fatal(broken.fatalError);
    broken.handle.close(this.disconnectTimeoutMs).then(() => broken.abandon(error));
    return lane;
  }

  #fatal(cause) {
    return new classes.KafkaJSNonRetriableError(`The producer cannot go on: ${cause.message}`, {
      errorCode: cause.errorCode === 'ERR_KAFKA_FENCED' ? 'ERR_KAFKA_FENCED' : 'ERR_KAFKA_FATAL',
      fatal: true,
      cause,
    });
  }

  #busy() {
    if (this.#flow.waiting > 0) return true;
    for (const lane of this.#lanes.values()) if (lane.inFlight > 0) return true;
    return false;
  }

  #requireTransactions() {
    if (this.#transactions === null) {
      throw new classes.KafkaJSNonRetriableError(
        'Must provide transactional id for transactional producer: kafka.producer({ transactionalId })',
        { errorCode: 'ERR_KAFKA_STATE' },
      );
    }
    return this.#transactions;
  }
}

// ── Arguments ───────────────────────────────────────────────────────────────────────────────────────────────────────

function checkRecord(record) {
  if (typeof record !== 'object' || record === null) {
    throw invalidOption('an object with topic and messages', 'send()', record);
  }
  const { topic, messages } = record;
  if (typeof topic !== 'string' || topic === '')
    throw invalidOption('a non-empty string', 'topic', topic);
  if (!Array.isArray(messages)) throw invalidOption('an array of messages', 'messages', messages);
}

/** @returns {{ topic: string, messages: object[], path: string }[]} each topic once, as KafkaJS merges them */
function checkBatch(batch) {
  if (!isObject(batch)) throw invalidOption('an object with topicMessages', 'sendBatch()', batch);
  const { topicMessages = [] } = batch;
  if (!Array.isArray(topicMessages)) {
    throw invalidOption('an array of { topic, messages }', 'topicMessages', topicMessages);
  }
  const byTopic = new Map();
  topicMessages.forEach((item, i) => {
    const path = `topicMessages[${i}]`;
    if (!isObject(item)) throw invalidOption('an object with topic and messages', path, item);
    checkValue(is.string, item.topic, `${path}.topic`);
    if (!Array.isArray(item.messages)) {
      throw invalidOption('an array of messages', `${path}.messages`, item.messages);
    }
    const known = byTopic.get(item.topic);
    if (known === undefined) {
      byTopic.set(item.topic, {
        topic: item.topic,
        messages: item.messages,
        path: `${path}.messages`,
      });
    } else known.messages = [...known.messages, ...item.messages];
  });
  return [...byTopic.values()];
}

function checkSignal(signal) {
  if (typeof signal?.addEventListener !== 'function')
    throw invalidOption('an AbortSignal', 'signal', signal);
  if (signal.aborted) throw aborted(signal);
}

function aborted(signal) {
  const { reason } = signal;
  return new classes.KafkaJSAbortedError('The operation was aborted', {
    cause: reason instanceof Error ? reason : undefined,
  });
}

/** A send that still waits is taken back; one that was handed over is only not waited for any more. */
function watchSignal(signal, ticket, entry) {
  const onAbort = () => {
    if (entry !== null) entry.cancelled = true;
    ticket.reject(aborted(signal));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  ticket.cleanup = () => signal.removeEventListener('abort', onAbort);
}

module.exports = { Producer, producerEvents: events };
