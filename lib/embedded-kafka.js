'use strict';

// A Kafka cluster inside the process, for tests and demos: librdkafka's mock brokers behind a class. What it can and
// cannot do: docs/embedded-kafka.md and native/core/embedded_cluster.h.

const native = require('./binding');
const registry = require('./embedded-registry');
const { classes, trimStack } = require('./errors');
const { checkOptions, invalidOption, is, isObject } = require('./options/validate');

/** Numbers of the protocol's requests, for the methods that inject faults. */
const API_KEYS = Object.freeze({
  Produce: 0,
  Fetch: 1,
  ListOffsets: 2,
  Metadata: 3,
  OffsetCommit: 8,
  OffsetFetch: 9,
  FindCoordinator: 10,
  JoinGroup: 11,
  Heartbeat: 12,
  LeaveGroup: 13,
  SyncGroup: 14,
  SaslHandshake: 17,
  ApiVersions: 18,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
  ConsumerGroupHeartbeat: 68,
});

const ALL_BROKERS = -1;

const shape = {
  brokers: is.integer(1, 100),
  topics: {
    what: 'an array of topic names or { topic, partitions }',
    test: (v) => Array.isArray(v) && v.every((t) => is.string.test(t) || is.string.test(t?.topic)),
  },
  partitions: is.integer(1, 10_000),
  config: is.object,
};

// A running cluster that nobody holds (`(await EmbeddedKafka.start()).brokers`) must not be collected.
const started = new Set();

class EmbeddedKafka {
  #options;
  #cluster = null;
  #addresses = [];

  /** @param {{ brokers?: number, topics?: (string | object)[], partitions?: number, config?: object }} [options] */
  constructor(options) {
    this.#options = { brokers: 1, topics: [], ...checkOptions(shape, options, 'EmbeddedKafka') };
  }

  /** A started one. */
  static async start(options) {
    return new EmbeddedKafka(options).start();
  }

