'use strict';

// One native producer of a Producer: its topics, its pack buffer, the sends on their way. A producer has one lane for
// its own acks, compression and timeout, and one more for each other combination that a send() asks for.

const { EventKind, configError } = require('../native-handle');
const { Packer } = require('./pack');
const { settle, WORDS_A_PARTITION } = require('./delivery');

// Sends of one turn of the event loop cross together, unless there are this many bytes already.
const FLUSH_BYTES = 256 << 10;

class Lane {
  handle = null;
  packer = new Packer();
  /** The error that made the native producer unusable. */
  fatalError = null;
  #client;
  #topics = new Map();
  #tickets = [];
  #free = [];
  #scheduled = false;
  #inFlight = 0;
  #flush = () => {
    this.#scheduled = false;
    this.flush();
  };

  /** @param {import('./index').Producer} client */
  constructor(client) {
    this.#client = client;
  }

  /** What deliveryError() shows besides the code. */
  get lastError() {
    return this.#client.lastError;
  }

  /** Sends that are not settled. */
  get inFlight() {
    return this.#inFlight;
  }

  /** Registers the topic; throws a typed error for a name librdkafka refuses. */
  topicId(topic) {
    let id = this.#topics.get(topic);
    if (id === undefined) {
      try {
        id = this.handle.native.topic(topic, []);
      } catch (e) {
        throw configError(e);
      }
      this.#topics.set(topic, id);
    }
    return id;
  }

  /** Packs the send that `this.packer` measured. @param {import('./delivery').Ticket} ticket */
  enqueue(ticket, topicId, messages, partitions) {
    const { packer } = this;
    if (!packer.fits) this.flush();
    const id = this.#free.length > 0 ? this.#free.pop() : this.#tickets.length;
    try {
      packer.write(id, topicId, messages, partitions);
    } catch (e) {
      this.#tickets[id] ??= null;
      this.#free.push(id);
      throw e;
    }
    this.#tickets[id] = ticket;
    if (this.#inFlight === 0) this.handle.retain();
    this.#inFlight += 1;
    if (packer.pending >= FLUSH_BYTES) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      process.nextTick(this.#flush);
    }
  }

  /** Hands over what is packed. */
  flush() {
    const { packer } = this;
    if (packer.pending === 0) return;
    this.handle.native.enqueue(packer.block, packer.pending);
    packer.reset();
  }

  onEvent = (kind, settled, words) => {
    if (kind === EventKind.Delivery) this.#onDelivery(settled, words);
  };

  onError = (error) => {
    if (error.fatal) this.fatalError = error;
  };

  /** After the native producer closed without reporting: nobody may wait for ever. */
  abandon(error) {
    if (this.#inFlight === 0) return;
    for (let id = 0; id < this.#tickets.length; id += 1) {
      const ticket = this.#tickets[id];
      if (ticket === null || ticket === undefined) continue;
      this.#take(id, ticket);
      ticket.cleanup?.();
      ticket.reject(error);
    }
    this.#afterDelivery();
  }

  #onDelivery(settled, words) {
    if (this.#inFlight === 0) return;
    let at = 0;
    while (at < words) {
      const id = settled[at];
      const partitions = settled[at + 1];
      at += 2;
      const ticket = this.#tickets[id];
      if (ticket !== null && ticket !== undefined) {
        this.#take(id, ticket);
        settle(ticket, settled, at, partitions, this);
      }
      at += partitions * WORDS_A_PARTITION;
    }
    this.#afterDelivery();
  }

  #take(id, ticket) {
    this.#tickets[id] = null;
    this.#free.push(id);
    this.#inFlight -= 1;
    this.#client.credit(ticket.count, ticket.weight);
  }

  #afterDelivery() {
    if (this.#inFlight === 0) this.handle.release();
    this.#client.onProgress();
  }
}

module.exports = { Lane };
