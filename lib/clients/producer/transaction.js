'use strict';

// KafkaJS's transactions on librdkafka's. All sends of a transaction go through the one transactional native producer.

const { bindMethods } = require('../bind-methods');
const { classes, trimStack } = require('../../errors');
const { invalidOption, checkValue, is, isObject, INT32_MAX } = require('../../options/validate');

const partitionNumber = is.integer(0, INT32_MAX);

class Transactions {
  #producer;
  #current = null;
  #initialized = null;

  /** @param {import('./index').Producer} producer */
  constructor(producer) {
    this.#producer = producer;
  }

  /** Before a new connection. */
  reset() {
    this.#current = null;
    this.#initialized = null;
  }

  isActive() {
    return this.#current?.isActive() ?? false;
  }

  /** The open transaction, or a typed error. */
  current() {
    if (!this.isActive()) throw state('There is no open transaction');
    return this.#current;
  }

  /** The transaction that producer.send() joins: confluent's style has no other way to send in one. */
  joined(style) {
    return style === 'confluent' && this.isActive() ? this.#current : null;
  }

  async begin() {
    const producer = this.#producer;
    if (producer.state !== 'connected') throw producer.notConnected();
    const { handle } = producer.mainLane; // throws what was fatal
    if (this.#current !== null && !this.#current.ended) {
      throw state(
        'There is already an ongoing transaction for this producer. Please end the transaction before beginning another.',
      );
    }
    const transaction = new Transaction(producer, () => {
      if (this.#current === transaction) this.#current = null;
    });
    this.#current = transaction;
    try {
      this.#initialized ??= this.#init(handle);
      await this.#initialized;
      await handle.request('beginTransaction', {});
    } catch (e) {
      this.#current = null;
      throw e;
    }
    transaction.open();
    return transaction;
  }

  /** Aborts what is open when the producer disconnects: readers would wait for it until its timeout. */
  async end(deadline) {
    if (!this.isActive()) return;
    const abort = this.#current.abort().catch((e) => {
      this.#producer.logger().warn(`The open transaction could not be aborted: ${e.message}`);
    });
    let timer;
    await Promise.race([
      abort,
      new Promise((resolve) => {
        timer = setTimeout(resolve, Math.max(0, deadline - Date.now()));
      }),
    ]);
    clearTimeout(timer);
  }

  async #init(handle) {
    try {
      await handle.request('initTransactions', {
        timeoutMs: this.#producer.settings.transactionTimeout,
      });
    } catch (e) {
      this.#initialized = null;
      throw e;
    }
  }
}

class Transaction {
  #producer;
  #lane;
  #state = 'beginning';
  #onEnd;

  constructor(producer, onEnd) {
    this.#producer = producer;
    this.#onEnd = onEnd;
    bindMethods(this);
  }

  get ended() {
    return this.#state === 'ended';
  }

  open() {
    this.#lane = this.#producer.mainLane;
    this.#state = 'open';
  }

  isActive() {
    return this.#state === 'open';
  }

  send(record) {
    try {
      this.#check();
      return this.#producer.sendInTransaction(record);
    } catch (e) {
      return Promise.reject(trimStack(e));
    }
  }

  sendBatch(batch) {
    try {
      this.#check();
      return this.#producer.sendBatchInTransaction(batch);
    } catch (e) {
      return Promise.reject(trimStack(e));
    }
  }

  /**
   * Makes consumed offsets part of the transaction. By group id alone the broker cannot tell a member that was replaced
   * meanwhile from the current one; with `consumer` it can, so that two members never both succeed.
   *
   * @param {{ consumerGroupId?: string, consumer?: object, topics: object[] }} offsets
   */
  async sendOffsets(offsets) {
    this.#check();
    if (!isObject(offsets)) throw invalidOption('an object with topics', 'sendOffsets()', offsets);
    const { consumerGroupId, consumer, topics } = offsets;
    const list = flatten(topics);
    const group = {};
    if (consumer !== undefined && consumer !== null) {
      if (typeof consumer.request !== 'function') {
        throw invalidOption('a consumer of this package', 'consumer', consumer);
      }
      group.groupMetadata = (await consumer.request('groupMetadata')).groupMetadata;
    } else group.groupId = checkValue(is.string, consumerGroupId, 'consumerGroupId');
    if (list.length === 0) return;
    await this.#lane.handle.request('sendOffsets', {
      ...group,
      offsets: list,
      timeoutMs: this.#timeoutMs,
    });
  }

  async commit() {
    this.#check();
    this.#state = 'ending';
    try {
      // The commit runs on another thread than the sends: they have to be settled, not just handed over.
      this.#lane.flush();
      await this.#producer.settled(() => this.#producer.busyWith(this.#lane));
      await this.#request('commitTransaction');
    } catch (e) {
      this.#afterFailure(e);
      throw e;
    }
    this.#end();
  }

  async abort() {
    this.#check();
    this.#state = 'ending';
    try {
      this.#lane.flush();
      await this.#request('abortTransaction');
      // Nothing of this transaction may reach the native producer after the next one began.
      await this.#producer.settled(() => this.#producer.busyWith(this.#lane));
    } catch (e) {
      this.#afterFailure(e);
      throw e;
    }
    this.#end();
  }

  get #timeoutMs() {
    return this.#producer.settings.transactionTimeout;
  }

  #request(operation) {
    return this.#lane.handle.request(operation, { timeoutMs: this.#timeoutMs });
  }

  /** The transaction stays open for abort() (or another commit() after a retriable error), unless all is lost. */
  #afterFailure(error) {
    if (error.fatal || error.errorCode === 'ERR_KAFKA_CLOSED') this.#end();
    else this.#state = 'open';
  }

  #end() {
    this.#state = 'ended';
    this.#onEnd();
  }

  #check() {
    if (this.#state !== 'open') throw state('Cannot continue to use transaction once ended');
  }
}

function flatten(topics) {
  if (!Array.isArray(topics)) {
    throw invalidOption('an array of { topic, partitions }', 'topics', topics);
  }
  return topics.flatMap((item, i) => {
    checkValue(is.string, item?.topic, `topics[${i}].topic`);
    if (!Array.isArray(item.partitions)) {
      throw invalidOption(
        'an array of { partition, offset }',
        `topics[${i}].partitions`,
        item.partitions,
      );
    }
    return item.partitions.map(({ partition, offset, metadata }, j) => {
      const path = `topics[${i}].partitions[${j}]`;
      checkValue(partitionNumber, partition, `${path}.partition`);
      if (!/^\d{1,19}$/.test(String(offset))) {
        throw invalidOption('an offset as a string of digits', `${path}.offset`, offset);
      }
      return {
        topic: item.topic,
        partition,
        offset: String(offset),
        ...(metadata != null && { metadata: String(metadata) }),
      };
    });
  });
}

function state(message) {
  return new classes.KafkaJSNonRetriableError(message, { errorCode: 'ERR_KAFKA_STATE' });
}

module.exports = { Transactions };
