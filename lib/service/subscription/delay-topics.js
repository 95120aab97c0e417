'use strict';

const { ownHeaders, readTrail, trailHeaders } = require('./trail');
const { sleep } = require('../policies/sleep');

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** `5s`, `10m`, `250ms`. */
function shortDuration(ms) {
  const [unit, size] = UNITS.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/**
 * Delay topics of one group: `retry.<group>.<delay>`, one for each delay, shared by all topics of the group. All messages
 * of a delay topic wait equally long, so the first one of a partition is always the first one due.
 */
class DelayTopics {
  /**
   * @param {object} parts
   * @param {string} parts.group
   * @param {number[]} parts.delaysMs of the second, third, … attempt; the last one repeats
   * @param {(topic: string, message: object) => Promise<unknown>} parts.send
   * @param {() => number} [parts.now]
   */
  constructor({ group, delaysMs, send, now = Date.now }) {
    Object.assign(this, { group, delaysMs, send, now });
    this.names = new Map(
      [...new Set(delaysMs)].map((ms) => [ms, `retry.${group}.${shortDuration(ms)}`]),
    );
  }

  get topics() {
    return [...this.names.values()];
  }

  /** The delay before attempt `attempts + 1`. */
  delayMs(attempts) {
    return this.delaysMs[Math.min(attempts, this.delaysMs.length) - 1];
  }

  /** Resolves when the message is stored, to be handled again after its delay. */
  async postpone(message, trail) {
    const delayMs = this.delayMs(trail.attempts);
    const notBefore = this.now() + delayMs;
    await this.send(this.names.get(delayMs), {
      key: message.key,
      value: message.value,
      headers: {
        ...ownHeaders(message.headers),
        ...trailHeaders({ ...trail, group: this.group, notBefore }),
      },
    });
  }

  /** Resolves when a message of a delay topic is due. */
  async due(message, signal) {
    const left = (readTrail(message).notBefore ?? 0) - this.now();
    if (left > 0) await sleep(left, signal);
  }
}

module.exports = { DelayTopics, shortDuration };
