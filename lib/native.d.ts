/**
 * The border: what the native addon shows to lib/. Internal, not part of the package's public types.
 *
 * Two kinds of crossing:
 *  - hot: `Producer.enqueue` (packed sends), `Consumer.done` (credits) and the events `Batch` and `Delivery`; they
 *    carry packed blocks, one crossing for many messages.
 *  - cold: `request(id, operation, argumentsJson)`; each request is answered by exactly one `Response` event with the
 *    same id, also when the client closes meanwhile (error `_DESTROY`).
 *
 * Every 64-bit number inside JSON (offsets, timestamps) is a decimal string.
 */

/** Fields of a librdkafka error. lib/errors/from-native.js is the only place that turns them into an Error. */
export interface NativeError {
  /** Number of rd_kafka_resp_err_t: negative = local to librdkafka, positive = Kafka protocol error code. */
  code: number;
  /** Name as in rd_kafka_err2name(): `_TRANSPORT`, `TOPIC_AUTHORIZATION_FAILED`, … */
  name: string;
  message: string;
  fatal: boolean;
  retriable: boolean;
  /** The current transaction has to be aborted. */
  abortable: boolean;
}

/** First argument of every call of a client's `onEvent(kind, a, b, c, d, e, f)`. */
export const enum EventKind {
  /** (id: number, error: NativeError | null, resultJson: string | null) */
  Response = 0,
  /** (error: NativeError) client-wide error: all brokers down, authentication, TLS, fatal producer error … */
  Error = 1,
  /** (level: number (syslog 0-7), facility: string, message: string) */
  Log = 2,
  /** (statistics: object) see core/statistics.h; parsed natively */
  Statistics = 3,
  /** (oauthbearerConfig: string) answer by request 'setOauthBearerToken' or 'setOauthBearerTokenFailure' */
  TokenRefresh = 4,
  /**
   * (slot: number, generation: number, block: Buffer, count: number, brokerId: number (-1: not known),
   * highWatermark: number | bigint (negative: not known)) see "Consume block"
   */
  Batch = 5,
  /** (id: number, type: 'assign' | 'revoke' | 'lost', partitions: {slot, topic, partition}[]) see "Rebalance" */
  Rebalance = 6,
  /** (settled: Int32Array, words: number) see "Delivery block" */
  Delivery = 7,
  /** (slot: number, topic: string, partition: number, error: NativeError) error of one consumed partition */
  PartitionError = 8,
  /** (words: Float64Array, brokers: string[], dropped: number) see "Requests" */
  Requests = 9,
}

/**
 * Consume block: `count` records of ONE partition (that of `slot`), ascending offsets. Little endian int32 words, 8 a
 * record, then the bytes:
 *   word 0 bytesOffset   from the start of the block to this record's bytes: key, then value, then headers
 *   word 1 keyLength     -1: null key
 *   word 2 valueLength   -1: null value
 *   word 3 headerCount | attributes << 24   (attributes: timestamp type 0 create time, 1 log append time)
 *   word 4 offset low, 5 offset high (64-bit)
 *   word 6 timestamp low, 7 timestamp high (64-bit, ms; -1 none)
 * Headers: headerCount times { int32 nameLength, int32 valueLength (-1: null), name (UTF-8), value }, unaligned.
 * `block.byteOffset` is a multiple of 8. A block is one credit: give it back with `done(slot)` exactly once when its
 * last record was handled (or the block dropped), also for slots revoked meanwhile (ignored then).
 *
 * Produce block (argument of `enqueue`): sections one behind the other, each 4-byte aligned:
 *   header, 8 int32: [sectionBytes (a multiple of 4, header included), sendId, topicId, count, extended (0|1), reserved ×3]
 *   records: extended = 0: 2 words a record [keyLength, valueLength]                       (-1: null)
 *            extended = 1: 6 words a record [keyLength, valueLength, partition (-1: partitioner), headersLength (bytes),
 *                                            timestamp low, timestamp high]               (timestamp -1: now)
 *   bytes: for each record key, value, headers ({ int32 nameLength, int32 valueLength (-1: null), name, value } …), no gaps
 * A section is settled as a whole: one entry in a later Delivery event for its sendId. sendIds are chosen by lib/
 * (uint31) and may be used again after they are settled. The memory may be reused when `enqueue` returns.
 *
 * Delivery block: entries one behind the other:
 *   [sendId, partitionCount, then partitionCount × 8 words:
 *     partition, errorCode (0 = ok, else rd_kafka_resp_err_t of the first failed record), acknowledgedCount, failedCount,
 *     baseOffset low, baseOffset high (-1 unknown), logAppendTime low, high (-1: not LogAppendTime)]
 * Records that failed before they had a partition are under partition -1.
 *
 * Requests: what brokers answered or failed to answer in time, only after `traceRequests(true)`; `dropped` more were not kept.
 * 8 words a request: [timedOut (0|1), apiKey, apiVersion, correlationId, response bytes, round trip in µs (-1 unknown),
 *   noted at (ms since the epoch), broker id (-1 unknown)]; `brokers` has librdkafka's name of the broker of each.
 *
 * Rebalance: `assign` is informative: the partitions are being assigned (a request for one may come a moment too early and
 * is tried again natively), each with a new slot (slots are never used twice), and its Batch events come after it. `revoke` and `lost`: no Batch event of these slots comes after it; lib/
 * lets running handlers finish, commits, then calls request 'rebalanceDone' {id}; only then (or when the rebalance
 * deadline passes) does the native side give the partitions up. `lost`: they belong to somebody else already.
 * The id of an 'assign' needs no answer.
 */

