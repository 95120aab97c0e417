'use strict';

const { SpreadableMessage } = require('./message');

/**
 * The records `start..end` of one block, with KafkaJS's Batch methods. `messages` is made when it is touched, of the given
 * kind (message.js).
 */
class Batch {
  #block;
  #start;
  #end;
  #lane;
  #Message;
  #messages;

  constructor(block, start, lane, MessageKind = SpreadableMessage) {
    this.#block = block;
    this.#start = start;
    this.#end = block.count;
    this.#lane = lane;
    this.#Message = MessageKind;
    this.#messages = undefined;
    this.topic = block.topic;
    this.partition = block.partition;
  }

  get messages() {
    if (this.#messages === undefined) {
      const block = this.#block;
      const MessageKind = this.#Message;
      const start = this.#start;
      const length = this.#end - start;
      const messages = new Array(length);
      for (let i = 0; i < length; i++) messages[i] = new MessageKind(block, start + i);
      this.#messages = messages;
    }
    return this.#messages;
  }

  /** Number of messages, without making them. */
  get length() {
    return this.#end - this.#start;
  }

  /**
   * Offset after the partition's last record, as far as this client knows it now: what the last fetch answer
   * said, and never less than this batch shows.
   */
  get highWatermark() {
    const known = BigInt(this.#lane.highWatermark);
    const shown = this.#block.offset(this.#end - 1) + 1n;
    return (known > shown ? known : shown).toString();
  }

  get fetchedOffset() {
    return this.firstOffset();
  }

  isEmpty() {
    return this.#end === this.#start;
  }

  firstOffset() {
    return this.isEmpty() ? null : this.#block.offsetString(this.#start);
  }

  lastOffset() {
    return this.#block.offsetString(this.#end - 1);
  }

  /** Messages of the partition behind this batch's last one. */
  offsetLag() {
    return (BigInt(this.highWatermark) - 1n - this.#block.offset(this.#end - 1)).toString();
  }

  /** Messages of the partition behind this batch's first one. */
  offsetLagLow() {
    if (this.isEmpty()) return '0';
    return (BigInt(this.highWatermark) - 1n - this.#block.offset(this.#start)).toString();
  }

  [Symbol.iterator]() {
    return this.messages[Symbol.iterator]();
  }
}

module.exports = { Batch };
