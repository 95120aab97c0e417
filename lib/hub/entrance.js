'use strict';

// From a request to a connection: the checks, the application's answer, the hand-over.

const { EVENT_HEADERS, isEventSource, subscribeMessage } = require('./event-source');
const { handshake, isWebSocket } = require('./handshake');
const { Refusal, refusalBytes, respondRefusal } = require('./http-answer');
const { checkOrigin, corsHeaders } = require('./origin');
const { tooMany } = require('./admission');
const { nativeGrant } = require('./grant');
const { describeRequest, factsOf, headerBytes, splitTarget } = require('./request');
const { Verdict } = require('./rights');
const { takeDescriptor } = require('./transports');

const RETRY_AFTER_SECONDS = '2';
const NOTHING = Buffer.alloc(0);
const UNAUTHORIZED = { 'WWW-Authenticate': 'Bearer' };

function unavailable(why) {
  return new Refusal(503, why, { 'Retry-After': RETRY_AFTER_SECONDS });
}

/**
 * @typedef {object} EntranceParts
 * @property {object} options result of hubOptions()
 * @property {typeof import('../native').Hub} Hub
 * @property {() => import('../native').Hub} native
 * @property {() => boolean} isOpen whether clients are served: ready, and not about to end
 * @property {import('./rights').Rights} rights
 * @property {import('./admission').Admission} admission
 * @property {() => import('./sessions').Sessions} sessions
 * @property {() => import('./transports').Relay} relay
 * @property {(connection: number, session: object) => void} onConnect
 * @property {(status: number) => void} onRefused
 * @property {(error: Error) => void} onFailure what should not have happened
 */

class Entrance {
  #parts;
  #path;

  /** @param {EntranceParts} parts @param {string} path */
  constructor(parts, path) {
    this.#parts = parts;
    this.#path = path;
  }

  // ── WebSocket ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @returns {boolean} whether an upgrade request is ours */
  wantsUpgrade(request) {
    return splitTarget(request.url).path === this.#path && isWebSocket(request);
  }

  /** @returns {boolean} whether the request is ours */
  upgrade(request, socket, head) {
    if (!this.wantsUpgrade(request)) return false;
    // Nobody else listens any more, and an error without a listener ends the process.
    socket.on('error', () => {});
    // An earlier request on this socket is not answered yet, and cannot be any more.
    if (socket._httpMessage) {
      socket.destroy();
      return true;
    }
    this.#upgrade(request, socket, head).catch((error) => {
      socket.destroy();
      this.#parts.onFailure(error);
    });
    return true;
  }

  async #upgrade(request, socket, head) {
    let entered = null;
    try {
      const { token, deflate, greeting } = handshake(request, this.#parts.options);
      entered = await this.#enter(request, token);
      const { grant, place, facts } = entered;
      const settings = this.#settings(entered, { deflate, encoding: 'websocket' });
      if (socket.destroyed) {
        place.leave();
        return;
      }
      const { connection, transport } = this.#handOver(socket, head, greeting, settings);
      this.#admit(connection, { transport, place, grant, request: facts });
    } catch (error) {
      entered?.place.leave();
      if (!(error instanceof Refusal)) throw error;
      this.#parts.onRefused(error.status);
      socket.end(refusalBytes(error), () => socket.destroy());
    }
  }

  /** To the shard, where there is a descriptor; else JavaScript stays between. */
  #handOver(socket, head, greeting, settings) {
    const { options, Hub, native, relay } = this.#parts;
    const taken = options.transport === 'auto' ? takeDescriptor(Hub, socket, head) : null;
    if (taken !== null) {
      try {
        const connection = native().connect(taken.fd, greeting, taken.head, settings);
        return { connection, transport: 'descriptor' };
      } catch (error) {
        Hub.refuse(taken.fd, refusalBytes(unavailable('Not ready')));
        throw error;
      }
    }
    const connection = native().connect(-1, greeting, head, settings);
    relay().addSocket(connection, socket);
    return { connection, transport: 'relay' };
  }

  // ── Server-sent events ────────────────────────────────────────────────────────────────────────────────────────────

  /** @returns {boolean} whether the request is ours */
  request(request, response) {
    if (splitTarget(request.url).path !== this.#path || !isEventSource(request)) return false;
    response.on('error', () => {});
    this.#serveEvents(request, response).catch((error) => {
      response.destroy();
      this.#parts.onFailure(error);
    });
    return true;
  }

  async #serveEvents(request, response) {
    const { options, native, relay } = this.#parts;
    let entered = null;
    try {
      const { query } = splitTarget(request.url);
      const subscribe = subscribeMessage(query, request.headers['last-event-id']);
      entered = await this.#enter(request);
      const { grant, place } = entered;
      if (grant === null) throw new Refusal(401, 'Not authenticated', UNAUTHORIZED);
      if (response.destroyed) {
        place.leave();
        return;
      }
      response.writeHead(200, {
        ...EVENT_HEADERS,
        ...corsHeaders(request.headers, options.origins),
      });
      response.flushHeaders();
      const settings = this.#settings(entered, { encoding: 'events', subscribe });
      const connection = native().connect(-1, NOTHING, NOTHING, settings);
      this.#admit(connection, { transport: 'events', place, grant, request: null });
      relay().addResponse(connection, response);
    } catch (error) {
      entered?.place.leave();
      if (!(error instanceof Refusal)) throw error;
      this.#parts.onRefused(error.status);
      respondRefusal(response, error, corsHeaders(request.headers, options.origins));
    }
  }

  // ── Both ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * @returns {Promise<{ place: object, grant: object | null, facts: object }>} a place that has to be left, and who it is for
   * @throws {Refusal}
   */
  async #enter(request, token) {
    const { options, rights, admission } = this.#parts;
    if (headerBytes(request) > options.limits.headerBytes) {
      throw new Refusal(431, 'The headers are too large');
    }
    checkOrigin(request.headers, options.origins);
    this.#needOpen();
    const facts = factsOf(request);
    const described = describeRequest(facts, token);
    const place = admission.enter(options.addressOf?.(described) ?? described.remoteAddress);
    try {
      const { verdict, grant = null } = await rights.authenticate(described);
      this.#needOpen();
      if (verdict === Verdict.refused) throw new Refusal(401, 'Not authenticated', UNAUTHORIZED);
      if (verdict === Verdict.late) throw unavailable('Authentication took too long');
      if (grant !== null && !place.takeSubject(grant.subject)) throw tooMany(' of this subject');
      return { place, grant, facts };
    } catch (error) {
      place.leave();
      throw error;
    }
  }

  #needOpen() {
    if (!this.#parts.isOpen()) throw unavailable('Not ready');
  }

  #settings({ grant, place }, more) {
    return JSON.stringify({ ...nativeGrant(grant), address: place.address, ...more });
  }

  #admit(connection, session) {
    this.#parts.sessions().add(connection, session);
    this.#parts.onConnect(connection, session);
  }
}

module.exports = { Entrance };