/** Librdkafka properties in order. A value is a string; functions never cross. */
export type ConfigEntries = [name: string, value: string][];

/** Thrown synchronously by constructors: `code` ERR_CONFIG, with `property` and a message of librdkafka. */
export interface NativeConfigError extends Error {
  code: 'ERR_CONFIG' | 'ERR_CREATE';
  property?: string;
}

type OnEvent = (kind: EventKind, a?: any, b?: any, c?: any, d?: any, e?: any, f?: any) => void;

declare class Client {
  /** The event loop stays alive while any client of the environment is ref'd. New clients are not. Idempotent booleans, not counts. */
  ref(): void;
  unref(): void;
  /** Whether events "Requests" come. Off at first: then librdkafka's threads look at one flag a response. */
  traceRequests(enabled: boolean): void;
  /**
   * Operations of every client:
   *  'metadata' {topic?: string (absent: all topics), brokersOnly?: boolean (no topics), timeoutMs} ->
   *      {clusterId, controllerId, brokers:[{id,host,port}], topics:[{topic, error: NativeError|null, partitions:[{partition, error: NativeError|null, leader, replicas:[], isrs:[]}]}]}
   *  'watermarks' {topic, partition, timeoutMs} -> {low: "0", high: "12"}          (asks the broker)
   *  'offsetsForTimes' {partitions:[{topic, partition, timestamp: "ms"}], timeoutMs} -> [{topic, partition, offset: "5" | "-1", error|null}]
   *  'setOauthBearerToken' {value, lifetimeMs: "epoch ms", principal, extensions: {}} -> null
   *  'setOauthBearerTokenFailure' {message} -> null
   *  'setSaslCredentials' {username, password} -> null   for the next login
   *  'close' {timeoutMs} -> null   refuse, settle, destroy; every later request answers _DESTROY; after its Response no event comes
   */
  request(id: number, operation: string, argumentsJson: string): void;
}

export class Producer extends Client {
  constructor(config: ConfigEntries, onEvent: OnEvent);
  /** Registers a topic with its topic-level properties (first call wins), returns its topicId; throws NativeConfigError. */
  topic(name: string, config?: ConfigEntries): number;
  /** Copies `block[0..byteLength)` and hands it to the poller. Never blocks, has no limit of its own: lib/ keeps the credit. */
  enqueue(block: Uint8Array, byteLength: number): void;
  /**
   * Further operations:
   *  'flush' {timeoutMs} -> null
   *  'initTransactions' | 'commitTransaction' | 'abortTransaction' {timeoutMs}, 'beginTransaction' {} -> null
   *  'sendOffsets' {groupId?: string, consumer?: never, groupMetadata?: string (base64 from consumer request 'groupMetadata'),
   *                 offsets:[{topic, partition, offset, metadata?}], timeoutMs} -> null
   */
}

