import { EventEmitter } from 'node:events';
import { IncomingHttpHeaders, Server as HttpServer } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { Kafka } from './kafka';
import { IHeaders } from './common';
import { Catalog, CatalogData } from './service-catalog';

/** A channel, or the beginning of channels with `*` at its end: 'task/42', 'task/*', '*'. */
export type ChannelPattern = string;

/** Who somebody is, and what he may see and send. */
export interface HubGrant {
  /** Not empty. What `limits.connectionsPerSubject`, `authorize()` and `revoke()` go by. */
  subject: string;
  /** Channels that need no further question. */
  allow: ChannelPattern[];
  /** Milliseconds since 1970, or a Date: the connection ends then unless its client has authenticated again. */
  expiresAt?: number | Date;
  /** Routes of the option `publish`; '*' for all. Default none. */
  publish?: string[];
}

/** A request for a connection. */
export interface HubRequest {
  readonly headers: IncomingHttpHeaders;
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly cookies: Readonly<Record<string, string>>;
  /** Of the subprotocol `bearer.…`, the header `Authorization: Bearer …`, or a message `authenticate`. */
  readonly token: string | undefined;
  readonly remoteAddress: string;
  /** TLS in this server; a proxy's is not known. */
  readonly secure: boolean;
}

/** What authenticate() is asked with. */
export interface HubAuthenticateRequest extends HubRequest {
  /** Aborted when the answer comes too late: `handshakeMs`. */
  readonly signal: AbortSignal;
}

export interface HubAuthorizeQuestion {
  readonly subject: string;
  readonly pattern: ChannelPattern;
  /** Aborted when the answer comes too late: `authorizeMs`. */
  readonly signal: AbortSignal;
}

/** What a client publishes, before it is a Kafka message. */
export interface HubPublish {
  readonly subject: string;
  readonly key: string | undefined;
  readonly data: any;
}

export interface HubPublishRoute {
  topic: string;
  /** JSON Schema (draft 7) of `data`. */
  schema?: object;
  /** A field of `data` ('task.id') or a function. Default: the client's `key`. */
  key?: string | ((publish: HubPublish) => string | null | undefined);
  headers?: IHeaders | ((publish: HubPublish) => IHeaders);
}

export interface HubLimits {
  /** Default 100,000. */
  connections?: number;
  /** Default 100; anonymous ones do not count. */
  connectionsPerSubject?: number;
  /** Default 10,000; see `addressOf`. */
  connectionsPerAddress?: number;
  /** Of a request for a connection. Default 16,384. */
  headerBytes?: number;
  /** Of a connection. Default 100. */
  subscriptions?: number;
  /** Of a subscription. Default 100. */
  patterns?: number;
  /** From a client. Default 65,536. */
  messageBytes?: number;
  /** From a client. Default 100. */
  messagesPerSecond?: number;
  /** That wait for a client. Default 1 MiB. */
  outboundBytes?: number;
  /** How long a client may take nothing. Default 30,000. */
  slowMs?: number;
  /** Unanswered ones of a connection. Default 16. */
  publishes?: number;
}

export interface HubStoreOptions {
  /** Default 1,000,000. */
  maxEntities?: number;
  /** Default 512 MiB. */
  maxBytes?: number;
  /** Updates that are kept for mode `all`. Default 100,000. */
  historyUpdates?: number;
  /** Default 64 MiB. */
  historyBytes?: number;
  /** How long removed entities are remembered for clients that resume. Default 600,000. */
  tokenMs?: number;
}

/** What a record says of an entity, for `transform`. */
export interface HubUpdate {
  channel: string;
  topic: string;
  partition: number;
  offset: string;
  /** The record's timestamp, ms since 1970. */
  time: number;
  /** Null: none, or one that is not UTF-8. */
  key: string | null;
  /** The record's value. */
  data: any;
}

export interface StatusHubOptions {
  /**
   * Names, or ids of the catalog. Numbered in this order: every hub of a population of clients has to have the same one. Default: those
   * of the catalog that have a channel.
   */
  topics?: (string | { topic: string; compacted?: boolean; channel?: string })[];
  /** What names an entity: '{entityType}/{entityId}', 'task/{data.id|key}', '{header:tenant}/{key}'. Default: each topic's of the catalog. */
  channel?: string;
  /** Has topics and channels that are not given. Default: that of the service, if the hub is given one. */
  catalog?: string | URL | CatalogData | Catalog;
  /** Default '/status'. */
  path?: string;
  /** Where topics that are not compacted are read from. Default 'window'. */
  from?: 'window' | 'beginning';
  /** Default 24 hours. */
  window?: { ms?: number };
  /** How often new partitions and new topics of the same name are looked for. Default 30,000. */
  metadataIntervalMs?: number;
  /** Threads. Default: one for every two cores, at most 4. */
  shards?: number;
  store?: HubStoreOptions;
  /** Default 25,000. */
  pingIntervalMs?: number;
  /** How long a client may take to send its token. Default 10,000. */
  authenticateMs?: number;
  /** How long authenticate() may take. Default 10,000. */
  handshakeMs?: number;
  /** How long authorize() may take. Default 10,000. */
  authorizeMs?: number;
  /** How long before the end of its rights a client is told. Default 60,000. */
  expiryNoticeMs?: number;
  limits?: HubLimits;
  /** A subscription of mode `all` whose client is too slow: a gap, or the end of the connection. Default 'gap'. */
  overflow?: 'gap' | 'close';
  /** permessage-deflate. Default on, from 1,024 bytes. */
  compression?: boolean | { thresholdBytes?: number };
  /** Pages that may connect. Default: those of the same host. */
  origins?: '*' | string[];
  /** The address that counts for `connectionsPerAddress`: behind a proxy it is in a header. */
  addressOf?: (request: HubRequest) => string;
  /** Everybody is let in, without authenticate(). */
  anonymous?: { allow: ChannelPattern[]; publish?: string[] };
  /** Verdicts of authorize() that are kept. Default 10,000 for 60,000 ms. */
  authorizeCache?: { max?: number; ttlMs?: number };
  /** What clients may publish, by name. Default nothing. */
  publish?: Record<string, HubPublishRoute>;
  /**
   * The data that clients get of an update, in place of the record's value; null drops the update. Synchronous, and not called for
   * removals. It runs on the JavaScript thread, once for every update that is read: what it costs, that thread pays.
   */
  transform?: (update: HubUpdate) => unknown;
  /** 'relay': bytes go through JavaScript, also where a socket could be handed over. Default 'auto'. */
  transport?: 'auto' | 'relay';
  /** A Registry of prom-client, which has the hub's metrics until close(). */
  metricsRegistry?: {
    registerMetric(metric: any): void;
    getSingleMetric(name: string): unknown;
    removeSingleMetric(name: string): void;
  };
}

