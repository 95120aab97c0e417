'use strict';

/**
 * What the user paused, by topic, independent of what is assigned: a pause holds for partitions that come later, as in
 * KafkaJS. A whole topic may be paused with single partitions resumed out of it.
 */
class Pauses {
  #topics = new Map();

  pause(topic, partitions) {
    const state = this.#stateOf(topic);
    if (partitions === undefined) {
      state.all = true;
      state.paused.clear();
      state.resumed.clear();
      return;
    }
    for (const partition of partitions) {
      state.paused.add(partition);
      state.resumed.delete(partition);
    }
  }

  resume(topic, partitions) {
    const state = this.#stateOf(topic);
    if (partitions === undefined) {
      this.#topics.delete(topic);
      return;
    }
    for (const partition of partitions) {
      state.paused.delete(partition);
      if (state.all) state.resumed.add(partition);
    }
  }

  has(topic, partition) {
    const state = this.#topics.get(topic);
    if (state === undefined) return false;
    return state.paused.has(partition) || (state.all && !state.resumed.has(partition));
  }

  clear() {
    this.#topics.clear();
  }

  #stateOf(topic) {
    let state = this.#topics.get(topic);
    if (state === undefined) {
      state = { all: false, paused: new Set(), resumed: new Set() };
      this.#topics.set(topic, state);
    }
    return state;
  }
}

module.exports = { Pauses };
