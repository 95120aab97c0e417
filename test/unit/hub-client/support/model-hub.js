'use strict';

// The hub as docs/protocol.md has it, without sockets and clocks: the test decides what it sends next, and when it is cut.

const matches = (patterns, channel) =>
  patterns.some((pattern) =>
    pattern.endsWith('*') ? channel.startsWith(pattern.slice(0, -1)) : channel === pattern,
  );
const passes = (filter, data) =>
  filter === undefined || Object.entries(filter).every(([field, value]) => data[field] === value);

/** What all nodes read. Times rise, so the last entry of a channel is its state. */
class ModelLog {
  epoch = 0;
  entries = [];
  #offsets = [-1, -1];

  publish(partition, channel, data) {
    this.#append(partition, ++this.#offsets[partition], channel, data);
  }

  /** One record that removes several entities. */
  removeAll(partition, channels) {
    const offset = ++this.#offsets[partition];
    for (const channel of channels) this.#append(partition, offset, channel);
  }

  /** The topic was made anew. */
  recreate() {
    this.epoch += 1;
    this.entries = [];
    this.#offsets = [-1, -1];
  }

  /** What a subscriber has to have in the end: channel -> { at, data }. */
  stateOf({ channels, filter }) {
    const state = new Map();
    for (const { channel, at, data } of this.entries) {
      if (data === undefined || !passes(filter, data)) state.delete(channel);
      else if (matches(channels, channel)) state.set(channel, { at, data });
    }
    return state;
  }

  #append(partition, offset, channel, data) {
    const time = this.entries.length;
    this.entries.push({ at: `${partition}:${offset}`, partition, offset, channel, time, data });
  }
}

/** A subscription at a node. `cursor`: how many entries of the log it is done with. */
class ModelStream {
  cursor = 0;
  isLive = false;
  /** With a rate: entries sent before their turn. */
  #ahead = new Set();

  constructor(node, request, send) {
    this.node = node;
    this.request = request;
    this.send = send;
    this.begin(node.parse(request.since));
  }

  get isDone() {
    return this.isLive && this.cursor === this.node.visible;
  }

  begin(since) {
    const { id, mode } = this.request;
    this.since = since;
    this.isLive = false;
    this.cursor = 0;
    this.#ahead.clear();
    this.start = this.node.visible;
    this.send({ type: 'subscribed', id, recovered: since !== null });
    if (mode !== 'all') return;
    this.token = this.node.token();
    if (since !== null) this.#goLive([], this.request.since);
  }

  /** One message more. `pick` chooses where the order is the hub's choice. */
  step(pick) {
    if (this.isDone) return;
    if (!this.isLive) this.#stepSnapshot(pick);
    else if (this.request.maxRateMs > 0) this.#stepHeldBack(pick);
    else this.#stepLive();
  }

  #stepSnapshot(pick) {
    const { node, request } = this;
    const end = request.mode === 'all' ? this.start : node.visible;
    const size = 1 + (pick % 3);
    const items = [];
    while (this.cursor < end && items.length < size) {
      const entry = node.entry(this.cursor++);
      if (!this.#concerns(entry) || node.isSuperseded(entry, end)) continue;
      const { channel, at, time, data } = entry;
      const isOut = data === undefined || !passes(request.filter, data);
      if (isOut && this.since === null && this.cursor <= this.start) continue;
      items.push({ channel, at, time, ...(isOut ? { removed: true } : { data }) });
    }
    if (this.cursor < end) this.send({ type: 'snapshot', id: request.id, items, more: true });
    else this.#goLive(items, this.token ?? node.token());
  }

