'use strict';

const { EventEmitter } = require('node:events');
const { Kafka } = require('../clients/kafka');
const { TopicPartitions } = require('../clients/producer/topic-partitions');
const {
  checkOptions,
  checkValue,
  conflict,
  invalidOption,
  is,
  isObject,
} = require('../options/validate');
const { loadCatalog } = require('./catalog/load');
const { FOREIGN, letterOf, quarantined, returning } = require('./dead-letters/letter');
const { readTopic } = require('./dead-letters/read-topic');
const { TopicRule } = require('./dead-letters/topic-rule');
const { RetryPolicy } = require('./policies/retry');
const { sleep } = require('./policies/sleep');
const { GroupConsumer } = require('./subscription/group-consumer');
const { TopicManager } = require('./topic-manager');

/** Of a catalog only the rule for dead-letter topics is used; all shipped ones have `dlq.{topic}`. */
const ANY_CATALOG = 'officeflow';
const QUARANTINE = 'quarantine.{topic}';
const DELAY_MS = 60_000;
const MAX_RETURNS = 3;
const LIST_LIMIT = 100;
/** How soon the first dead letter of a topic is noticed. */
const NEW_TOPICS_MS = 5_000;
/** A letter that waits does not hold back those of other topics. */
const PARTITIONS_AT_ONCE = 64;

/** Trying these again gives the same: they want a person, or another program. */
const HOPELESS = new Set(['unreadable', 'invalid', 'not-retriable', FOREIGN]);
const TOO_OFTEN = 'returns';
const BY_HAND = 'by-hand';
/** Its topic was deleted, and nobody made it again. */
const NO_TOPIC = 'no-topic';

/** A topic that somebody deletes and makes again is away for some seconds. */
const RETRY = Object.freeze({ attempts: 5, initialDelayMs: 1_000, maxDelayMs: 10_000 });
const isTopicMissing = (error) => error?.errorCode === 'ERR_KAFKA_UNKNOWN_TOPIC';

const shape = {
  catalog: {
    what: 'a name, a path, an object or a Catalog',
    test: (value) => is.string.test(value) || isObject(value),
  },
  groupId: is.string,
  delayMs: is.integer(0, 2_147_483_647),
  maxReturns: is.integer(0),
  quarantine: is.string,
  retry: is.object,
  consumer: is.object,
};
const date = {
  what: 'a valid Date',
  test: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
};
const listShape = {
  topic: is.string,
  quarantined: is.boolean,
  limit: is.integer(1),
  reasons: {
    what: 'a list of reasons',
    test: (value) => Array.isArray(value) && value.every((reason) => typeof reason === 'string'),
  },
  failedFrom: date,
  failedUntil: date,
};
const placeShape = { topic: is.string, partition: is.integer(0), offset: is.anyString };

const placeName = ({ topic, partition, offset }) => `${topic}/${partition}/${offset}`;

/**
 * Takes up what subscriptions gave up: after a delay a dead letter goes back to its topic, for the group that failed at it;
 * what has come back too often, or what no retry can help, goes to a quarantine, where it stays until somebody releases it.
 *
 * A topic that is not there is not made: what went there would be read by nobody. Its letters go to the quarantine, too.
 *
 * A letter is sent before its offset is committed: it may come back twice, and is never lost.
 *
 * Events: 'retried' { topic, group, reason, returns, from: { topic, partition, offset }, automatic,
 * released: true for one of the quarantine },
 * 'quarantined' { …, why, to }, both once the brokers have the message.
 */
class DLQHandler extends EventEmitter {
  #kafka;
  #catalog;
  #deadLetters;
  #quarantine;
  #options;
  #consumer = null;
  #opening = null;
  #starting = null;
  #producer = null;
  #partitions = null;
  #manager = null;
  /** Quarantines that are known to be there. */
  #made = new Map();
  #retry;
  /** Topics that were not there at the last letter: the next one does not wait for them again. */
  #missing = new Set();
  /** Dealt with by hand before their turn came. */
  #settled = new Set();
  /** Those whose time has not come: place -> AbortController. */
  #waiting = new Map();

