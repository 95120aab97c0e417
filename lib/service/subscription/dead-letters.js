'use strict';

const { deathHeaders, ownHeaders, trailHeaders } = require('./trail');

/** Sends what nobody can handle to its dead-letter topic: the bytes as they came, and why in headers. */
class DeadLetters {
  /**
   * @param {object} parts
   * @param {(topic: string, message: object) => Promise<unknown>} parts.send resolves when the brokers have it
   * @param {(topic: string) => string | null} parts.topicOf the dead-letter topic of a topic; null: it has none
   * @param {string} parts.group who gives up
   * @param {string} [parts.clientId]
   * @param {() => number} [parts.now] ms since 1970
   */
  constructor({ send, topicOf, group, clientId, now = Date.now }) {
    Object.assign(this, { send, topicOf, group, clientId, now });
  }

  /**
   * @param {{ key, value, headers }} message
   * @param {import('./trail').Trail} trail
   * @param {{ reason: string, error?: unknown }} death
   * @returns {Promise<string | null>} the topic it went to, once it is stored there; null if there is none
   */
  async bury(message, trail, { reason, error }) {
    const topic = this.topicOf(trail.topic);
    if (topic === null) return null;
    await this.send(topic, {
      key: message.key,
      value: message.value,
      headers: {
        ...ownHeaders(message.headers),
        ...trailHeaders({ ...trail, group: this.group, notBefore: null }),
        ...deathHeaders({ reason, error, failedAt: this.now(), clientId: this.clientId }),
      },
    });
    return topic;
  }
}

module.exports = { DeadLetters };
