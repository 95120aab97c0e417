'use strict';

// Partition metadata for partitioners written in JavaScript: asked once, kept for `metadataMaxAge`, refreshed beside
// the sends.

const { classes, fromNative } = require('../../errors');
const { invalidOption } = require('../../options/validate');

const DEFAULT_MAX_AGE_MS = 300_000;
const REQUEST_TIMEOUT_MS = 5_000;
// How long a topic that is created by the first send may take to appear.
const CREATION_TIMEOUT_MS = 15_000;
const CREATION_POLL_MS = 100;

class TopicPartitions {
  #client;
  #topics = new Map();

  /** @param {import('./index').Producer} client */
  constructor(client) {
    this.#client = client;
  }

  /** @returns {Promise<object[]>} the same promise for sends that come meanwhile, which keeps their order */
  get(topic) {
    const known = this.#topics.get(topic);
    if (known === undefined) return this.#load(topic);
    if (Date.now() > known.expires && !known.refreshing) {
      known.refreshing = true;
      this.#ask(topic).then(
        (partitions) => this.#keep(topic, Promise.resolve(partitions)),
        () => {
          known.refreshing = false;
          known.expires = Date.now() + 1_000;
        },
      );
    }
    return known.promise;
  }

  #load(topic) {
    const promise = this.#wait(topic);
    this.#keep(topic, promise);
    promise.catch(() => this.#topics.delete(topic));
    return promise;
  }

  #keep(topic, promise) {
    const maxAge = this.#client.options.metadataMaxAge ?? DEFAULT_MAX_AGE_MS;
    this.#topics.set(topic, { promise, expires: Date.now() + maxAge, refreshing: false });
  }

  async #wait(topic) {
    const deadline = Date.now() + CREATION_TIMEOUT_MS;
    for (;;) {
      try {
        return await this.#ask(topic);
      } catch (e) {
        const creating =
          e.type === 'UNKNOWN_TOPIC_OR_PARTITION' || e.type === 'LEADER_NOT_AVAILABLE';
        if (!creating || this.#client.options.allowAutoTopicCreation === false) throw e;
        if (Date.now() > deadline) throw e;
        // Knowing a topic makes librdkafka ask for it in a way that creates it.
        this.#client.mainLane.topicId(topic);
        await new Promise((resolve) => setTimeout(resolve, CREATION_POLL_MS));
      }
    }
  }

  async #ask(topic) {
    const { topics } = await this.#client.request('metadata', {
      topic,
      timeoutMs: REQUEST_TIMEOUT_MS,
    });
    const found = topics.find((entry) => entry.topic === topic);
    if (found?.error) throw fromNative(found.error, { topic });
    if (found === undefined || found.partitions.length === 0) {
      throw new classes.KafkaJSTopicMetadataNotLoaded(`No metadata for topic "${topic}"`, {
        topic,
      });
    }
    return found.partitions.map(({ partition, error, leader, replicas, isrs }) => ({
      partitionErrorCode: error?.code ?? 0,
      partitionId: partition,
      leader,
      replicas,
      isr: isrs,
      offlineReplicas: [],
    }));
  }
}

/** Asks the partitioner for every message. */
function choosePartitions(partitioner, topic, partitionMetadata, messages) {
  const partitions = new Int32Array(messages.length);
  for (let i = 0; i < messages.length; i += 1) {
    const partition = partitioner({ topic, partitionMetadata, message: messages[i] });
    if (!Number.isInteger(partition) || partition < 0) {
      throw invalidOption(
        'a partition number',
        `the partitioner's result for messages[${i}]`,
        partition,
      );
    }
    partitions[i] = partition;
  }
  return partitions;
}

module.exports = { TopicPartitions, choosePartitions };