export class Consumer extends Client {
  /**
   * options: maxBatchMessages, maxBatchBytes, maxBatchWaitMs (0: hand out what is there), maxBlocksPerPartition (credits a
   * slot), maxOutstandingBytes (all blocks JS holds, freed by GC or not), rebalanceTimeoutMs (deadline of a revoke),
   * pollIntervalMs (keep-alive of max.poll.interval.ms)
   */
  constructor(config: ConfigEntries, options: Record<string, number>, onEvent: OnEvent, hub?: Hub);
  /** One block of this slot was handled: one credit back. */
  done(slot: number): void;
  /** Stop/continue handing out blocks of these slots (fetching goes on until the queue is full; nothing is purged). */
  pause(slots: number[]): void;
  resume(slots: number[]): void;
  /** Bytes of blocks that JS has not freed yet. */
  outstandingBytes(): number;
  /**
   * Further operations:
   *  'subscribe' {topics:[{topic, offsetReset: 'earliest'|'latest'|'error'}]} -> null   replaces the subscription; a topic that starts with ^ is a librdkafka regex
   *  'unsubscribe' {} -> null      leaves the group: a 'revoke' comes first
   *  'assign' {partitions:[{topic, partition, offset: "12" | "-2" (beginning) | "-1" (end) | "-1000" (stored)}], incremental?: boolean (add them)} -> null   manual assignment ([] = none)
   *  'commit' {offsets:[{topic, partition, offset: "13", metadata?: string, leaderEpoch?: number}]} -> [{topic, partition, error|null}]   rejects with the request error; offset = next to read
   *  'committed' {partitions:[{topic, partition}], timeoutMs} -> [{topic, partition, offset, metadata, error|null}]
   *  'seek' {slot, offset, generation} -> null    blocks with a lower generation are stale; lib/ chooses generation = last + 1 (starts at 0)
   *  'lag' {} -> [{topic, partition, slot, generation, position: "5"|"-1001", end, low, high: "-1001" unknown}]   from local
   *      knowledge, asks nobody; end: up to there come no more records, "-1": not seen since the last seek
   *  'groupMetadata' {} -> {groupMetadata: base64, memberId, generationId}
   *  'rebalanceDone' {id} -> null
   */
}

/** Further operations of Admin: see native/core/admin.h (one each, named as in KafkaJS where KafkaJS has it). */
export class Admin extends Client {
  constructor(config: ConfigEntries, onEvent: OnEvent);
}

/**
 * StatusHub's native half: shards (a thread each) with connections, subscriptions and the state of entities. A Consumer
 * that was made with a hub gives its records to it and no Batch events to JS. See docs/protocol.md and docs/threads.md.
 */
export class Hub {
  /** `options`: HubOptions as JSON. Starts the shards. */
  constructor(options: string, onEvent: (kind: HubEvent, a?: any, b?: any) => void);
  ref(): void;
  unref(): void;
  /**
   * Which partitions there are: [{topic, partition, id: "3" | "1.3", start: "offset", compacted: boolean}], and what tokens must begin with.
   * Called before the Consumer's 'assign', and again with more partitions at the end of the list. Another epoch drops all state.
   */
  follow(epoch: string, partitions: string): void;
  /** The state is whole: subscribers are served. Answered by event 'ready' when every shard has what was fed before. */
  setReady(): void;
  /**
   * A connection. `fd` >= 0: a descriptor of its own that the hub closes (shut it away from JS first, see dupDescriptor); -1: JS writes
   * (event Writes) and calls receive(). `greeting` is sent first as it is (the 101 response, or SSE's response head); `head`
   * is what was read behind the request already. `settings` JSON: {subject: string | null (not authenticated yet), allow: string[], expiresAt?: ms,
   * publish?: boolean, deflate?: boolean, encoding: 'websocket' | 'events', address: string, subscribe?: (SSE) the subscribe message}.
   * -> id of the connection (> 0).
   */
  connect(fd: number, greeting: Uint8Array, head: Uint8Array, settings: string): number;
  /** Bytes of a connection without descriptor. */
  receive(connection: number, bytes: Uint8Array): void;
  /** So many bytes of it were taken by the socket. */
  written(connection: number, bytes: number): void;
  /** The socket of a connection without descriptor is gone. */
  gone(connection: number): void;
  /** The answer to 'authenticate': {subject, allow, expiresAt?, publish?} as JSON; null: refused. */
  authenticated(connection: number, grant: string | null): void;
  /** The answer to 'authorize'. verdict: 1 yes, 0 no, -1 could not be found out. */
  authorized(connection: number, request: number, verdict: number): void;
  /** A message (JSON text) of JS's own for a connection: 'published' and its errors. */
  send(connection: number, message: string): void;
  /** Closes with a code; -1: every connection of the subject. */
  disconnect(connection: number, code: number, reason: string): void;
  revoke(subject: string): void;
  /** Counters and gauges, see HubMetrics in native/hub/metrics.h: a flat JSON object. */
  metrics(): string;
  /** Ends: each connection gets 4000 at a random time within drainMs; answered by event 'closed'; drainMs 0: at once. */
  close(drainMs: number): void;
  /** Ends the shards' threads, after 'closed'. Idempotent. */
  stop(): void;
  /** F_DUPFD_CLOEXEC, non-blocking; -1 where this platform cannot hand a descriptor over. */
  static dupDescriptor(fd: number): number;
  /** Writes `bytes` to the descriptor as far as it takes them now, and closes it: an HTTP refusal. */
  static refuse(fd: number, bytes: Uint8Array): void;
}

