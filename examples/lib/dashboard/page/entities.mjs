// What is known of each entity, the last change first.

import { shown } from './text.mjs';

const LIMITS = { channel: 160, status: 40, message: 300 };

const KINDS = {
  running: ['running', 'in_progress', 'in-progress', 'processing', 'started', 'active'],
  done: ['done', 'completed', 'complete', 'finished', 'succeeded', 'success'],
  failed: ['failed', 'failure', 'error', 'cancelled', 'canceled', 'timeout'],
  waiting: ['pending', 'queued', 'waiting', 'scheduled', 'created'],
};
const kindOfStatus = new Map(
  Object.entries(KINDS).flatMap(([kind, statuses]) => statuses.map((status) => [status, kind])),
);

/** @returns {'running' | 'done' | 'failed' | 'waiting' | 'other'} */
function kindOf(status) {
  return kindOfStatus.get(status.toLowerCase()) ?? 'other';
}

const noCounts = () => ({ running: 0, done: 0, failed: 0, waiting: 0, other: 0 });

/** The first `limit` of them that match, and how many match at all. */
function select(entities, limit, matches) {
  const list = [];
  let count = 0;
  for (const entity of entities) {
    if (!matches(entity)) continue;
    count += 1;
    if (list.length < limit) list.push(entity);
  }
  return { list, count };
}

/** What a paused page shows. */
class Frozen {
  #entities;

  constructor(entities, counts) {
    this.#entities = entities;
    this.counts = counts;
    this.size = entities.length;
  }

  select(limit, matches) {
    return select(this.#entities, limit, matches);
  }
}

/**
 * Bounded: beyond `limit` it forgets those that changed longest ago. Fields of a payload are cut to what a row shows, so an
 * entity has a bounded size too.
 */
export class Entities {
  #byChannel = new Map();
  #limit;
  /** A ring through all of them: `older` of it is the newest. */
  #ring = {};

  constructor(limit) {
    this.#limit = limit;
    this.clear();
  }

  clear() {
    for (const entity of this.#byChannel.values()) entity.isGone = true;
    this.#byChannel.clear();
    this.#ring.older = this.#ring.newer = this.#ring;
    this.counts = noCounts();
  }

  get size() {
    return this.#byChannel.size;
  }

  /** @param {{ channel: string, at: string, time: number, data: unknown }} update @param {number} [latency] ms */
  put({ channel, at, time, data }, latency = NaN) {
    let entity = this.#byChannel.get(channel);
    if (entity === undefined) {
      entity = { channel, name: shown(channel, LIMITS.channel), version: 0, isGone: false };
      this.#byChannel.set(channel, entity);
    } else {
      this.#unlink(entity);
    }
    const fields = data !== null && typeof data === 'object' ? data : { message: data };
    entity.status = shown(fields.status, LIMITS.status);
    entity.kind = kindOf(entity.status);
    entity.message = shown(fields.message, LIMITS.message);
    Object.assign(entity, { at, time, latency });
    entity.version += 1;
    this.#link(entity);
    if (this.#byChannel.size > this.#limit) this.#drop(this.#ring.newer);
  }

  remove(channel) {
    const entity = this.#byChannel.get(channel);
    if (entity !== undefined) this.#drop(entity);
  }

  select(limit, matches) {
    return select(this.#newestFirst(), limit, matches);
  }

  /** As it is now. */
  freeze() {
    const copies = Array.from(this.#newestFirst(), (entity) => ({ ...entity }));
    return new Frozen(copies, { ...this.counts });
  }

  *#newestFirst() {
    for (let entity = this.#ring.older; entity !== this.#ring; entity = entity.older) yield entity;
  }

  #link(entity) {
    entity.newer = this.#ring;
    entity.older = this.#ring.older;
    entity.older.newer = entity;
    this.#ring.older = entity;
    this.counts[entity.kind] += 1;
  }

  #unlink(entity) {
    entity.newer.older = entity.older;
    entity.older.newer = entity.newer;
    this.counts[entity.kind] -= 1;
  }

  #drop(entity) {
    this.#unlink(entity);
    this.#byChannel.delete(entity.channel);
    entity.isGone = true;
  }
}
