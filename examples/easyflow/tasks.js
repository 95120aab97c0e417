'use strict';

const { LRUCache } = require('lru-cache');

const REMEMBERED = 10_000;

/** What the API knows of tasks, from what comes over Kafka. It forgets the oldest ones. */
class Tasks {
  #tasks = new LRUCache({ max: REMEMBERED });

  #entry(taskId) {
    let entry = this.#tasks.get(taskId);
    if (entry === undefined) {
      entry = { updates: [], result: null };
      this.#tasks.set(taskId, entry);
    }
    return entry;
  }

  created({ taskId }) {
    this.#entry(taskId);
  }

  updated({ entityId, entityType, status, message, timestamp }) {
    if (entityType === 'task') this.#entry(entityId).updates.push({ status, message, timestamp });
  }

  ended(result) {
    this.#entry(result.taskId).result = result;
  }

  /** Updates and results are two topics, so an update may come after the result: the result is the last word. */
  view(taskId) {
    const entry = this.#tasks.get(taskId);
    if (entry === undefined) return null;
    const { updates, result } = entry;
    return {
      taskId,
      status: result?.status ?? updates.at(-1)?.status ?? 'pending',
      ...(result?.result !== undefined && { result: result.result }),
      ...(result?.error !== undefined && { error: result.error }),
      updates,
    };
  }
}

module.exports = { Tasks };
