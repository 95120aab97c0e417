import { AclEntry } from './admin';
import { KafkaConfig } from './common';
import { CatalogProblem } from './errors';
import { Kafka } from './kafka';
import { EnvelopeName } from './service-catalog-envelopes';

/** A JSON Schema (draft 7). */
export type JsonSchema = { [keyword: string]: unknown };
/** Values of placeholders by name: `{ org: 'acme' }`. */
export type CatalogParameters = Record<string, string>;
export type CleanupPolicy = 'delete' | 'compact' | 'compact,delete';

/** Null: what the broker gives. */
export interface CatalogTopicSettings {
  partitions?: number | null;
  replicationFactor?: number | null;
  /** -1: for ever. */
  retentionMs?: number | null;
  cleanupPolicy?: CleanupPolicy | null;
  /** Other settings of Kafka's by their names. */
  config?: Record<string, string | number | boolean>;
}

/** A catalog as it is in a file: docs/catalogs.md. */
export interface CatalogData {
  $schema?: string;
  name: string;
  version: string;
  title?: string;
  description?: string;
  parameters?: Record<string, { description?: string; env?: string }>;
  defaults?: CatalogTopicSettings & { envelope?: EnvelopeName | EnvelopeName[]; key?: string };
  topics: (CatalogTopicSettings & {
    id: string;
    name?: string;
    description?: string;
    env?: string;
    envelope?: EnvelopeName | EnvelopeName[];
    key?: string;
    /** What names the entity of a message for a StatusHub. */
    channel?: string;
    events: string | string[];
    otherwise?: string;
    dlq?: boolean;
  })[];
  definitions?: Record<string, JsonSchema>;
  events: Record<string, { description?: string; schema: JsonSchema; examples?: unknown[] }>;
  groups?: {
    id: string;
    description?: string;
    topics?: string | string[];
    publishes?: string | string[];
    from?: 'earliest' | 'latest';
  }[];
  dlq?: CatalogTopicSettings & { name: string };
  producer?: Record<string, unknown>;
  consumer?: Record<string, unknown>;
  own?: CatalogOwnTopics;
}

/** Ids of the topics on which the service reports on itself. */
export interface CatalogOwnTopics {
  audit?: string;
  metrics?: string;
  health?: string;
  errors?: string;
}

export interface CatalogTopic {
  readonly id: string;
  /** With placeholders in braces where it has some. */
  readonly name: string;
  readonly description: string;
  /** Its placeholders. */
  readonly parameters: readonly string[];
  readonly partitions: number | null;
  readonly replicationFactor: number | null;
  readonly retentionMs: number | null;
  readonly cleanupPolicy: CleanupPolicy | null;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  /** The variable of the environment that renames it. */
  readonly env: string | null;
  /** The first one is written. */
  readonly envelopes: readonly EnvelopeName[];
  readonly key: string | null;
  /** The template of a StatusHub's channels. */
  readonly channel: string | null;
  readonly events: readonly string[];
  /** The event that a message is whose type is none of `events`. */
  readonly otherwise: string | null;
  readonly dlq: boolean;
}

export interface CatalogEvent {
  readonly type: string;
  readonly description: string;
  /** Of the payload, without references. */
  readonly schema: JsonSchema;
  readonly examples: readonly unknown[];
}

export interface CatalogGroup {
  readonly id: string;
  readonly description: string;
  readonly topics: readonly string[];
  readonly publishes: readonly string[];
  readonly from: 'earliest' | 'latest';
}

/** Topics, events and groups of one system. Immutable; loadCatalog() makes it. */
export declare class Catalog {
  private constructor();
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, { description?: string; env?: string }>>;
  readonly topics: CatalogTopic[];
  readonly events: CatalogEvent[];
  readonly groups: CatalogGroup[];
  readonly dlq: Readonly<CatalogTopicSettings & { name: string }> | null;
  readonly producer: Readonly<Record<string, unknown>>;
  readonly consumer: Readonly<Record<string, unknown>>;
  readonly own: Readonly<CatalogOwnTopics>;
  /** What placeholders stand for unless a call says otherwise. */
  readonly values: CatalogParameters;
  toJSON(): CatalogData;

