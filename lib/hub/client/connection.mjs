import { backoff, jitter } from './backoff.mjs';
import { StatusError } from './status-error.mjs';

const SUBPROTOCOL = 'easyflow-status.v1';
const PROBE_MS = 5_000;

/** The token goes by subprotocol: a browser's WebSocket can send no header. */
function protocolsWith(token) {
  const bytes = String.fromCharCode(...new TextEncoder().encode(token));
  const base64url = btoa(bytes).replace(/[+/=]/g, (sign) => ({ '+': '-', '/': '_' })[sign] ?? '');
  return token ? [SUBPROTOCOL, `bearer.${base64url}`] : [SUBPROTOCOL];
}

/** After these the same client would fail in the same way again. */
function isFinal(code) {
  return code >= 4500 || [1002, 1003, 1007, 1008, 1009, 1010].includes(code);
}

/** The socket: opened, authenticated, watched, and opened again after it was lost. */
export class Connection {
  state;
  #options;
  #owner;
  #socket;
  /** Changes whenever what an attempt is waiting for no longer matters. */
  #attempt = 0;
  #failures = 0;
  #retryTimer;
  #watchTimer;
  #patienceMs;
  #deadline;
  #tokenReason = 'connect';
  #page = new AbortController();

  /** `owner`: { onState(event), onOpen(), onMessage(message), onLost(), onError(error), onEnd(error) } */
  constructor(options, owner) {
    this.#options = options;
    this.#owner = owner;
    const { signal } = this.#page;
    globalThis.addEventListener?.('online', () => this.#wake(), { signal });
    const { document } = globalThis;
    document?.addEventListener('visibilitychange', () => document.hidden || this.#wake(), {
      signal,
    });
    this.#connect();
  }

  send(message) {
    this.#socket?.send(JSON.stringify(message));
  }

  /** A new connection at once. */
  reconnect() {
    this.#drop();
    this.#failures = 0;
    this.#connect();
  }

  /** For good: `error` says why, unless the page wished it. */
  end(error) {
    if (this.state === 'closed') return;
    this.#drop();
    this.#page.abort();
    this.#setState('closed', { error });
    this.#owner.onEnd(error);
  }

  #setState(state, detail) {
    if (this.state === state) return;
    this.state = state;
    this.#owner.onState({ state, ...detail });
  }

  /** The page can be seen again, or the network is there again: timers may have slept, the socket may be dead. */
  #wake() {
    if (this.state === 'waiting') this.#connect();
    if (this.state !== 'open') return;
    this.send({ type: 'ping' });
    this.#expectWithin(PROBE_MS);
  }

  async #connect() {
    clearTimeout(this.#retryTimer);
    if (globalThis.navigator?.onLine === false) {
      this.#setState('waiting', {});
      return;
    }
    const { url, WebSocket, connectTimeoutMs } = this.#options;
    const attempt = ++this.#attempt;
    this.#patienceMs = connectTimeoutMs;
    this.#expectWithin(connectTimeoutMs);
    this.#setState('connecting');
    const token = await this.#token(this.#tokenReason);
    if (attempt !== this.#attempt) return;
    if (token === undefined) {
      this.#lost(1006, 'no token');
      return;
    }
    try {
      this.#use(new WebSocket(url, protocolsWith(token)));
    } catch (cause) {
      // A URL or a page's policy that will not be another one next time.
      this.end(new StatusError('ERR_STATUS_REFUSED', cause.message, { cause }));
    }
  }

  /** '': there is none; undefined: it could not be had, which was told. */
  async #token(reason) {
    const { token } = this.#options;
    try {
      return (typeof token === 'function' ? await token({ reason }) : token) ?? '';
    } catch (cause) {
      const options = { retriable: true, cause };
      this.#owner.onError(new StatusError('ERR_STATUS_TOKEN', 'No token could be had', options));
      return undefined;
    }
  }

  #use(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#deadline = Date.now() + this.#patienceMs;
      try {
        this.#receive(JSON.parse(data));
      } catch (cause) {
        const message = `Not a message: ${String(data).slice(0, 100)}`;
        this.#owner.onError(new StatusError('ERR_STATUS_BAD_MESSAGE', message, { cause }));
      }
    };
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
    socket.onerror = () => {}; // it says nothing, and a close follows
  }

  #receive(message) {
    const { type } = message;
    if (type === 'challenge' || type === 'expiring') this.#authenticate(type);
    else if (type === 'welcome') this.#onWelcome(message);
    else this.#owner.onMessage(message);
    // It has lasted an interval: what fails next is a first failure.
    if (type === 'ping') this.#failures = 0;
  }

  async #authenticate(reason) {
    // A token that never changes gains nothing by being shown again, and might be refused.
    if (reason === 'expiring' && typeof this.#options.token !== 'function') return;
    const attempt = this.#attempt;
    const token = await this.#token(reason);
    if (attempt === this.#attempt && token) this.send({ type: 'authenticate', token });
  }

  #onWelcome({ pingIntervalMs }) {
    if (this.state === 'open') return; // the rights were renewed
    this.#patienceMs = 2 * pingIntervalMs || 60_000;
    this.#expectWithin(this.#patienceMs);
    this.#tokenReason = 'connect';
    this.#setState('open');
    if (this.state === 'open') this.#owner.onOpen(); // unless a listener closed it
  }

  #expectWithin(ms) {
    this.#deadline = Date.now() + ms;
    this.#watch(ms);
  }

  #watch(ms) {
    clearTimeout(this.#watchTimer);
    this.#watchTimer = setTimeout(() => {
      const leftMs = this.#deadline - Date.now();
      if (leftMs > 0) this.#watch(leftMs);
      else this.#lost(1006, 'silent', true);
    }, ms);
  }

  /** `dead`: nobody is there to answer a closing handshake, where that can be left out (`ws`). */
  #drop(dead) {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#attempt += 1;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#watchTimer);
    if (socket) {
      socket.onmessage = socket.onclose = null;
      if (dead && socket.terminate) socket.terminate();
      else socket.close();
    }
    this.#owner.onLost();
  }

  #lost(code, reason, dead) {
    this.#drop(dead);
    if (isFinal(code)) {
      const message = `Closed for good by the hub: ${code} ${reason}`;
      this.end(new StatusError('ERR_STATUS_REFUSED', message, { closeCode: code }));
      return;
    }
    const after = code === 4000 && /after=(\d+)/.exec(reason);
    const retryInMs = after
      ? jitter(Number(after[1]))
      : backoff(this.#options.backoff, this.#failures++);
    if (code === 4002) this.#tokenReason = 'expired';
    this.#retryTimer = setTimeout(() => this.#connect(), retryInMs);
    this.#setState('waiting', { code, reason, retryInMs });
  }
}
