'use strict';

// Requests of a server that are ours before anybody else sees them. Listeners cannot hide an event from each other, and what
// stands beside us does not leave sockets alone that it does not know: `ws` answers them 400, socket.io ends them. So the server's emit() asks
// us first; what is not ours goes on as if we were not there.

const tls = require('node:tls');

/** By symbol of the process: Jest loads this file more than once. */
const OURS = Symbol.for('easyflow-kafka.upgrade-listener');

/** Server -> its hook. */
const hooks = new WeakMap();

/** The request's head again, without what asks for another protocol. */
function plainHead({ method, url, httpVersion, rawHeaders }) {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toLowerCase();
    let value = rawHeaders[i + 1];
    if (name === 'upgrade') continue;
    if (name === 'connection') {
      const options = value.split(',').map((option) => option.trim());
      value = options.filter((option) => option.toLowerCase() !== 'upgrade').join(', ');
    }
    if (value !== '') head += `${rawHeaders[i]}: ${value}\r\n`;
  }
  return Buffer.from(`${head}\r\n`, 'latin1');
}

/**
 * Node.js hands a request with `Upgrade:` to nobody else once there is a listener of upgrades. Where there is none but ours, it is
 * the ordinary request that it would have been without us: the server reads it again.
 */
function serveAsRequest(server, request, socket, head) {
  // The answer to an earlier request is not written yet, and the server has let go of the socket.
  if (socket._httpMessage) {
    socket.destroy();
    return;
  }
  if (head.length > 0) socket.unshift(head);
  socket.unshift(plainHead(request));
  server.emit(server instanceof tls.Server ? 'secureConnection' : 'connection', socket);
}

function isAlone(server) {
  return server.listeners('upgrade').every((listener) => listener[OURS] === true);
}

class ServerHook {
  #server;
  #handlers = new Set();
  #inherited;
  #emit;
  #shouldUpgrade;
  #listener = Object.assign(() => {}, { [OURS]: true });

  /** @param {import('node:http').Server} server */
  constructor(server) {
    this.#server = server;
  }

  add(handler) {
    if (this.#handlers.size === 0) this.#install();
    this.#handlers.add(handler);
  }

  remove(handler) {
    if (!this.#handlers.delete(handler) || this.#handlers.size > 0) return;
    this.#server.removeListener('upgrade', this.#listener);
    if (this.#shouldUpgrade !== undefined) {
      this.#server.shouldUpgradeCallback = this.#shouldUpgrade;
    }
    // Somebody else's may lie over ours by now, which then only passes on.
    if (this.#server.emit !== this.#emit) return;
    if (this.#inherited === undefined) delete this.#server.emit;
    else this.#server.emit = this.#inherited;
    hooks.delete(this.#server);
  }

  #install() {
    const server = this.#server;
    server.on('upgrade', this.#listener);
    this.#askBeforeUpgrades();
    if (this.#emit !== undefined) return;
    this.#inherited = Object.hasOwn(server, 'emit') ? server.emit : undefined;
    const original = server.emit;
    const takes = (type, args) => this.#takes(type, args);
    this.#emit = function emit(type, ...args) {
      if ((type === 'upgrade' || type === 'request') && takes(type, args)) return true;
      return original.call(this, type, ...args);
    };
    server.emit = this.#emit;
  }

  /** Node.js 24.9 and later ask what is an upgrade: no other request comes to be one because of us. */
  #askBeforeUpgrades() {
    const server = this.#server;
    const original = server.shouldUpgradeCallback;
    this.#shouldUpgrade = original;
    if (original === undefined) return;
    server.shouldUpgradeCallback = (request) =>
      [...this.#handlers].some((handler) => handler.wantsUpgrade(request)) ||
      (!isAlone(server) && original.call(server, request));
  }

  #takes(type, args) {
    for (const handler of this.#handlers) if (handler[type](...args)) return true;
    if (type !== 'upgrade' || this.#handlers.size === 0 || !isAlone(this.#server)) return false;
    serveAsRequest(this.#server, ...args);
    return true;
  }
}

/**
 * @param {import('node:http').Server} server
 * @param {{ wantsUpgrade: Function, upgrade: Function, request: Function }} handler takes what the event has, and says whether the
 *   request is its own
 * @returns {() => void} takes it away again
 */
function hookServer(server, handler) {
  let hook = hooks.get(server);
  if (hook === undefined) {
    hook = new ServerHook(server);
    hooks.set(server, hook);
  }
  hook.add(handler);
  return () => hook.remove(handler);
}

module.exports = { hookServer };
