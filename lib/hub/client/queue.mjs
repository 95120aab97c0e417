/**
 * What an iterator has not taken yet. In mode `latest` one event an entity, the newest; an entity that comes and goes
 * unseen leaves nothing. In mode `all` every event up to `limit`; past it a `gap`, then, until the reader has caught
 * up, the newest of each entity.
 */
export class Queue {
  #entries = new Map();
  #serial = 0;
  #conflates;
  #mode;
  #limit;

  constructor(mode, limit) {
    this.#mode = mode;
    this.#limit = limit;
    this.#conflates = mode !== 'all';
  }

  get size() {
    return this.#entries.size;
  }

  push(change) {
    if (this.#conflates) this.#conflate(change);
    else this.#entries.set(this.#serial++, change);
    if (!this.#conflates && this.size > this.#limit) this.#overflow();
  }

  shift() {
    const [[key, { event }]] = this.#entries;
    this.#entries.delete(key);
    if (this.size === 0) this.#conflates = this.#mode !== 'all';
    return event;
  }

  clear() {
    this.#entries.clear();
  }

  #overflow() {
    const entries = this.#entries;
    this.#entries = new Map();
    this.#conflates = true;
    this.#conflate({ event: { type: 'gap', reason: 'overflow' } });
    for (const change of entries.values()) this.#conflate(change);
  }

  #conflate({ event, fresh }) {
    // A gap has no channel: one entry for all gaps.
    const before = this.#entries.get(event.channel);
    if (event.type === 'remove' && before?.fresh) this.#entries.delete(event.channel);
    else this.#entries.set(event.channel, { event, fresh: before ? before.fresh : fresh });
  }
}
