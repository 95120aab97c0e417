'use strict';

const net = require('node:net');
const { once } = require('node:events');

/** A TCP line to a server, that can be cut. */
class Line {
  #sockets = new Set();
  #server;
  #isCut = false;

  /** @param {number} port of the server */
  static async to(port) {
    const line = new Line();
    line.#server = net.createServer((socket) => line.#join(socket, port));
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get port() {
    return this.#server.address().port;
  }

  /** Ends what is open; nothing gets through until mend(). */
  cut() {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#isCut = false;
  }

  async close() {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near, port) {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = net.connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}

module.exports = { Line };
