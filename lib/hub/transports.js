'use strict';

// The ways of a connection's bytes, behind one function each: the shard has the socket's descriptor, or JavaScript reads and
// writes for it (TLS, platforms without descriptors, server-sent events).

/** How long a peer may take to close its side after ours is closed. */
const LINGER_MS = 2_000;

/** Nothing that the socket has buffered may be lost, nor may libuv read on: it would, even after pause(). */
function stopReading(socket, head) {
  socket._handle.readStop();
  const chunks = head.length > 0 ? [head] : [];
  for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * A descriptor of the shard's own. The socket is gone for JavaScript afterwards: destroyed, not ended, which would say
 * goodbye to the peer.
 *
 * @param {typeof import('../native').Hub} Hub
 * @param {import('node:net').Socket} socket
 * @param {Buffer} head
 * @returns {{ fd: number, head: Buffer } | null} null: this socket has none that could be handed over
 */
function takeDescriptor(Hub, socket, head) {
  const fd = socket._handle?.fd;
  const isPlain = socket.encrypted !== true && typeof socket._handle?.readStop === 'function';
  if (!isPlain || !Number.isInteger(fd) || fd < 0 || socket.writableLength > 0) return null;
  const own = Hub.dupDescriptor(fd);
  if (own < 0) return null;
  const leftovers = stopReading(socket, head);
  socket.destroy();
  return { fd: own, head: leftovers };
}

/** Connections whose bytes go through JavaScript. */
class Relay {
  #hub;
  #streams = new Map();

  /** @param {import('../native').Hub} hub */
  constructor(hub) {
    this.#hub = hub;
  }

  get size() {
    return this.#streams.size;
  }

  /** Of a connection that hub.connect(-1, …) has made. */
  addSocket(connection, socket) {
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#hub.receive(connection, bytes));
    socket.on('end', () => this.#gone(connection));
    this.#add(connection, socket);
    socket.resume();
  }

  /** @param {import('node:http').ServerResponse} response of server-sent events; its head is written */
  addResponse(connection, response) {
    response.socket?.setNoDelay?.(true);
    this.#add(connection, response);
  }

  #add(connection, stream) {
    this.#streams.set(connection, stream);
    // 'close' follows, and says all there is to know.
    stream.on('error', () => {});
    stream.on('close', () => this.#gone(connection));
    if (stream.destroyed) this.#gone(connection);
  }

  /** The event Writes: each buffer is answered when the socket took it. */
  write(connections, buffers) {
    const corked = new Set();
    connections.forEach((connection, i) => {
      const stream = this.#streams.get(connection);
      if (stream === undefined) return;
      if (!corked.has(stream)) {
        corked.add(stream);
        stream.cork();
      }
      const bytes = buffers[i];
      stream.write(bytes, () => {
        if (this.#streams.has(connection)) this.#hub.written(connection, bytes.length);
      });
    });
    for (const stream of corked) stream.uncork();
  }

  /** The event End. */
  end(connection) {
    const stream = this.#streams.get(connection);
    if (stream === undefined) return;
    const timer = setTimeout(() => stream.destroy(), LINGER_MS);
    stream.on('close', () => clearTimeout(timer));
    stream.end();
  }

  /** Once for each connection, however it ended. */
  #gone(connection) {
    const stream = this.#streams.get(connection);
    if (stream === undefined) return;
    this.#streams.delete(connection);
    this.#hub.gone(connection);
    if (!stream.destroyed) stream.destroy();
  }

  /** Resolves when no socket is left; what was not ended is destroyed. */
  async drained() {
    const closed = [...this.#streams.values()].map(
      (stream) =>
        new Promise((resolve) => {
          stream.on('close', resolve);
          if (!stream.writableEnded) stream.destroy();
          if (stream.closed) resolve();
        }),
    );
    await Promise.all(closed);
  }
}

module.exports = { Relay, takeDescriptor };
