'use strict';

const { CRASH } = require('./events');
const { isRestartable } = require('./failures');

/**
 * What happens when attempts are over (KafkaJS's rules): `retry.restartOnFailure` may refuse a restart; `consumer.crash`
 * tells; then the failed partition goes on from its last resolved offset after a pause, or the consumer disconnects.
 * The other partitions of a restarting consumer, and its membership, are left alone.
 */
class CrashPolicy {
  /**
   * @param {object} options
   * @param {string} options.groupId
   * @param {object} options.retry
   * @param {object} options.logger
   * @param {import('../instrumentation').Instrumentation} options.instrumentation
   * @param {() => Promise<void>} options.disconnect
   * @param {() => boolean} options.isRunning
   */
  constructor(options) {
    Object.assign(this, options);
    this.ending = false;
  }

  /**
   * @param {Error} error
   * @param {(afterMs: number) => void} restart
   */
  async handle(error, restart) {
    if (this.ending || !this.isRunning()) return;
    const { groupId, retry } = this;
    this.logger.error(`Crash: ${error.name}: ${error.message}`, {
      groupId,
      retryCount: error.retryCount,
      stack: error.stack,
    });
    const willRestart = isRestartable(error) && (await this.mayRestart(error));
    if (this.ending || !this.isRunning()) return;
    if (!willRestart) {
      this.ending = true;
      try {
        await this.disconnect();
      } catch (e) {
        this.logger.error(`Failed to disconnect: ${e.message}`, { stack: e.stack });
      }
      this.ending = false;
    }
    this.instrumentation.emit(CRASH, { error, groupId, restart: willRestart });
    if (!willRestart) return;
    const retryTime = error.retryTime || retry.initialRetryTime;
    this.logger.error(`Restarting the consumer in ${retryTime}ms`, {
      retryCount: error.retryCount,
      retryTime,
      groupId,
    });
    restart(retryTime);
  }

  async mayRestart(error) {
    const { restartOnFailure } = this.retry;
    if (!restartOnFailure) return true;
    try {
      return Boolean(await restartOnFailure(error));
    } catch (e) {
      this.logger.error(
        'Caught error when invoking user-provided "restartOnFailure" callback. Defaulting to restarting.',
        { groupId: this.groupId, error: e?.message ?? e, cause: error.message },
      );
      return true;
    }
  }
}

module.exports = { CrashPolicy };