/** Options of Hub; lib/hub/options.js has the defaults and checks. */
export interface HubOptions {
  shards: number;
  /** The template of each topic: '{entityType}/{entityId}'; fields of the value by dotted path, `{header:name}`, `{key}`, `{a|b}`. */
  channels: Record<string, string>;
  store: {
    maxEntities: number;
    maxBytes: number;
    historyUpdates: number;
    historyBytes: number;
    tokenMs: number;
  };
  pingIntervalMs: number;
  authenticateMs: number;
  limits: {
    subscriptions: number;
    patterns: number;
    messageBytes: number;
    messagesPerSecond: number;
    outboundBytes: number;
    slowMs: number;
    publishes: number;
  };
  overflow: 'gap' | 'close';
  compression: { thresholdBytes: number } | null;
  /** Whether patterns beyond `allow` are asked of JS ('authorize'). */
  asksAuthorize: boolean;
  /** Whether connections may publish at all. */
  publish: boolean;
  expiryNoticeMs: number;
  /** Whether updates go through JS (HubEvent.Transform). */
  transforms: boolean;
}

export const enum HubEvent {
  /** (json: string) one of
   *  {type:'authenticate', connection, token} answer by authenticated()
   *  {type:'authorize', connection, request, subject, pattern} answer by authorized()
   *  {type:'publish', connection, id, subject, route, key?, data} answer by send()
   *  {type:'disconnected', connection, code, subject}
   *  {type:'invalid', topic, partition, offset, reason, count}  records that do not route; `count` since the last one
   *  {type:'end', topic, partition, offset}   the consumer reached the end of a partition, once for each assignment
   *  {type:'ready'}  {type:'closed'}
   */
  Message = 0,
  /** (connections: number[], buffers: Buffer[]) to be written in order; each answered by written() when the socket took it */
  Writes = 1,
  /** (connection: number) nothing more will be written: end the socket */
  End = 2,
  /** (updates: string) a JSON array of HubUpdate; returns (string | null | { error })[]: for each the text of its data, null to drop it */
  Transform = 3,
}

/** See native/core/embedded_cluster.h. All methods are synchronous and quick. */
export class EmbeddedCluster {
  constructor(options: { brokers: number; config: ConfigEntries });
  bootstrapServers(): string;
  /** Operations by name with JSON arguments; throws {code:'ERR_EMBEDDED'}. */
  call(operation: string, argumentsJson: string): string;
  stop(): void;
}

export const librdkafkaVersion: string;
/** Names in librdkafka's builtin.features. */
export const features: string;
/** All property names that rd_kafka_conf_set knows, with scope: { 'acks': 'topic', 'linger.ms': 'global', … }, aliases included. */
export function configProperties(): Record<string, 'global' | 'topic'>;
/** Java's murmur2 of the bytes, as signed 32-bit. */
export function murmur2(key: Uint8Array): number;
/** On process 'exit': from now on no callback, no log, threads are left to the operating system. */
export function shutdown(): void;
