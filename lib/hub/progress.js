'use strict';

// How much of what was there at the beginning is read.

const keyOf = ({ topic, partition }) => `${topic}:${partition}`;
const smaller = (a, b) => (a < b ? a : b);

class Progress {
  #partitions = new Map();

  /** @param {import('./topics').Place[]} places */
  add(places) {
    for (const place of places) {
      const { start, end } = place;
      this.#partitions.set(keyOf(place), { start, end, position: start, isDone: start >= end });
    }
  }

  /** Librdkafka says that a partition is at its end: markers of transactions and what was compacted need not be waited for. */
  onEnd(place) {
    const partition = this.#partitions.get(keyOf(place));
    if (partition !== undefined) partition.isDone = true;
  }

  /** @param {Map<string, bigint>} positions by 'topic:partition' */
  onPositions(positions) {
    for (const [key, position] of positions) {
      const partition = this.#partitions.get(key);
      if (partition === undefined) continue;
      partition.position = position;
      if (position >= partition.end) partition.isDone = true;
    }
  }

  get isDone() {
    return [...this.#partitions.values()].every(({ isDone }) => isDone);
  }

  /** Offsets stand for records: there are fewer where a topic is compacted. */
  snapshot() {
    let records = 0n;
    let total = 0n;
    let partitionsDone = 0;
    for (const { start, end, position, isDone } of this.#partitions.values()) {
      total += end > start ? end - start : 0n;
      if (isDone) partitionsDone += 1;
      if (end > start) records += (isDone ? end : smaller(position, end)) - start;
    }
    return {
      records: Number(records),
      total: Number(total),
      partitions: this.#partitions.size,
      partitionsDone,
    };
  }
}

module.exports = { Progress };
