'use strict';

// Clients of a StatusHub for its tests: one by `ws`, one by server-sent events, with the same methods.

const http = require('node:http');
const https = require('node:https');
const WebSocket = require('ws');

const PROTOCOL = 'easyflow-status.v1';

/** TLS without certificates: both sides have a key. */
const KEY = Buffer.from('a key that both sides have'.padEnd(32));
const PSK = { ciphers: 'PSK', maxVersion: 'TLSv1.2' };
const serverTls = { ...PSK, pskCallback: () => KEY };
const clientTls = {
  ...PSK,
  pskCallback: () => ({ psk: KEY, identity: 'test' }),
  checkServerIdentity: () => undefined,
};

/** What came and has not been looked at; pings are left out. */
class Inbox {
  #messages = [];
  #waiting = [];
  #end = null;

  push(message) {
    if (message.type === 'ping') this.lastPing = message;
    else this.#messages.push(message);
    this.#serve();
  }

  /** @param {{ code: number, reason: string }} how */
  end(how) {
    this.#end ??= how;
    this.#serve();
  }

  #serve() {
    while (this.#waiting.length > 0 && (this.#messages.length > 0 || this.#end !== null)) {
      const { resolve, reject } = this.#waiting.shift();
      if (this.#messages.length > 0) resolve(this.#messages.shift());
      else reject(new Error(`The connection has ended: ${this.#end.code} ${this.#end.reason}`));
    }
  }

  next() {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#serve();
    });
  }
}

class Client {
  inbox = new Inbox();
  /** How it ended. */
  closed = new Promise((resolve) => {
    this.onClosed = (code, reason) => {
      this.inbox.end({ code, reason });
      resolve({ code, reason });
    };
  });

  /** The next message, which has to be of that type. */
  async next(type) {
    const message = await this.inbox.next();
    if (message.type !== type) {
      throw new Error(`Expected ${type} but received ${JSON.stringify(message)}`);
    }
    return message;
  }

  /** The next message of that type; others are passed over. */
  async find(type, matches = () => true) {
    for (;;) {
      const message = await this.inbox.next();
      if (message.type === type && matches(message)) return message;
    }
  }

  /** All parts of the next snapshot as one. */
  async snapshot() {
    const { recovered } = await this.next('subscribed');
    const items = [];
    for (;;) {
      const message = await this.next('snapshot');
      items.push(...message.items);
      if (!message.more) return { items, recovered, token: message.token };
    }
  }
}

class SocketClient extends Client {
  /** @param {WebSocket} socket */
  constructor(socket) {
    super();
    this.socket = socket;
    socket.on('message', (text) => this.inbox.push(JSON.parse(text)));
    socket.on('close', (code, reason) => this.onClosed(code, String(reason)));
    socket.on('error', () => {});
  }

  send(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** As a cut does it. */
  cut() {
    this.socket.terminate();
  }

  /** Takes nothing any more. */
  stopReading() {
    this.socket.pause();
  }
}

class EventsClient extends Client {
  /** @param {import('node:http').IncomingMessage} response */
  constructor(response) {
    super();
    this.response = response;
    let text = '';
    let how = [0, 'no close came'];
    response.setEncoding('utf8');
    response.on('data', (chunk) => {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop();
      for (const event of events) {
        for (const line of event.split('\n')) {
          if (line.startsWith('id: ')) this.lastEventId = line.slice(4);
          if (!line.startsWith('data: ')) continue;
          const message = JSON.parse(line.slice(6));
          if (message.type === 'close') how = [message.code, message.reason];
          else this.inbox.push(message);
        }
      }
    });
    response.on('error', () => {});
    response.on('close', () => this.onClosed(...how));
  }

  cut() {
    this.response.destroy();
  }

  stopReading() {
    this.response.pause();
  }
}

/** @returns {Error & { status: number, headers: object, text: string }} of an HTTP answer that is no connection */
async function refusalOf(response) {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const { statusCode: status, headers } = response;
  return Object.assign(new Error(`${status} ${text}`), { status, headers, text });
}

/**
 * @param {string} url of the hub: http or https
 * @param {{ headers?: object, token?: string, protocols?: string[], options?: object }} [how]
 * @returns {Promise<SocketClient>} rejects with refusalOf()
 */
function connectSocket(url, { headers = {}, token, protocols = [PROTOCOL], options = {} } = {}) {
  const all = [...protocols];
  if (token !== undefined) all.push(`bearer.${Buffer.from(token).toString('base64url')}`);
  const tls = url.startsWith('https') ? clientTls : {};
  const socket = new WebSocket(url.replace(/^http/, 'ws'), all, { headers, ...tls, ...options });
  const client = new SocketClient(socket);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(client));
    socket.once('error', reject);
    socket.once('unexpected-response', async (_, response) => reject(await refusalOf(response)));
  });
}

/** @returns {Promise<EventsClient>} rejects with refusalOf() */
function connectEvents(url, { headers = {}, token, ...query } = {}) {
  const { request } = url.startsWith('https') ? https : http;
  const target = new URL(url);
  for (const [name, value] of Object.entries(query)) {
    for (const item of [value].flat()) {
      target.searchParams.append(name, typeof item === 'object' ? JSON.stringify(item) : item);
    }
  }
  const asked = request(target, {
    agent: false,
    headers: {
      Accept: 'text/event-stream',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(url.startsWith('https') ? clientTls : {}),
  });
  asked.end();
  return new Promise((resolve, reject) => {
    asked.on('error', reject);
    asked.on('response', async (response) => {
      if (response.statusCode === 200) resolve(new EventsClient(response));
      else reject(await refusalOf(response));
    });
  });
}

/** The refusal of an upgrade request with these headers in the place of the right ones. */
function refusedUpgrade(url, headers, method = 'GET') {
  const { request } = url.startsWith('https') ? https : http;
  const asked = request(url, {
    agent: false,
    method,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
    ...(url.startsWith('https') ? clientTls : {}),
  });
  asked.end();
  return new Promise((resolve, reject) => {
    asked.on('error', reject);
    asked.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error('The upgrade was accepted'));
    });
    asked.on('response', (response) => resolve(refusalOf(response)));
  });
}

module.exports = { connectSocket, refusedUpgrade, connectEvents, serverTls, clientTls, PROTOCOL };
