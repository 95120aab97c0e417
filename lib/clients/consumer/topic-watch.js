'use strict';

const METADATA_TIMEOUT_MS = 30_000;
/** `subscribed` of no topic. */
const NOTHING = '[]';

/** Subscribes to what a Subscription means now, and looks for new topics when it has regular expressions. */
class TopicWatch {
  constructor({ subscription, request, logger, groupId, everyMs }) {
    Object.assign(this, { subscription, request, logger, groupId, everyMs });
    this.subscribed = null;
    this.timer = null;
    this.stopped = false;
  }

  async start() {
    await this.subscribe();
    if (this.subscription.hasPatterns) this.schedule();
  }

  /** Patterns that no topic matches yet: there is no group to join. */
  get isWaiting() {
    return this.subscribed === NOTHING;
  }

  /** The subscription has more topics now. */
  async extend() {
    await this.subscribe();
    if (this.subscription.hasPatterns && this.timer === null) this.schedule();
  }

  schedule() {
    if (this.stopped) return;
    this.timer = setTimeout(() => this.look(), this.everyMs);
    this.timer.unref?.();
  }

  async look() {
    try {
      await this.subscribe();
    } catch (error) {
      this.logger.warn('Looking for new topics failed', {
        groupId: this.groupId,
        error: error.message,
      });
    }
    this.schedule();
  }

  async subscribe() {
    let existing = [];
    if (this.subscription.hasPatterns) {
      const { topics } = await this.request('metadata', { timeoutMs: METADATA_TIMEOUT_MS });
      existing = topics;
    }
    if (this.stopped) return;
    const topics = this.subscription.resolve(existing);
    const wanted = JSON.stringify(topics.map(({ topic }) => topic).sort());
    if (wanted === this.subscribed) return;
    this.logger.debug('Subscribing', {
      groupId: this.groupId,
      topics: topics.map(({ topic }) => topic),
    });
    if (topics.length !== 0) await this.request('subscribe', { topics });
    else if (this.subscribed !== null) await this.request('unsubscribe', {});
    this.subscribed = wanted;
  }

  stop() {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

module.exports = { TopicWatch };
