import { matchesFilter, matchesPattern } from './match.mjs';
import { AT, compare, formatToken, hasPassed, parseAt, parseToken } from './token.mjs';

/** Of what came early, and of entities that are gone: more is forgotten, the oldest first. */
const MEMORY = 65_536;

function remember(map, key, value) {
  map.set(key, value);
  if (map.size > MEMORY) map.delete(map.keys().next().value);
}

function isItem(item) {
  return typeof item?.channel === 'string' && AT.test(item.at);
}

/**
 * One subscription on the wire: its entities, and what has to be known to resume it and to tell news from a repetition.
 * Shared by all Subscriptions with the same options.
 *
 * `update` and `remove` do not say for which subscription they are. With overlapping ones the same record comes more
 * than once, and one subscription may be ahead of another. `#position` is what this one has for certain; `#early` what
 * it took beyond that from copies which may be another's, and `#gone` the entities that were removed meanwhile.
 */
export class Stream {
  id;
  entities = new Map();
  subscribers = new Set();
  /** `subscribe` was sent on this connection. */
  sent = false;
  /** The last `snapshot` message came, on this connection. */
  live = false;
  /** … on any connection: `entities` is a whole view, if an old one. */
  known = false;
  failures = 0;
  timer;

  #position = { positions: new Map() };
  #early = new Map();
  #gone = new Map();
  #snapshot;

  constructor(key, request) {
    this.key = key;
    this.request = request;
  }

  matches(channel) {
    return this.request.channels.some((pattern) => matchesPattern(pattern, channel));
  }

  subscribeMessage() {
    return { type: 'subscribe', id: this.id, ...this.request, since: formatToken(this.#position) };
  }

  /** Back to what the last whole snapshot and what followed it gave. */
  reset() {
    clearTimeout(this.timer);
    this.sent = this.live = false;
    this.#snapshot = undefined;
  }

  subscribed({ recovered }) {
    this.live = false;
    this.#snapshot = { recovered, items: [] };
  }

  /** Until the last part came nothing of it counts: after a cut in between, the older token has to be true still. */
  snapshot({ items, more, token }) {
    const snapshot = this.#snapshot;
    const good = items.filter(isItem);
    for (const item of good) snapshot.items.push(item);
    if (!more) this.#finish(snapshot, parseToken(token));
    if (good.length < items.length) throw new TypeError('snapshot items without channel or at');
  }

  /** `shared`: other subscriptions of the connection match the channel, too; the message may be one of theirs. */
  onChange(message, isUpdate, shared) {
    const { at, channel, data } = message;
    const [partition, offset] = parseAt(at);
    // A node that is behind the one before tells again what the position stands for.
    if (!this.live || hasPassed(this.#position, partition, offset)) return;
    const { filter, maxRateMs } = this.request;
    if (shared && isUpdate && filter) isUpdate = matchesFilter(filter, data);
    // A record is one or the other: a `remove` beside an update is due to another subscription's filter.
    const key = `${at} ${channel}`;
    const early = this.#early.get(key);
    const repeated = early?.isUpdate || early?.isUpdate === isUpdate;
    // One record may remove several entities: the others may be still to come.
    const sure = isUpdate ? offset : offset - 1;
    if ((shared || !isUpdate) && !repeated) {
      remember(this.#early, key, { at, isUpdate });
    }
    // With a rate, older updates of some entities are held back while newer ones of others are sent.
    if (!shared && !maxRateMs && sure >= 0 && !hasPassed(this.#position, partition, sure)) {
      this.#position.positions.set(partition, sure);
    }
    const change = !repeated && this.#change(message, isUpdate);
    if (change) this.#publish(change);
  }

  /** The hub has sent everything up to the token. */
  onToken(token) {
    if (!this.live) return;
    const position = parseToken(token);
    for (const map of [this.#early, this.#gone]) {
      for (const [key, { at }] of map) if (hasPassed(position, ...parseAt(at))) map.delete(key);
    }
    this.#moveTo(position);
  }

  gap({ reason }) {
    this.#publish({ event: { type: 'gap', reason } });
  }

  #publish(change) {
    for (const subscriber of this.subscribers) subscriber.onChange(change);
  }

  #finish({ recovered, items }, position) {
    const changes = recovered
      ? items.map((item) => this.#change(item, !item.removed)).filter(Boolean)
      : this.#replace(items, position.epoch);
    // Whoever counts on every update has to hear that some may have been missed.
    if (!recovered && this.known && this.request.mode === 'all') {
      changes.unshift({ event: { type: 'gap', reason: 'not recovered' } });
    }
    this.#moveTo(position, !recovered);
    this.#snapshot = undefined;
    this.live = this.known = true;
    this.failures = 0;
    for (const subscriber of this.subscribers) subscriber.onSnapshot(changes, recovered);
  }

  /** A hub may be behind the one before it: within an epoch, what the client has does not become less. */
  #moveTo(position, replace) {
    if (!replace && position.epoch === this.#position.epoch) {
      for (const [partition, offset] of this.#position.positions) {
        if (!hasPassed(position, partition, offset)) {
          position.positions.set(partition, offset);
        }
      }
    }
    this.#position = position;
  }

  #replace(items, epoch) {
    const before = new Map(this.entities);
    const changes = [];
    for (const map of [this.entities, this.#early, this.#gone]) map.clear();
    // What changed while the snapshot was sent comes again, or is taken back.
    for (const item of items) {
      if (item.removed) this.entities.delete(item.channel);
      else this.#put(item);
    }
    for (const [channel, event] of this.entities) {
      const old = before.get(channel);
      const isSame = old?.at === event.at && epoch === this.#position.epoch;
      if (!isSame) changes.push({ event, fresh: !old });
    }
    for (const [channel, { at, time }] of before) {
      if (!this.entities.has(channel)) {
        changes.push({ event: { type: 'remove', channel, at, time } });
      }
    }
    return changes;
  }

  /** Takes what is newer than what is known of the entity. Returns { event, fresh }, or undefined: no news. */
  #change(message, isUpdate) {
    const { channel, at, time } = message;
    const { filter, mode } = this.request;
    const old = this.entities.get(channel);
    const known = old ?? this.#gone.get(channel);
    const order = known ? compare(message, known) : 1;
    if (order === 0 && (old || !isUpdate)) return;
    const takesAll = mode === 'all' && (isUpdate || !filter);
    const removal = { event: { type: 'remove', channel, at, time } };
    if (order < 0) {
      if (!takesAll) return;
      return isUpdate ? { event: updateEvent(message) } : removal;
    }
    if (isUpdate) return this.#put(message, !old);
    remember(this.#gone, channel, removal.event);
    return this.entities.delete(channel) || takesAll ? removal : undefined;
  }

  #put(message, fresh) {
    const event = updateEvent(message);
    this.entities.set(event.channel, event);
    this.#gone.delete(event.channel);
    return { event, fresh };
  }
}

function updateEvent({ channel, at, time, data }) {
  return { type: 'update', channel, at, time, data };
}
