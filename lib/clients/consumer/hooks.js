'use strict';

// What the user wants to know of rebalances: `onPartitionsAssigned` and `onPartitionsRevoked` of this package, and
// confluent's `rebalance_cb(err, assignment, functions)`, which is told but cannot choose another assignment.

const ASSIGN_PARTITIONS = -175;
const REVOKE_PARTITIONS = -174;

class Hooks {
  /** @param {object} settings of consumerConfig() @param {object} logger */
  constructor({ onPartitionsAssigned, onPartitionsRevoked, rebalanceCallback }, logger) {
    this.onPartitionsAssigned = onPartitionsAssigned;
    this.onPartitionsRevoked = onPartitionsRevoked;
    this.rebalanceCallback =
      typeof rebalanceCallback === 'function' ? rebalanceCallback : undefined;
    this.logger = logger;
  }

  get hasAssigned() {
    return this.onPartitionsAssigned !== undefined || this.rebalanceCallback !== undefined;
  }

  async assigned(partitions) {
    await this.#call('onPartitionsAssigned', this.onPartitionsAssigned, partitions);
    await this.#callConfluent(ASSIGN_PARTITIONS, '_ASSIGN_PARTITIONS', partitions, false);
  }

  async revoked(partitions, lost) {
    await this.#call('onPartitionsRevoked', this.onPartitionsRevoked, partitions, { lost });
    await this.#callConfluent(REVOKE_PARTITIONS, '_REVOKE_PARTITIONS', partitions, lost);
  }

  async #callConfluent(code, name, partitions, lost) {
    if (this.rebalanceCallback === undefined) return;
    const notice = Object.assign(new Error(`Local: ${name.slice(1)}`), { code, errno: code, name });
    const result = await this.#call('rebalance_cb', this.rebalanceCallback, notice, partitions, {
      assign: () => {},
      unassign: () => {},
      assignmentLost: () => lost,
    });
    if (Array.isArray(result)) {
      this.logger.warn(
        'rebalance_cb returned another assignment: that is not supported, use seek()',
      );
    }
  }

  /** An error of a hook is logged: the rebalance has to go on. */
  async #call(name, hook, ...args) {
    try {
      return await hook?.(...args);
    } catch (error) {
      this.logger.error(`Error when calling ${name}: ${error?.message ?? error}`, {
        stack: error?.stack,
      });
      return undefined;
    }
  }
}

module.exports = { Hooks };
