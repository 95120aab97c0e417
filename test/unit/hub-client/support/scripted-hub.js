'use strict';

const { once } = require('node:events');
const { WebSocketServer } = require('ws');

/** One connection at the hub: what the client sent, in order, and what the script answers. */
class Peer {
  #inbox = [];
  #waiting = [];

  constructor(socket, request) {
    this.socket = socket;
    this.path = request.url;
    this.protocols = (request.headers['sec-websocket-protocol'] ?? '').split(/, ?/);
    this.closed = once(socket, 'close').then(([code]) => code);
    socket.on('message', (data) => {
      this.#inbox.push(JSON.parse(data));
      this.#serve();
    });
  }

  /** The next message; it has to be of this type. */
  async take(type) {
    const message = await new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#serve();
    });
    expect(message).toMatchObject({ type });
    return message;
  }

  send(...messages) {
    for (const message of messages) this.socket.send(JSON.stringify(message));
  }

  welcome(pingIntervalMs = 25_000) {
    this.send({ type: 'welcome', protocol: 1, pingIntervalMs });
  }

  /** Answers the next `subscribe` by a whole snapshot, or what changed; gives the request back. */
  async answer(items = [], { recovered = false, token = 'e~1~0:0' } = {}) {
    const request = await this.take('subscribe');
    const { id, channels, mode } = request;
    this.send({ type: 'subscribed', id, channels, mode, recovered });
    this.send({ type: 'snapshot', id, items, more: false, token });
    return request;
  }

  update(channel, at, data = at) {
    this.send({ type: 'update', channel, at, time: 1, data });
  }

  remove(channel, at) {
    this.send({ type: 'remove', channel, at, time: 1 });
  }

  close(code, reason) {
    this.socket.close(code, reason);
  }

  /** Without a closing handshake: the client sees 1006. */
  cut() {
    this.socket.terminate();
  }

  #serve() {
    while (this.#inbox.length > 0 && this.#waiting.length > 0) {
      this.#waiting.shift()(this.#inbox.shift());
    }
  }
}

/** A hub that does what the test says: for orders of messages that a real one brings on a bad day only. */
class ScriptedHub {
  #server;
  #peers = [];
  #waiting = [];
  connects = 0;

  static async start() {
    const hub = new ScriptedHub();
    hub.#server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      handleProtocols: () => 'easyflow-status.v1',
    });
    hub.#server.on('connection', (socket, request) => hub.#onConnection(socket, request));
    await once(hub.#server, 'listening');
    return hub;
  }

  get url() {
    return `ws://127.0.0.1:${this.#server.address().port}/status`;
  }

  /** The next connection. */
  accept() {
    if (this.#peers.length > 0) return Promise.resolve(this.#peers.shift());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next connection, welcomed. */
  async open(pingIntervalMs) {
    const peer = await this.accept();
    peer.welcome(pingIntervalMs);
    return peer;
  }

  async stop() {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #onConnection(socket, request) {
    this.connects += 1;
    const peer = new Peer(socket, request);
    const waiting = this.#waiting.shift();
    if (waiting) waiting(peer);
    else this.#peers.push(peer);
  }
}

module.exports = { ScriptedHub };