  async start() {
    if (this.#cluster !== null) return this;
    const { brokers, topics, partitions, config = {} } = this.#options;
    this.#cluster = guard(
      () => new native.EmbeddedCluster({ brokers, config: Object.entries(config).map(pair) }),
    );
    this.#addresses = this.#cluster.bootstrapServers().split(',');
    registry.add(this.#addresses, this);
    started.add(this);
    try {
      // Requests about one topic go to the controller, which librdkafka's cluster does not have by itself.
      this.setController(1);
      for (const item of topics) {
        this.createTopic(
          typeof item === 'string' ? { topic: item, partitions } : { partitions, ...item },
        );
      }
    } catch (e) {
      await this.stop();
      throw e;
    }
    return this;
  }

  /** Closes all connections and ports. Idempotent. */
  async stop() {
    const cluster = this.#cluster;
    this.#cluster = null;
    started.delete(this);
    registry.remove(this.#addresses);
    cluster?.stop();
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.stop();
  }

  get running() {
    return this.#cluster !== null;
  }

  /** 'host:port,host:port' */
  get bootstrapServers() {
    return this.#addresses.join(',');
  }

  /** For `new Kafka({ brokers })`. */
  get brokers() {
    return [...this.#addresses];
  }

  get brokerIds() {
    return this.call('brokers');
  }

  // ── Topics ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @param {string | { topic: string, partitions?: number, replicationFactor?: number }} topic */
  createTopic(topic, options = {}) {
    const args = isObject(topic) ? topic : { topic, ...options };
    return this.call('createTopic', compact(args));
  }

  deleteTopic(topic) {
    return this.call('deleteTopic', { topic });
  }

  /** An error in metadata answers about the topic; 0 ends it. */
  setTopicError(topic, error) {
    return this.call('setTopicError', { topic, error });
  }

  /** @param {number} brokerId -1: no leader */
  setPartitionLeader(topic, partition, brokerId) {
    return this.call('setPartitionLeader', { topic, partition, brokerId });
  }

  setPartitionFollower(topic, partition, brokerId) {
    return this.call('setPartitionFollower', { topic, partition, brokerId });
  }

  setPartitionFollowerWatermarks(topic, partition, { low = '-1', high = '-1' }) {
    return this.call('setPartitionFollowerWatermarks', {
      topic,
      partition,
      low: String(low),
      high: String(high),
    });
  }

  deleteRecords(topic, partition, beforeOffset) {
    return this.call('deleteRecords', { topic, partition, beforeOffset: String(beforeOffset) });
  }

  // ── Brokers ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Without an id: all brokers. */
  brokerDown(brokerId = ALL_BROKERS) {
    return this.call('brokerDown', { brokerId });
  }

  brokerUp(brokerId = ALL_BROKERS) {
    return this.call('brokerUp', { brokerId });
  }

  /** Round-trip time of every answer of a broker. */
  setBrokerRtt(rttMs, brokerId = ALL_BROKERS) {
    return this.call('brokerRtt', { brokerId, rttMs });
  }

  setBrokerRack(rack, brokerId = ALL_BROKERS) {
    return this.call('brokerRack', { brokerId, rack });
  }

  addBroker(brokerId) {
    return this.call('addBroker', { brokerId });
  }

  decommissionBroker(brokerId) {
    return this.call('decommissionBroker', { brokerId });
  }

  // ── Faults ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The next requests of a kind fail, one error each.
   * @param {number | keyof typeof API_KEYS} api @param {(string | number)[]} errors codes or names of librdkafka
   */
  pushRequestErrors(api, errors) {
    return this.call('pushRequestErrors', { apiKey: apiKey(api), errors });
  }

  /** @param {{ error: string | number, rttMs?: number }[]} errors */
  pushBrokerRequestErrors(brokerId, api, errors) {
    return this.call('pushBrokerRequestErrors', { brokerId, apiKey: apiKey(api), errors });
  }

  pushPartitionRequestErrors(topic, partition, api, errors) {
    return this.call('pushPartitionRequestErrors', {
      topic,
      partition,
      apiKey: apiKey(api),
      errors,
    });
  }

  clearRequestErrors(api) {
    return this.call('clearRequestErrors', { apiKey: apiKey(api) });
  }

  setGroupCoordinator(groupId, brokerId) {
    return this.call('coordinator', { keyType: 'group', key: groupId, brokerId });
  }

  setTransactionCoordinator(transactionalId, brokerId) {
    return this.call('coordinator', { keyType: 'transaction', key: transactionalId, brokerId });
  }

  setController(brokerId) {
    return this.call('setController', { brokerId });
  }

  /** -1, -1: the request is not supported. */
  setApiVersion(api, min, max) {
    return this.call('setApiVersion', { apiKey: apiKey(api), min, max });
  }

  setGroupInitialRebalanceDelay(delayMs) {
    return this.call('groupInitialRebalanceDelay', { delayMs });
  }

  // ── What clients asked ────────────────────────────────────────────────────────────────────────────────────────────

  startRequestTracking() {
    return this.call('startRequestTracking');
  }

  stopRequestTracking() {
    return this.call('stopRequestTracking');
  }

  /** @returns {{ brokerId: number, apiKey: number, timestampMs: number }[]} */
  requests() {
    return this.call('requests');
  }

  clearRequests() {
    return this.call('clearRequests');
  }

  /** Any operation of native/core/embedded_cluster.h by its name. */
  call(operation, args = {}) {
    if (this.#cluster === null) {
      throw trimStack(new classes.KafkaJSEmbeddedError('The embedded broker is not running'));
    }
    const json = guard(() => this.#cluster.call(operation, JSON.stringify(args)));
    return json ? JSON.parse(json) : null;
  }
}

function guard(call) {
  try {
    return call();
  } catch (e) {
    if (e?.code !== 'ERR_EMBEDDED') throw e;
    throw trimStack(new classes.KafkaJSEmbeddedError(e.message, { cause: e }));
  }
}

function apiKey(api) {
  const key = typeof api === 'string' ? API_KEYS[api] : api;
  if (!Number.isInteger(key)) {
    throw invalidOption(`a number or one of ${Object.keys(API_KEYS).join(', ')}`, 'api', api);
  }
  return key;
}

const pair = ([name, value]) => [name, String(value)];
const compact = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

module.exports = { EmbeddedKafka, API_KEYS };
