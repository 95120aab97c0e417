'use strict';

// What a producer holds is bounded in bytes and messages. A send over the limit waits for its turn, in order, or is
// refused with a typed error, as `onQueueFull` says. Nothing polls: reports of earlier sends make room.

const { classes } = require('../../errors');

const COMPACT_FROM = 1_024;

class FlowControl {
  #maxBytes;
  #maxMessages;
  #rejects;
  #bytes = 0;
  #messages = 0;
  #waiting = [];
  #head = 0;
  #start;

  /**
   * @param {{ maxQueuedBytes: number, maxQueuedMessages: number, onQueueFull: 'wait' | 'reject' }} settings
   * @param {(entry: object) => void} start hands a send over; called in the order of the sends
   */
  constructor({ maxQueuedBytes, maxQueuedMessages, onQueueFull }, start) {
    this.#maxBytes = maxQueuedBytes;
    this.#maxMessages = maxQueuedMessages;
    this.#rejects = onQueueFull === 'reject';
    this.#start = start;
  }

  get queued() {
    return { bytes: this.#bytes, messages: this.#messages, waitingSends: this.waiting };
  }

  get waiting() {
    return this.#waiting.length - this.#head;
  }

  /** Takes room for a send if there is some and nobody waits. A send larger than the limit goes when all else is done. */
  take(count, weight) {
    if (this.#head < this.#waiting.length || !this.#hasRoom(count, weight)) return false;
    this.#bytes += weight;
    this.#messages += count;
    return true;
  }

  /** Room of a settled send. */
  give(count, weight) {
    this.#bytes -= weight;
    this.#messages -= count;
  }

  /** Lets a send wait; throws where the option says so. @param {{ ticket: object, cancelled: boolean }} entry */
  wait(entry) {
    if (this.#rejects) {
      throw new classes.KafkaJSQueueFullError(
        `The producer's queue is full: ${this.#messages} messages of about ${this.#bytes} bytes are not acknowledged ` +
          `(maxQueuedMessages ${this.#maxMessages}, maxQueuedBytes ${this.#maxBytes})`,
      );
    }
    this.#waiting.push(entry);
  }

  /** Starts those that have waited, as far as there is room. */
  admit() {
    while (this.#head < this.#waiting.length) {
      const entry = this.#waiting[this.#head];
      const { count, weight } = entry.ticket;
      if (!entry.cancelled && !this.#hasRoom(count, weight)) break;
      this.#waiting[this.#head] = undefined;
      this.#head += 1;
      if (entry.cancelled) continue;
      this.#bytes += weight;
      this.#messages += count;
      this.#start(entry);
    }
    if (this.#head === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#head = 0;
    } else if (this.#head > COMPACT_FROM) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Empties the queue; the entries are the caller's to reject. */
  cancelAll() {
    const entries = this.#waiting.slice(this.#head).filter(({ cancelled }) => !cancelled);
    this.#waiting.length = 0;
    this.#head = 0;
    return entries;
  }

  #hasRoom(count, weight) {
    return (
      this.#messages === 0 ||
      (this.#bytes + weight <= this.#maxBytes && this.#messages + count <= this.#maxMessages)
    );
  }
}

module.exports = { FlowControl };