export type StatusHubState = 'idle' | 'starting' | 'rebuilding' | 'ready' | 'closing' | 'closed';

export interface StatusHubMetrics {
  state: StatusHubState;
  ready: boolean;

  /** What there is now. */
  connections: number;
  subscriptions: number;
  /** Different subscriptions: what is made once for all who have it. */
  streams: number;
  /** Subscriptions that are given a snapshot or what they missed. */
  catchingUp: number;
  /** Bytes that wait for clients. */
  queuedBytes: number;
  entities: number;
  storeBytes: number;
  /** Connections whose bytes go through JavaScript. */
  relayed: number;
  authorizeCacheEntries: number;

  /** What has happened since attach(). */
  accepted: number;
  /** By HTTP status. */
  refused: Record<string, number>;
  records: number;
  /** Records that name no channel. */
  invalid: number;
  updates: number;
  evicted: number;
  /** Removals of entities that were not known. */
  unknownRemovals: number;
  deliveries: number;
  conflated: number;
  gaps: number;
  snapshots: number;
  snapshotItems: number;
  /** Subscriptions that went on where their client was. */
  recovered: number;
  bytesOut: number;
  bytesIn: number;
  messagesIn: number;
  writes: number;
  flushes: number;
  slowCloses: number;

  /** From a record's timestamp to the sockets, all deliveries. */
  latencyP50Ms: number;
  latencyP99Ms: number;
}

/** How much of what the topics had is read. Offsets stand for records: there are fewer where a topic is compacted. */
export interface HubProgress {
  records: number;
  total: number;
  partitions: number;
  partitionsDone: number;
}

export interface HubConnectionEvent {
  connection: number;
  /** null: not authenticated yet; '': anonymous. */
  subject: string | null;
  address: string;
  transport: 'descriptor' | 'relay' | 'events';
}

/** Records that name no channel, or are no JSON; `count` of them since the last event. */
export interface HubInvalidEvent {
  topic: string;
  partition: number;
  offset: string;
  reason: string;
  count: number;
}

export interface StatusHubEvents {
  progress: [progress: HubProgress];
  ready: [];
  connect: [event: HubConnectionEvent];
  disconnect: [event: HubConnectionEvent & { code: number }];
  invalid: [event: HubInvalidEvent];
  /** Without a listener it is logged only. */
  error: [error: Error];
}

/** Status updates from Kafka to browsers: docs/status-hub.md. */
export declare class StatusHub extends EventEmitter {
  /** A KafkaService shows the hub's metrics among its own. */
  constructor(kafka: Kafka, options: StatusHubOptions);
  constructor(service: { readonly kafka: Kafka }, options?: StatusHubOptions);
  readonly state: StatusHubState;

  /**
   * Who a request is. Nothing: the client has to send a token by a message, and is asked about again. Whatever is thrown refuses.
   */
  authenticate(
    fn: (
      request: HubAuthenticateRequest,
    ) => HubGrant | null | undefined | void | Promise<HubGrant | null | undefined | void>,
  ): this;
  /** Whether a subject may subscribe to what its `allow` does not cover. */
  authorize(fn: (question: HubAuthorizeQuestion) => boolean | Promise<boolean>): this;
  /** Ends all connections of the subject, and forgets what authorize() has said of it. */
  revoke(subject: string): void;

  /** Serves clients at a path of the server. Resolves when the topics are being read. */
  attach(server: HttpServer | HttpsServer, options?: { path?: string }): Promise<void>;
  /** The server's requests are not the hub's any more; connections stay. */
  detach(server: HttpServer | HttpsServer): void;
  /** Resolves when clients are served. */
  whenReady(): Promise<void>;
  /** Sends everybody away within `drainMs` (default 0) and ends everything. */
  close(options?: { drainMs?: number }): Promise<void>;

  metrics(): StatusHubMetrics;

  on<E extends keyof StatusHubEvents>(
    event: E,
    listener: (...args: StatusHubEvents[E]) => void,
  ): this;
  once<E extends keyof StatusHubEvents>(
    event: E,
    listener: (...args: StatusHubEvents[E]) => void,
  ): this;
  off<E extends keyof StatusHubEvents>(
    event: E,
    listener: (...args: StatusHubEvents[E]) => void,
  ): this;
}