  /**
   * @param {object | Kafka} kafka options of `new Kafka(…)`, or one
   * @param {object} [options]
   * @param {string | object} [options.catalog] whose rule for dead-letter topics holds; else `dlq.{topic}`
   * @param {string} [options.groupId] dlq-handler: the processes of one group share the work
   * @param {number} [options.delayMs] from the failure until the message goes back: 60,000
   * @param {number} [options.maxReturns] how often a message may go back: 3
   * @param {string} [options.quarantine] quarantine.{topic}
   * @param {object} [options.retry] of a RetryPolicy: how long a topic is waited for that is not there, else 5 attempts
   * @param {object} [options.consumer] more options of `kafka.consumer()`
   */
  constructor(kafka, options) {
    super();
    const {
      catalog = ANY_CATALOG,
      quarantine = QUARANTINE,
      retry,
      ...given
    } = checkOptions(shape, options, 'new DLQHandler()');
    this.#catalog = loadCatalog(catalog);
    if (this.#catalog.dlq === null) {
      throw conflict(`The catalog ${this.#catalog.name} has no dead-letter topics`, 'catalog');
    }
    this.#deadLetters = new TopicRule(this.#catalog.dlq.name, 'catalog.dlq.name');
    this.#quarantine = new TopicRule(quarantine, 'quarantine');
    if (this.#deadLetters.originalOf(this.#quarantine.nameOf('x')) !== null) {
      throw conflict(
        `A quarantine ${quarantine} is itself a dead-letter topic (${this.#catalog.dlq.name})`,
        'quarantine',
      );
    }
    this.#retry = new RetryPolicy({ ...RETRY, ...retry, isRetriable: isTopicMissing });
    this.#options = {
      groupId: 'dlq-handler',
      delayMs: DELAY_MS,
      maxReturns: MAX_RETURNS,
      consumer: {},
      ...given,
    };
    this.#kafka = kafka instanceof Kafka ? kafka : new Kafka(kafka);
  }

  // ── Life ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Deals with dead letters from now on, those that are there first. Resolves when the group was joined. */
  start() {
    this.#starting ??= this.#start().catch(async (error) => {
      await this.stop();
      throw error;
    });
    return this.#starting;
  }

  async #start() {
    await this.#open();
    const { groupId, consumer } = this.#options;
    this.#consumer = new GroupConsumer({
      kafka: this.#kafka,
      options: { metadataMaxAge: NEW_TOPICS_MS, ...consumer, groupId },
      concurrency: PARTITIONS_AT_ONCE,
      process: (message, { signal }) => this.#process(message, signal),
    });
    await this.#consumer.add([{ topics: [this.#deadLetters.pattern], fromBeginning: true }]);
  }

  /** Idempotent. A letter that waits for its delay is left to the next start. */
  async stop() {
    const consumer = this.#consumer;
    const producer = this.#producer;
    const manager = this.#manager;
    this.#consumer = null;
    this.#producer = null;
    this.#manager = null;
    this.#starting = null;
    this.#opening = null;
    this.#settled.clear();
    this.#missing.clear();
    await consumer?.stop();
    await Promise.all([producer?.disconnect(), manager?.disconnect()]);
  }

  /** Why it has stopped dealing with dead letters for good; null while it does. */
  get failure() {
    return this.#consumer?.failure ?? null;
  }

  #open() {
    this.#opening ??= this.#connect().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #connect() {
    this.#producer = this.#kafka.producer({
      allowAutoTopicCreation: false,
      metadataMaxAge: NEW_TOPICS_MS,
    });
    this.#partitions = new TopicPartitions(this.#producer);
    this.#manager = new TopicManager(this.#kafka, { catalog: this.#catalog });
    await Promise.all([this.#producer.connect(), this.#manager.connect()]);
  }

  // ── By itself ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #process(message, signal) {
    const original = this.#catalog.originalOf(message.topic);
    if (original === null) return; // A topic of the catalog whose name only looks like it.
    const letter = letterOf(message, original);
    if (this.#settled.delete(placeName(letter))) return;
    const why = this.#whyNot(letter);
    if (why !== null) {
      await this.#toQuarantine(letter, why, true);
      return;
    }
    const { delayMs } = this.#options;
    const leftMs = Date.parse(letter.failedAt) + delayMs - Date.now();
    // Clocks differ: a failure in the future waits no longer than one of now.
    if (leftMs > 0) await this.#untilDue(letter, Math.min(leftMs, delayMs), signal);
    if (this.#settled.delete(placeName(letter))) return;
    await this.#goBackOrAside(letter, signal);
  }

  /** Resolves after the time, or sooner when somebody deals with the letter by hand. */
  async #untilDue(letter, ms, signal) {
    const name = placeName(letter);
    const settled = new AbortController();
    this.#waiting.set(name, settled);
    try {
      await sleep(ms, AbortSignal.any([signal, settled.signal]));
    } catch (error) {
      if (signal.aborted || !settled.signal.aborted) throw error;
    } finally {
      this.#waiting.delete(name);
    }
  }

  /** @returns {string | null} why it is not tried again */
  #whyNot({ reason, returns }) {
    if (HOPELESS.has(reason)) return reason;
    return returns >= this.#options.maxReturns ? TOO_OFTEN : null;
  }

  /** Back, or into quarantine where no topic of that name appears. */
  async #goBackOrAside(letter, signal) {
    const { original } = letter;
    const send = () => this.#goBack(letter, letter.returns + 1, true);
    try {
      await (this.#missing.has(original) ? send() : this.#retry.run(send, { signal }));
      this.#missing.delete(original);
    } catch (error) {
      if (!isTopicMissing(error) || signal.aborted) throw error;
      this.#missing.add(original);
      await this.#toQuarantine(letter, NO_TOPIC, true);
    }
  }

  async #goBack(letter, returns, automatic, more) {
    const message = returning(letter, returns);
    // Sending alone would ask for so long as a message may take.
    await this.#partitions.get(letter.original);
    await this.#producer.send({ topic: letter.original, messages: [message] });
    return this.#tell('retried', letter, { returns, automatic, ...more });
  }

  async #toQuarantine(letter, why, automatic) {
    const to = this.#quarantine.nameOf(letter.original);
    await this.#make(to);
    await this.#producer.send({ topic: to, messages: [quarantined(letter, why, Date.now())] });
    return this.#tell('quarantined', letter, { returns: letter.returns, automatic, why, to });
  }

  #tell(event, { original, group, reason, topic, partition, offset }, more) {
    const what = { topic: original, group, reason, from: { topic, partition, offset }, ...more };
    this.emit(event, what);
    return what;
  }

  #make(topic) {
    if (!this.#made.has(topic)) {
      const making = this.#manager.ensureTopics([topic]);
      this.#made.set(topic, making);
      making.catch(() => this.#made.delete(topic));
    }
    return this.#made.get(topic);
  }

  // ── By hand ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The dead letters that there are, dealt with or not: Kafka keeps them until their retention is over.
   *
   * @param {{ topic?: string, quarantined?: boolean, limit?: number, reasons?: string[], failedFrom?: Date, failedUntil?: Date }} [options]
   *   topic: the original one, all where absent; quarantined: those of the quarantine instead; limit: 100;
   *   reasons, failedFrom, failedUntil (not included): only such
   * @returns {Promise<import('./dead-letters/letter').DeadLetter[]>} the oldest of each partition first
   */
  async list(options) {
    const {
      topic,
      quarantined: ofQuarantine = false,
      limit = LIST_LIMIT,
      reasons,
      failedFrom,
      failedUntil,
    } = checkOptions(listShape, options, 'list()');
    await this.#open();
    const rule = ofQuarantine ? this.#quarantine : this.#deadLetters;
    const isWanted = ({ reason, failedAt }) => {
      const time = Date.parse(failedAt);
      if (reasons !== undefined && !reasons.includes(reason)) return false;
      return !(time < failedFrom?.getTime()) && !(time >= failedUntil?.getTime());
    };
    const letters = [];
    await this.#withAdmin(async (admin) => {
      const existing = await admin.listTopics();
      const wanted = (name) =>
        topic === undefined ? rule.originalOf(name) !== null : name === rule.nameOf(topic);
      for (const name of existing.filter(wanted).sort()) {
        const places = (await admin.fetchTopicOffsets(name)).map(({ partition, low, high }) => ({
          partition,
          offset: BigInt(low),
          high: BigInt(high),
        }));
        for await (const message of readTopic(this.#kafka, this.#options.groupId, name, places)) {
          const letter = letterOf(message, rule.originalOf(name));
          if (isWanted(letter)) letters.push(letter);
          if (letters.length >= limit) return;
        }
      }
    });
    return letters;
  }

  /**
   * Sends a dead letter back to its topic now.
   *
   * @param {{ topic: string, partition: number, offset: string }} place where it is: a letter of list() will do
   */
  async retry(place) {
    const letter = await this.#read(place, this.#deadLetters);
    const told = await this.#goBack(letter, letter.returns + 1, false);
    this.#settle(letter);
    return told;
  }

  /** Puts a dead letter into quarantine now. @param {{ topic: string, partition: number, offset: string }} place */
  async quarantine(place) {
    const letter = await this.#read(place, this.#deadLetters);
    const told = await this.#toQuarantine(letter, BY_HAND, false);
    this.#settle(letter);
    return told;
  }

  /**
   * Sends a letter of the quarantine back to its topic, as if it had never come back before.
   *
   * @param {{ topic: string, partition: number, offset: string }} place
   */
  async release(place) {
    const letter = await this.#read(place, this.#quarantine);
    return this.#goBack(letter, 0, false, { released: true });
  }

  /** Its turn may be still to come. */
  #settle(letter) {
    if (this.#consumer === null) return;
    const name = placeName(letter);
    this.#settled.add(name);
    this.#waiting.get(name)?.abort();
  }

  async #read(place, rule) {
    if (!isObject(place)) throw invalidOption('an object', 'place', place);
    const { topic, partition, offset } = Object.fromEntries(
      Object.entries(placeShape).map(([name, check]) => [
        name,
        checkValue(check, place[name], name),
      ]),
    );
    const original = rule.originalOf(topic);
    if (original === null)
      throw invalidOption(`a topic like ${rule.nameOf('{topic}')}`, 'topic', topic);
    await this.#open();
    const at = /^\d+$/.test(offset) ? BigInt(offset) : null;
    const bounds = await this.#withAdmin((admin) => admin.fetchTopicOffsets(topic));
    const found = bounds.find((entry) => entry.partition === partition);
    if (at !== null && found && at >= BigInt(found.low) && at < BigInt(found.high)) {
      const places = [{ partition, offset: at, high: at + 1n }];
      let letter = null; // Not every offset has a message: transactions end with a marker.
      for await (const message of readTopic(this.#kafka, this.#options.groupId, topic, places)) {
        letter = letterOf(message, original);
      }
      if (letter !== null) return letter;
    }
    throw invalidOption(`the offset of a message on ${topic}/${partition}`, 'offset', offset);
  }

  async #withAdmin(use) {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      return await use(admin);
    } finally {
      await admin.disconnect();
    }
  }
}

module.exports = { DLQHandler };
