'use strict';

// What was sent, acknowledged, handled and stored, and what is wrong with it. No Kafka here: only the bookkeeping.
// An id is `<producer>:<number>`; a producer's numbers ascend.

const number = (id) => Number(id.slice(id.indexOf(':') + 1));
const producerOf = (id) => id.slice(0, id.indexOf(':'));

/** Ids that come after a greater number of the same producer in the same partition. */
function disordered(entries) {
  const last = new Map();
  const result = [];
  for (const { partition, id } of entries) {
    const key = `${partition}/${producerOf(id)}`;
    if (number(id) < (last.get(key) ?? -1)) result.push(id);
    else last.set(key, number(id));
  }
  return result;
}

const countById = (entries) => {
  const counts = new Map();
  for (const { id } of entries) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};

class Ledger {
  #sent = new Map();
  #groups = new Map();

  sent(id, at) {
    this.#sent.set(id, { at, isAcknowledged: false });
  }

  acknowledged(id) {
    this.#sent.get(id).isAcknowledged = true;
  }

  sentAt(id) {
    return this.#sent.get(id)?.at;
  }

  /** What one member of a group handles, in its order: `push({ partition, id, at })`. */
  stream(group) {
    const stream = [];
    const streams = this.#groups.get(group);
    if (streams) streams.push(stream);
    else this.#groups.set(group, [stream]);
    return stream;
  }

  handledIds(group) {
    return new Set(this.#groups.get(group).flatMap((stream) => stream.map(({ id }) => id)));
  }

  acknowledgedCount() {
    return [...this.#sent.values()].filter(({ isAcknowledged }) => isAcknowledged).length;
  }

  /**
   * The topic as it is stored: acknowledged means kept, once, in order.
   *
   * @param {{ partition: number, id: string }[]} log in the order of offsets
   * @param {number} [since] what was sent before may be missing: its topic was deleted
   */
  checkLog(log, since = -Infinity) {
    const counts = countById(log);
    const lost = [];
    for (const [id, { at, isAcknowledged }] of this.#sent) {
      if (isAcknowledged && at >= since && !counts.has(id)) lost.push(id);
    }
    const doubled = [...counts].filter(([, count]) => count > 1).map(([id]) => id);
    const unknown = [...counts.keys()].filter((id) => !this.#sent.has(id));
    return { lost, doubled, unknown, disordered: disordered(log) };
  }

  /**
   * What a group made of it: at least once, in order, again only after a failure.
   *
   * A member may go back to where its group has committed. It must not hand out for the first time what lies before
   * something that it has handed out, unless another member had it.
   *
   * @param {string} group @param {{ id: string }[]} log @param {number} faultAt when the first failure was made
   */
  checkGroup(group, log, faultAt) {
    const streams = this.#groups.get(group);
    const all = streams.flat();
    const counts = countById(all);
    const lost = log.filter(({ id }) => !counts.has(id)).map(({ id }) => id);
    let repeated = 0;
    for (const count of counts.values()) repeated += count - 1;
    const handledBefore = countById(all.filter(({ at }) => at < faultAt));
    const repeatedEarly = [...handledBefore].filter(([, count]) => count > 1).map(([id]) => id);
    const late = streams.flatMap((stream) => {
      const own = new Set();
      const first = stream.filter(({ id }) => {
        const isFirst = !own.has(id);
        own.add(id);
        return isFirst;
      });
      const times = countById(stream);
      return disordered(first).filter((id) => counts.get(id) === times.get(id));
    });
    return { lost, repeated, repeatedEarly, disordered: late };
  }

  /** What transactions made of `input`: each message once in `output`, in order. */
  checkExactlyOnce(input, output) {
    const counts = countById(output);
    return {
      lost: input.filter(({ id }) => !counts.has(id)).map(({ id }) => id),
      doubled: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
      unknown: [...counts.keys()].filter((id) => !this.#sent.has(id)),
      disordered: disordered(output),
    };
  }
}

/** When a message sent since a moment has come out of each partition of each flow. */
class Recovery {
  #since;
  #missing;
  #resolve;
  /** By flow, the milliseconds until the last partition so far. */
  took = {};

  /** @param {number} since ms @param {string[]} flows @param {number} partitions of each */
  constructor(since, flows, partitions) {
    this.#since = since;
    this.#missing = new Set(
      flows.flatMap((flow) => Array.from({ length: partitions }, (_, at) => `${flow}/${at}`)),
    );
    /** Resolves to the milliseconds it took. */
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get missing() {
    return [...this.#missing];
  }

  note(flow, partition, sentAt, at) {
    if (!(sentAt >= this.#since) || !this.#missing.delete(`${flow}/${partition}`)) return;
    this.took[flow] = at - this.#since;
    if (this.#missing.size === 0) this.#resolve(at - this.#since);
  }
}

module.exports = { Ledger, Recovery };
