/** What StatusClient needs of a WebSocket: a browser's, Node.js 22's, or the one of the package `ws`. */
export interface WebSocketLike {
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(data: string): void;
  close(): void;
}
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** Why a token is asked for: a new connection, the hub's question, rights that end soon, rights that have ended. */
export type TokenReason = 'connect' | 'challenge' | 'expiring' | 'expired';
export type TokenSource =
  string | ((request: { reason: TokenReason }) => string | null | Promise<string | null>);

export interface SubscribeOptions {
  /** `latest` (default): the last state of each entity counts; `all`: every update, in the order of its partition. */
  mode?: 'latest' | 'all' | undefined;
  /** Mode `latest`: the hub sends at most one update of an entity in that time. */
  maxRateMs?: number | undefined;
  /** Field (dotted path in `data`) to a value or a list of values; all have to match. */
  filter?: Record<string, FilterValue | FilterValue[]> | undefined;
  /** Mode `all`: what an iterator may leave untaken, 10,000; past it a `gap`. */
  queueSize?: number | undefined;
}
export type FilterValue = string | number | boolean | null;

export interface StatusClientOptions {
  token?: TokenSource | undefined;
  /** Default: the global one, which Node.js has from 22 on. */
  WebSocket?: WebSocketConstructor | undefined;
  /** Ceiling of the random wait before a new attempt: `baseMs` (500) doubled at each failure, up to `maxMs` (30,000). */
  backoff?: { baseMs?: number | undefined; maxMs?: number | undefined } | undefined;
  /** From the attempt to the hub's `welcome`; 20,000. */
  connectTimeoutMs?: number | undefined;
  /** Defaults for subscribe(). */
  mode?: 'latest' | 'all' | undefined;
  maxRateMs?: number | undefined;
  filter?: Record<string, FilterValue | FilterValue[]> | undefined;
  queueSize?: number | undefined;
}

export interface Entity<T = unknown> {
  readonly data: T;
  /** "<partition>:<offset>" of the Kafka message. */
  readonly at: string;
  /** Its timestamp, ms. */
  readonly time: number;
}
export interface StatusUpdate<T = unknown> extends Entity<T> {
  readonly type: 'update';
  readonly channel: string;
}
export interface StatusRemove {
  readonly type: 'remove';
  readonly channel: string;
  /** Of the removal; of the last state where the removal itself was not seen. */
  readonly at: string;
  readonly time: number;
}
/** Mode `all` only: updates were left out here; what follows is the newest of each entity, then every update again. */
export interface StatusGap {
  readonly type: 'gap';
  readonly reason: string;
}
export type StatusChange<T = unknown> = StatusUpdate<T> | StatusRemove | StatusGap;

/** `code`: docs/status-client.md. */
export class StatusError extends Error {
  readonly name: 'StatusError';
  readonly code: string;
  /** The same may succeed later. */
  readonly retriable: boolean;
  /** With which the hub closed the connection. */
  readonly closeCode: number | undefined;
}

export interface SubscriptionEvents<T = unknown> {
  update: StatusUpdate<T>;
  remove: StatusRemove;
  /** `entities` is whole. `recovered` false: it was replaced, not brought up to date. */
  snapshot: { readonly recovered: boolean };
  gap: StatusGap;
  /** `retriable`: it is being tried again; otherwise the subscription has ended. */
  error: StatusError;
}

export class Subscription<T = unknown> implements AsyncIterable<StatusChange<T>> {
  private constructor();
  /** The first snapshot is complete. Rejects when the subscription ends before. */
  readonly ready: Promise<void>;
  /** Channel to newest state. Kept up to date by the client. */
  readonly entities: ReadonlyMap<string, Entity<T>>;
  /** Returns a function that takes the listener away. */
  on<K extends keyof SubscriptionEvents>(
    event: K,
    listener: (event: SubscriptionEvents<T>[K]) => void,
  ): () => void;
  close(): void;
  /** Begins with the entities as they are. Leaving the loop closes the subscription. */
  [Symbol.asyncIterator](): AsyncIterableIterator<StatusChange<T>>;
}

export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed';
export interface StateEvent {
  readonly state: ConnectionState;
  /** waiting: how the last connection ended, and when the next attempt comes; none while the browser is offline. */
  readonly code?: number;
  readonly reason?: string;
  readonly retryInMs?: number;
  /** closed: why, unless by close(). */
  readonly error?: StatusError | undefined;
}

export class StatusClient {
  /** `url`: also relative in a browser; http and https are taken for ws and wss. */
  constructor(url: string | URL, options?: StatusClientOptions);
  readonly state: ConnectionState;
  on(event: 'state', listener: (event: StateEvent) => void): () => void;
  on(event: 'error', listener: (error: StatusError) => void): () => void;
  /** `channels`: a channel, or the beginning of channels with `*` at its end, or several. */
  subscribe<T = unknown>(
    channels: string | readonly string[],
    options?: SubscribeOptions,
  ): Subscription<T>;
  /** Resolves once Kafka has acknowledged. Rejects while there is no connection. */
  publish(
    route: string,
    data: unknown,
    options?: { key?: string | undefined },
  ): Promise<{ at: string }>;
  /** A new connection at once. */
  reconnect(): void;
  /** Ends everything, for good. */
  close(): void;
}
