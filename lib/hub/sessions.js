'use strict';

// What JavaScript knows of each connection, and the answers to what the shards ask about one.

const { nativeGrant } = require('./grant');
const { describeRequest } = require('./request');
const { Verdict } = require('./rights');

const TOO_MANY_CONNECTIONS = 4504;

/**
 * @typedef {object} Session
 * @property {string} transport 'descriptor' | 'relay' | 'events'
 * @property {object} place of Admission
 * @property {import('./request').RequestFacts | null} request null: it cannot authenticate again
 * @property {import('./grant').Grant | null} grant null: not authenticated yet
 */

class Sessions {
  #native;
  #rights;
  #sessions = new Map();

  /**
   * @param {import('../native').Hub} native
   * @param {import('./rights').Rights} rights
   */
  constructor(native, rights) {
    this.#native = native;
    this.#rights = rights;
  }

  get(connection) {
    return this.#sessions.get(connection);
  }

  /** @param {number} connection @param {Session} session */
  add(connection, session) {
    this.#sessions.set(connection, session);
  }

  /** @returns {Session | undefined} the one that is gone */
  remove(connection) {
    const session = this.#sessions.get(connection);
    this.#sessions.delete(connection);
    session?.place.leave();
    return session;
  }

  /** The shard asks for a connection once at a time. */
  async authenticate(connection, token) {
    const session = this.#sessions.get(connection);
    if (session === undefined) return;
    const { request, place } = session;
    const { verdict, grant } =
      request === null
        ? { verdict: Verdict.refused }
        : await this.#rights.authenticate(describeRequest(request, token));
    if (this.#sessions.get(connection) !== session) return;
    // A connection stays its subject's: what it subscribed to was judged for that one.
    const isOther = session.grant !== null && grant?.subject !== session.grant.subject;
    if (verdict !== Verdict.granted || isOther) {
      this.#native.authenticated(connection, null);
    } else if (!place.takeSubject(grant.subject)) {
      this.#native.disconnect(connection, TOO_MANY_CONNECTIONS, 'too many connections');
    } else {
      session.grant = grant;
      this.#native.authenticated(connection, JSON.stringify(nativeGrant(grant)));
    }
  }

  async authorize(connection, request, subject, pattern) {
    const answer = await this.#rights.authorize(subject, pattern);
    this.#native.authorized(connection, request, answer === null ? -1 : Number(answer));
  }
}

module.exports = { Sessions };