  #goLive(items, token) {
    this.send({ type: 'snapshot', id: this.request.id, items, more: false, token });
    this.isLive = true;
    this.token = undefined;
    if (this.request.mode !== 'all') this.since = null;
    else this.#caughtUp();
  }

  /** From here on the node sends whatever it reads, were it behind the one that the token is from. */
  #caughtUp() {
    if (this.isDone) this.since = null;
  }

  #stepLive() {
    let isSent = false;
    while (this.cursor < this.node.visible && !isSent) {
      isSent = this.#sendChange(this.node.entry(this.cursor++));
    }
    this.#caughtUp();
  }

  /** Any entry that is not sent yet, newer ones before older ones, too. */
  #stepHeldBack(pick) {
    const { node } = this;
    const left = [];
    for (let i = this.cursor; i < node.visible; i += 1) if (!this.#ahead.has(i)) left.push(i);
    const index = left[pick % left.length];
    this.#ahead.add(index);
    this.#sendChange(node.entry(index));
    while (this.#ahead.delete(this.cursor)) this.cursor += 1;
  }

  #sendChange(entry) {
    const { mode, filter } = this.request;
    if (!this.#concerns(entry)) return false;
    if (mode !== 'all' && this.node.isSuperseded(entry, this.node.visible)) return false;
    const { channel, at, time, data } = entry;
    const isOut = data === undefined || !passes(filter, data);
    this.send({ type: isOut ? 'remove' : 'update', channel, at, time, ...(!isOut && { data }) });
    return true;
  }

  #concerns({ partition, offset, channel }) {
    const isKnown = this.since !== null && offset <= this.since[partition];
    return !isKnown && matches(this.request.channels, channel);
  }
}

/** A node sees a beginning of the log, and serves one connection. */
class ModelNode {
  visible = 0;
  streams = new Map();
  #log;
  #socket = null;
  /** Tokens that are older are not answered by changes. */
  #floors = [-1, -1];

  constructor(log) {
    this.#log = log;
  }

  get isConnected() {
    return this.#socket !== null;
  }

  entry(index) {
    return this.#log.entries[index];
  }

  /** Reads on, whole records. */
  see(count = this.#log.entries.length) {
    const { entries } = this.#log;
    this.visible = Math.min(this.visible + count, entries.length);
    while (entries[this.visible]?.at === entries[this.visible - 1]?.at) {
      if (this.visible === entries.length) return;
      this.visible += 1;
    }
  }

  isSuperseded(entry, end) {
    return this.#log.entries
      .slice(this.#log.entries.indexOf(entry) + 1, end)
      .some(({ channel }) => channel === entry.channel);
  }

  offsets() {
    const offsets = [-1, -1];
    for (const { partition, offset } of this.#log.entries.slice(0, this.visible)) {
      offsets[partition] = offset;
    }
    return offsets;
  }

  token() {
    const known = this.offsets().flatMap((offset, i) => (offset < 0 ? [] : [`${i}:${offset}`]));
    return `e${this.#log.epoch}~t~${known.join(',')}`;
  }

  /** The offsets of a token that this node can answer by what changed; else null. */
  parse(token) {
    const [, epoch, positions] = /^e(\d+)~t~([\d:,]*)$/.exec(token ?? '') ?? [];
    if (Number(epoch) !== this.#log.epoch) return null;
    const offsets = [-1, -1];
    for (const position of positions.split(',').filter(Boolean)) {
      const [partition, offset] = position.split(':').map(Number);
      offsets[partition] = offset;
    }
    return offsets.every((offset, i) => offset >= this.#floors[i]) ? offsets : null;
  }

  /** History is given up: who has less than everything has to begin anew. */
  forget() {
    this.#floors = this.offsets();
  }

  restart() {
    this.visible = 0;
    this.#floors = [-1, -1];
    for (const stream of this.streams.values()) stream.begin(null);
  }

  ping() {
    const streams = [...this.streams.values()];
    const isWhole = streams.length > 0 && streams.every(({ isDone }) => isDone);
    this.#send({ type: 'ping', ...(isWhole && { token: this.token() }) });
  }

  cut() {
    const socket = this.#socket;
    this.hangUp();
    socket?.onclose?.({ code: 1006, reason: '' });
  }

  hangUp() {
    this.#socket = null;
    this.streams.clear();
  }

  accept(socket) {
    this.#socket = socket;
    this.#send({ type: 'welcome', protocol: 1, pingIntervalMs: 3_600_000 });
  }

  receive({ type, id, ...request }) {
    if (type === 'subscribe') {
      const send = (message) => this.#send(message);
      this.streams.set(id, new ModelStream(this, { id, ...request }, send));
    } else if (type === 'unsubscribe') {
      this.streams.delete(id);
      this.#send({ type: 'unsubscribed', id });
    }
  }

  #send(message) {
    this.#socket?.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** A class of sockets that lead to the node that `current()` gives. */
function socketsTo(current) {
  return class {
    constructor() {
      queueMicrotask(() => {
        this.node = current();
        this.node.accept(this);
      });
    }

    send(text) {
      this.node.receive(JSON.parse(text));
    }

    close() {
      this.node?.hangUp();
    }
  };
}

module.exports = { ModelLog, ModelNode, matches, socketsTo };