  /** Whether a topic has this id. */
  has(id: string): boolean;
  /** By id or by a concrete name; throws on anything else. */
  topic(idOrName: string): CatalogTopic;
  /** The topic that a concrete name belongs to. */
  topicOf(name: string): CatalogTopic | null;
  /** What the placeholders stand for in a concrete name. */
  parametersOf(name: string): CatalogParameters;
  /** Throws when a placeholder has no value. */
  nameOf(id: string, parameters?: CatalogParameters): string;
  missingParameters(id: string, parameters?: CatalogParameters): string[];
  /** Matches the names for every organization. */
  patternOf(id: string): RegExp;
  group(id: string): CatalogGroup;
  /** `{ USER_CREATED: 'user.created' }` */
  constants(): Readonly<Record<string, string>>;
  /** Null where there is none, and for a dead-letter topic itself. */
  dlqOf(name: string): string | null;
  /** The topic whose dead letters a topic has. */
  originalOf(name: string): string | null;
  event(type: string): CatalogEvent | null;
  envelopesOf(name: string): readonly EnvelopeName[];
  /** The event that a message on a topic is, from the type that its envelope found. */
  typeOf(name: string, type: string | null): string | null;
  keyOf(name: string, event: unknown): string | null;
  /** The template of a StatusHub's channels, with the topic's own placeholders filled. */
  channelOf(name: string): string | null;
  /** Empty when nothing is wrong. */
  validate(type: string | null, payload: unknown): CatalogProblem[];
  withEnvironment(env?: Record<string, string | undefined>): Catalog;
  /** By topic id. */
  withTopicNames(names: Record<string, string>): Catalog;
  withParameters(parameters: CatalogParameters): Catalog;
}

/** Names of the catalogs of this package. */
export declare const catalogs: readonly string[];
/** The file of a shipped catalog. */
export declare function catalogFile(name: string): string;
/** The name of a shipped one, the path of a .json file, or an object. Throws a CatalogError with all mistakes. */
export declare function loadCatalog(source: string | URL | CatalogData | Catalog): Catalog;

/** A TypeScript module with the types of all payloads. */
export declare function writeTypes(catalog: Catalog): string;
/** An AsyncAPI 3.0 document. `servers`: host:port of brokers. */
export declare function asyncapi(
  catalog: Catalog,
  options?: { servers?: string[] },
): Record<string, unknown>;

export interface CatalogChange {
  /** `event-removed`, `schema-narrowed`, …: docs/catalogs.md. */
  code: string;
  path: string;
  message: string;
  breaks: ('readers' | 'writers' | 'messages' | 'ordering' | 'data')[];
}

/** Incompatible changes from one version to another. */
export declare function diff(before: Catalog, after: Catalog): CatalogChange[];

/** For admin.createAcls(): a principal per group, `User:<group id>` where `principals` has none. */
export declare function acls(
  catalog: Catalog,
  options?: {
    principals?: Record<string, string>;
    parameters?: CatalogParameters;
    host?: string;
  },
): AclEntry[];

export interface TopicDifference {
  /** `partitions`, `replicationFactor`, or a setting such as `retention.ms`. */
  setting: string;
  expected: number | string;
  actual: number | string | null;
}

export interface TopicsReport {
  created: string[];
  unchanged: string[];
  different: { name: string; differences: TopicDifference[]; altered: boolean }[];
  /** Templated topics without a value for a placeholder. */
  skipped: { id: string; name: string; missing: string[] }[];
}

export interface GroupsReport {
  created: { group: string; topic: string }[];
  unchanged: { group: string; topic: string }[];
  skipped: { group: string; topic: string; missing: string[] }[];
}

export interface TopicManagerOptions {
  catalog: string | CatalogData | Catalog;
  parameters?: CatalogParameters;
  /** Instead of the catalog's, for all topics. */
  replicationFactor?: number;
}

/** Makes the topics of a catalog and the first offsets of its groups. */
export declare class TopicManager {
  constructor(kafka: KafkaConfig | Kafka, options: TopicManagerOptions);
  readonly catalog: Catalog;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Idempotent; alters nothing but the retention, and that only when told. */
  createAllTopics(options?: {
    alterRetention?: boolean;
    parameters?: CatalogParameters;
  }): Promise<TopicsReport>;
  /** Offsets where a group has none; all groups unless some are named. */
  createConsumerGroups(options?: {
    groups?: string[];
    parameters?: CatalogParameters;
  }): Promise<GroupsReport>;
}
