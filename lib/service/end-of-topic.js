'use strict';

// Whether everything up to where a topic ended is read. The last offset need not be a message: transactions end with a
// marker, and compaction takes messages out. librdkafka's statistics then say how far fetching is.

class EndOfTopic {
  /** Next offset by partition, and where it is to come. */
  #next = new Map();
  #ends = new Map();
  /** Partitions of which the last statistics said that all is fetched. */
  #resting = new Set();
  /** Batches that came and are not read. */
  #coming = 0;
  #topic;
  #count = 0;

  /** @param {{ partition: number, offset: bigint, high: bigint }[]} places */
  constructor(topic, places) {
    this.#topic = topic;
    for (const { partition, offset, high } of places) {
      this.#next.set(partition, offset);
      this.#ends.set(partition, high);
      this.#count += Number(high - offset);
    }
  }

  /** Offsets from the beginning to the end. */
  get count() {
    return this.#count;
  }

  get isReached() {
    return [...this.#ends].every(([partition, end]) => this.#next.get(partition) >= end);
  }

  /** Whether a message is one of those that were there at the beginning. */
  has(partition, offset) {
    return BigInt(offset) < (this.#ends.get(partition) ?? 0n);
  }

  /** The event FETCH: what is fetched says nothing about what is read until this batch was. */
  onFetch() {
    this.#coming += 1;
    this.#resting.clear();
  }

  onBatchDone() {
    this.#coming -= 1;
  }

  onMessage(partition, offset) {
    this.#next.set(partition, BigInt(offset) + 1n);
  }

  /**
   * Fetching is at the end when two statistics in a row say so and no batch came between them: what is fetched is on its
   * way for some milliseconds.
   *
   * @param {import('../index').Statistics} statistics
   */
  onStatistics({ topics }) {
    if (this.#coming > 0) return;
    const { partitions = [] } = topics.find(({ topic }) => topic === this.#topic) ?? {};
    for (const { partition, nextOffset, fetchQueueCount } of partitions) {
      const end = this.#ends.get(partition);
      const rests = end !== undefined && fetchQueueCount === 0 && BigInt(nextOffset) >= end;
      if (rests && this.#resting.has(partition)) this.#next.set(partition, end);
      if (rests) this.#resting.add(partition);
      else this.#resting.delete(partition);
    }
  }
}

module.exports = { EndOfTopic };
