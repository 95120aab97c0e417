'use strict';

const { randomUUID } = require('node:crypto');
const native = require('../binding');
const { Client } = require('../clients/client');
const { EventKind } = require('../clients/native-handle');
const { Kafka } = require('../clients/kafka');
const { fromNative } = require('../errors');
const { isEmbedded } = require('../embedded-registry');
const { consumerConfig } = require('../options/config/consumer');

const EVENTS = { CONNECT: 'hub.connect', DISCONNECT: 'hub.disconnect' };
const DISCONNECT_TIMEOUT_MS = 10_000;

/**
 * The consumer that feeds a native hub: it has a group's name, because librdkafka wants one for every assignment, but joins no group
 * and commits nothing.
 */
class FeedClient extends Client {
  #hub;
  #onPartitionError;
  #isEmbedded = false;

  /**
   * @param {Kafka} kafka
   * @param {import('../native').Hub} hub
   * @param {{ onPartitionError: (error: Error) => void, onError: (error: Error) => void }} hooks
   */
  constructor(kafka, hub, { onPartitionError, onError }) {
    const [shared, options] = Kafka.share(kafka, 'consumer', {
      groupId: `easyflow-hub-${randomUUID()}`,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      allowAutoTopicCreation: false,
    });
    super('hub', shared, EVENTS, options);
    this.#hub = hub;
    this.#onPartitionError = onPartitionError;
    this.onNativeError = onError;
  }

  /** Of the last connection. */
  get isEmbedded() {
    return this.#isEmbedded;
  }

  config(brokers) {
    this.#isEmbedded = isEmbedded(brokers);
    const { entries, native: options } = consumerConfig(this.kafka.options, this.options, brokers);
    return {
      options,
      entries: [...entries, ['auto.offset.reset', 'earliest']],
    };
  }

  createNative({ entries, options }, onEvent) {
    return new native.Consumer(entries, options, onEvent, this.#hub);
  }

  onNativeEvent(kind, slot, topic, partition, error) {
    if (kind !== EventKind.PartitionError) return;
    this.#onPartitionError(fromNative(error, { topic, partition }));
  }

  /**
   * @param {import('./topics').Place[]} places from where they start
   * @param {{ incremental?: boolean }} [options] beside those that are assigned; else in their place
   */
  assign(places, { incremental = false } = {}) {
    const partitions = places.map(({ topic, partition, start }) => ({
      topic,
      partition,
      offset: String(start),
    }));
    return this.request('assign', { partitions, ...(incremental && { incremental }) });
  }

  /** @returns {Promise<Map<string, bigint>>} the next offset of each partition, by 'topic:partition'; those that are known */
  async positions() {
    const known = await this.request('lag');
    return new Map(
      known
        .filter(({ position }) => !position.startsWith('-'))
        .map(({ topic, partition, position }) => [`${topic}:${partition}`, BigInt(position)]),
    );
  }
}

module.exports = { FeedClient };
