'use strict';

const crypto = require('node:crypto');
const { LRUCache } = require('lru-cache');
const { checkOptions, is } = require('../../../options/validate');
const { checkId, checkLease } = require('./check');

const shape = { maxIds: is.integer(1), retentionMs: is.integer(1) };

/** From so many claims on, those of handlers that never came back are looked for. */
const SWEEP_CLAIMS = 1_000;

/**
 * Which events were processed, in this process only: for one worker, and for tests. The ids used longest ago are forgotten
 * first; a claim is not, until its lease ends.
 */
class MemoryIdempotencyStore {
  #processed;
  #claims = new Map();

  /** @param {{ maxIds?: number, retentionMs?: number }} [options] 100,000; 7 days */
  constructor(options) {
    const where = 'idempotency';
    const given = checkOptions(shape, options, where, { prefix: `${where}.` });
    const { maxIds = 100_000, retentionMs = 604_800_000 } = given;
    this.#processed = new LRUCache({ max: maxIds, ttl: retentionMs, perf: Date });
  }

  async checkIfProcessed(id) {
    return this.#processed.get(checkId(id)) === true;
  }

  async markAsProcessed(id) {
    this.#processed.set(checkId(id), true);
    this.#claims.delete(id);
  }

  async claim(id, { leaseMs } = {}) {
    checkId(id);
    const lease = checkLease(leaseMs);
    if (this.#processed.get(id) === true) return { status: 'processed' };
    const now = Date.now();
    const claim = this.#claims.get(id);
    if (claim !== undefined && claim.until > now) {
      return { status: 'busy', retryAfterMs: claim.until - now };
    }
    if (this.#claims.size >= SWEEP_CLAIMS) this.#sweep(now);
    const token = crypto.randomUUID();
    this.#claims.set(id, { token, until: now + lease });
    return { status: 'claimed', token };
  }

  async extend(id, token, { leaseMs } = {}) {
    if (!this.#owns(id, token)) return false;
    this.#claims.get(id).until = Date.now() + checkLease(leaseMs);
    return true;
  }

  async complete(id, token) {
    if (!this.#owns(id, token)) return false;
    this.#claims.delete(id);
    this.#processed.set(id, true);
    return true;
  }

  async release(id, token) {
    if (!this.#owns(id, token)) return false;
    this.#claims.delete(id);
    return true;
  }

  /** Whose lease has ended owns it still while nobody else has claimed it. */
  #owns(id, token) {
    return this.#claims.get(id)?.token === token && !this.#processed.has(id);
  }

  #sweep(now) {
    for (const [id, { until }] of this.#claims) if (until <= now) this.#claims.delete(id);
  }

  async close() {
    this.#processed.clear();
    this.#claims.clear();
  }
}

module.exports = { MemoryIdempotencyStore };
