'use strict';

// How many connections there are, in total, of a subject and of an address.

const { Refusal } = require('./http-answer');

const RETRY_AFTER_SECONDS = '10';

class Counter {
  #counts = new Map();

  of(key) {
    return this.#counts.get(key) ?? 0;
  }

  add(key, change) {
    const count = this.of(key) + change;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}

function tooMany(what) {
  return new Refusal(429, `Too many connections${what}`, { 'Retry-After': RETRY_AFTER_SECONDS });
}

/** A connection is counted from its request on, whether it is authenticated already or not. */
class Admission {
  #limits;
  #total = 0;
  #addresses = new Counter();
  #subjects = new Counter();

  /** @param {{ connections: number, connectionsPerSubject: number, connectionsPerAddress: number }} limits */
  constructor(limits) {
    this.#limits = limits;
  }

  get total() {
    return this.#total;
  }

  /**
   * @param {string} address
   * @returns {Place}
   * @throws {Refusal} 429
   */
  enter(address) {
    if (this.#total >= this.#limits.connections) throw tooMany('');
    if (this.#addresses.of(address) >= this.#limits.connectionsPerAddress) {
      throw tooMany(' from this address');
    }
    return new Place(this, address);
  }

  count(address, change) {
    this.#total += change;
    this.#addresses.add(address, change);
  }

  hasRoomFor(subject) {
    return subject === '' || this.#subjects.of(subject) < this.#limits.connectionsPerSubject;
  }

  countSubject(subject, change) {
    if (subject !== '') this.#subjects.add(subject, change);
  }
}

/** What one connection takes up until leave(). */
class Place {
  #admission;
  #address;
  #subject = null;
  #left = false;

  constructor(admission, address) {
    this.#admission = admission;
    this.#address = address;
    admission.count(address, 1);
  }

  get address() {
    return this.#address;
  }

  /** @returns {boolean} false: the subject has too many already */
  takeSubject(subject) {
    if (this.#left || subject === this.#subject) return true;
    if (!this.#admission.hasRoomFor(subject)) return false;
    if (this.#subject !== null) this.#admission.countSubject(this.#subject, -1);
    this.#subject = subject;
    this.#admission.countSubject(subject, 1);
    return true;
  }

  /** Idempotent. */
  leave() {
    if (this.#left) return;
    this.#left = true;
    this.#admission.count(this.#address, -1);
    if (this.#subject !== null) this.#admission.countSubject(this.#subject, -1);
  }
}

module.exports = { Admission, tooMany };
