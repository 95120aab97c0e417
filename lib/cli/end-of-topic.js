'use strict';

// Whether everything up to where a topic ended is read. The last offset need not be a message: transactions end with a
// marker, and compaction takes messages out. librdkafka's statistics then say how far fetching is.

class EndOfTopic {
  /** Next offset by partition, and where it is to come. */
  #next = new Map();
  #ends = new Map();
  #quiet = new Set();
  #topic;

  /** @param {{ partition: number, offset: bigint, high: bigint }[]} places */
  constructor(topic, places) {
    this.#topic = topic;
    for (const { partition, offset, high } of places) {
      this.#next.set(partition, offset);
      this.#ends.set(partition, high);
    }
  }

  /** Whether a message is one of those that were there at the beginning. */
  has(partition, offset) {
    return BigInt(offset) < (this.#ends.get(partition) ?? 0n);
  }

  onMessage(partition, offset) {
    this.#next.set(partition, BigInt(offset) + 1n);
    this.#quiet.delete(partition);
  }

  /** @param {import('../index').Statistics} statistics fetching counts when it rested since the statistics before */
  onStatistics({ topics }) {
    const { partitions = [] } = topics.find(({ topic }) => topic === this.#topic) ?? {};
    for (const { partition, nextOffset, fetchQueueCount } of partitions) {
      const end = this.#ends.get(partition);
      const rests = end !== undefined && fetchQueueCount === 0 && BigInt(nextOffset) >= end;
      if (rests && this.#quiet.has(partition)) this.#next.set(partition, end);
      if (rests) this.#quiet.add(partition);
      else this.#quiet.delete(partition);
    }
  }

  get isReached() {
    return [...this.#ends].every(([partition, end]) => this.#next.get(partition) >= end);
  }
}

module.exports = { EndOfTopic };
