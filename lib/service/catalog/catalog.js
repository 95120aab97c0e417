'use strict';

const { invalidOption } = require('../../options/validate');
const { nearest } = require('../../options/nearest');
const { list } = require('./check');
const { catalogError } = require('./mistakes');
const { problem, problemsOf } = require('./problems');
const { newAjv, expand } = require('./schemas');
const names = require('./topic-name');

const ignore = () => {};

function deepFreeze(value) {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

/** A topic of the data with what it takes from `defaults`. */
function topicOf(data, topic, renamed) {
  const defaults = data.defaults ?? {};
  const name = renamed ?? topic.name ?? topic.id;
  const of = (field) => (topic[field] === undefined ? (defaults[field] ?? null) : topic[field]);
  return deepFreeze({
    id: topic.id,
    name,
    description: topic.description ?? '',
    parameters: [...new Set(names.placeholders(name))],
    partitions: of('partitions'),
    replicationFactor: of('replicationFactor'),
    retentionMs: of('retentionMs'),
    cleanupPolicy: of('cleanupPolicy'),
    config: { ...defaults.config, ...topic.config },
    env: topic.env ?? null,
    envelopes: list(topic.envelope ?? defaults.envelope),
    key: topic.key ?? defaults.key ?? null,
    channel: topic.channel ?? null,
    events: list(topic.events),
    otherwise: topic.otherwise ?? null,
    dlq: topic.dlq ?? data.dlq !== undefined,
  });
}

function groupOf(group) {
  return deepFreeze({
    id: group.id,
    description: group.description ?? '',
    topics: list(group.topics),
    publishes: list(group.publishes),
    from: group.from ?? 'latest',
  });
}

function eventOf(type, event, definitions) {
  return deepFreeze({
    type,
    description: event.description ?? '',
    schema: expand(event.schema, definitions ?? {}, [], ignore),
    examples: event.examples ?? [],
  });
}

/** Topics, events and groups of one system. Immutable; made by loadCatalog(). */
class Catalog {
  #data;
  #file;
  #renames;
  #values;
  #topics;
  #byName = new Map();
  #patterns = [];
  #events;
  #groups;
  #dlqPattern;
  #ajv;
  #validators = new Map();

  /**
   * @param {object} data what catalogProblems() has no objection to
   * @param {{ file: string, renames?: Record<string, string>, values?: Record<string, string> }} options renames: names
   *   by topic id; values: of placeholders
   */
  constructor(data, { file, renames = {}, values = {} }) {
    this.#data = deepFreeze(data);
    this.#file = file;
    this.#renames = renames;
    this.#values = values;
    this.#topics = new Map(data.topics.map((t) => [t.id, topicOf(data, t, renames[t.id])]));
    for (const topic of this.#topics.values()) {
      if (topic.parameters.length === 0) this.#byName.set(topic.name, topic);
      else this.#patterns.push({ topic, pattern: names.patternOf(topic.name) });
    }
    this.#events = new Map(
      Object.entries(data.events).map(([type, e]) => [type, eventOf(type, e, data.definitions)]),
    );
    this.#groups = new Map((data.groups ?? []).map((group) => [group.id, groupOf(group)]));
    if (data.dlq) this.#dlqPattern = dlqPattern(data.dlq.name);
  }

  get name() {
    return this.#data.name;
  }

  get version() {
    return this.#data.version;
  }

  get title() {
    return this.#data.title ?? this.#data.name;
  }

  get description() {
    return this.#data.description ?? '';
  }

  get parameters() {
    return this.#data.parameters ?? {};
  }

  get topics() {
    return [...this.#topics.values()];
  }

  get events() {
    return [...this.#events.values()];
  }

  get groups() {
    return [...this.#groups.values()];
  }

  /** The rule for dead-letter topics, or null. */
  get dlq() {
    return this.#data.dlq ?? null;
  }

  get producer() {
    return this.#data.producer ?? {};
  }

  get consumer() {
    return this.#data.consumer ?? {};
  }

  /** Ids of the topics on which the service reports on itself. */
  get own() {
    return this.#data.own ?? {};
  }

  /** What placeholders stand for unless a call says otherwise. */
  get values() {
    return { ...this.#values };
  }

  toJSON() {
    return this.#data;
  }

  // ── Names ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether a topic has this id. */
  has(id) {
    return this.#topics.has(id);
  }

  /** By its id, or by a name that it has for some organization. Throws on anything else. */
  topic(idOrName) {
    const topic = this.#topics.get(idOrName) ?? this.topicOf(idOrName);
    if (topic) return topic;
    throw invalidOption(this.#oneOf('topic', this.#topics), 'topic', idOrName);
  }

  /** The topic that a name belongs to, null for a name that is none of this catalog's. */
  topicOf(name) {
    return this.#byName.get(name) ?? this.#match(name)?.topic ?? null;
  }

  #match(name) {
    for (const { topic, pattern } of this.#patterns) {
      const match = pattern.exec(name);
      if (match) return { topic, parameters: { ...match.groups } };
    }
    return null;
  }

  /** What the placeholders of a topic stand for in a name: `{ org: 'acme' }`. */
  parametersOf(name) {
    return this.#byName.has(name) ? {} : (this.#match(name)?.parameters ?? {});
  }

  /** The name of a topic, its placeholders replaced. Throws when a value is missing. */
  nameOf(id, parameters = {}) {
    const topic = this.topic(id);
    return names.fill(topic.name, (parameter) => {
      const value = parameters?.[parameter] ?? this.#values[parameter];
      if (names.isParameterValue(value)) return value;
      const { env } = this.parameters[parameter] ?? {};
      const from = env ? ` (environment variable ${env})` : '';
      throw invalidOption(
        `a string of A-Z a-z 0-9 _ -${from}`,
        `parameters.${parameter} of ${topic.name}`,
        value,
      );
    });
  }

  /** Parameters of a topic for which there is no value. */
  missingParameters(id, parameters = {}) {
    return this.topic(id).parameters.filter((p) => (parameters[p] ?? this.#values[p]) == null);
  }

  /** Matches the names of a topic for every organization. */
  patternOf(id) {
    return names.patternOf(this.topic(id).name);
  }

  group(id) {
    const group = this.#groups.get(id);
    if (group) return group;
    throw invalidOption(this.#oneOf('group', this.#groups), 'group', id);
  }

  #oneOf(what, known) {
    const ids = [...known.keys()];
    return `a ${what} of the catalog ${this.name} (${ids.join(', ') || 'it has none'})`;
  }

  /** `{ USER_CREATED: 'user.created' }`: names by the upper-case form of the ids. */
  constants() {
    const entries = this.topics.map(({ id, name }) => [constantOf(id), name]);
    return Object.freeze(Object.fromEntries(entries));
  }

  // ── Dead letters ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Where messages of a topic go that cannot be handled; null where the catalog wants none, and for a dead-letter topic
   * itself. The rule holds for topics outside the catalog too.
   */
  dlqOf(name) {
    if (this.dlq === null || this.originalOf(name) !== null) return null;
    if (this.topicOf(name)?.dlq === false) return null;
    return names.fill(this.dlq.name, () => name);
  }

  /** The topic whose dead letters a topic has; null for any other topic. */
  originalOf(name) {
    if (this.#byName.has(name)) return null;
    return this.#dlqPattern?.exec(name)?.groups.topic ?? null;
  }

  // ── Messages ──────────────────────────────────────────────────────────────────────────────────────────────────────

  event(type) {
    return this.#events.get(type) ?? null;
  }

  /** Names of the envelopes that a topic carries; the first one is written. */
  envelopesOf(name) {
    return this.topicOf(name)?.envelopes ?? [];
  }

  /** The event that a message on a topic is, from the type its envelope found; null when it is none. */
  typeOf(name, type) {
    const topic = this.topicOf(name);
    if (topic === null) return null;
    return topic.events.includes(type) ? type : topic.otherwise;
  }

  /** The key of a message by the topic's rule; null where there is none or the event lacks a field of it. */
  keyOf(name, event) {
    const rule = this.topicOf(name)?.key ?? null;
    return rule === null ? null : names.applyRule(rule, event);
  }

  /** What is wrong with a payload: `[{ path, expected, received, message }]`, empty when nothing is. */
  validate(type, payload) {
    const validator = this.#validator(type);
    if (validator === null) {
      const known = this.events.map((event) => event.type);
      const suggestion = typeof type === 'string' ? nearest(type, known) : undefined;
      const hint = suggestion ? ` (did you mean "${suggestion}"?)` : '';
      const expected = `an event type of the catalog ${this.name}${hint}`;
      return [problem({ segments: ['type'], expected, value: type ?? undefined })];
    }
    return validator(payload) ? [] : problemsOf(validator.errors, payload);
  }

  #validator(type) {
    const event = this.event(type);
    if (event === null) return null;
    if (!this.#validators.has(type)) {
      this.#ajv ??= newAjv();
      this.#validators.set(type, this.#ajv.compile(event.schema));
    }
    return this.#validators.get(type);
  }

  /**
   * The template of a StatusHub's channels for a topic's name; null where there is none. `{org}` in it is the topic's own
   * placeholder: one organization's channels are not another's.
   */
  channelOf(name) {
    const topic = this.topicOf(name);
    if (topic === null || topic.channel === null) return null;
    const parameters = this.parametersOf(name);
    return names.fill(topic.channel, (field) => parameters[field] ?? `{${field}}`);
  }

  // ── Environment ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Variables of the environment that rename topics or give placeholders a value, as resolveConfiguration() takes them. */
  get variables() {
    const named = this.#data.topics.filter(({ env }) => env);
    const given = Object.entries(this.parameters).filter(([, { env }]) => env);
    return {
      topics: Object.fromEntries(named.map(({ id, env }) => [env, id])),
      parameters: Object.fromEntries(given.map(([parameter, { env }]) => [env, parameter])),
    };
  }

  /** The catalog with the names and values that variables of the environment give. */
  withEnvironment(env = process.env) {
    const renames = {};
    for (const { id, env: variable } of this.#data.topics) {
      if (variable && env[variable]) renames[id] = env[variable];
    }
    const values = {};
    for (const [parameter, { env: variable }] of Object.entries(this.parameters)) {
      if (variable && env[variable]) values[parameter] = env[variable];
    }
    return this.#with({ renames, values, sourceOf: (id) => this.#topics.get(id).env });
  }

  /** The catalog with other names for some topics: `{ 'task-status': 'prod.task-status' }`. */
  withTopicNames(renames) {
    for (const id of Object.keys(renames)) {
      if (!this.#topics.has(id))
        throw invalidOption(this.#oneOf('topic', this.#topics), 'topics', id);
    }
    return this.#with({ renames, sourceOf: (id) => `topics.${id}` });
  }

  /** The catalog with values for its placeholders: `{ org: 'acme' }`. */
  withParameters(values) {
    return this.#with({ values });
  }

  #with({ renames = {}, values = {}, sourceOf }) {
    const problems = [];
    const mistake = (path, expected, value) => problems.push(problem({ path, expected, value }));
    for (const [id, name] of Object.entries(renames)) {
      const wanted = names.placeholders(this.#topics.get(id).name);
      const legal = typeof name === 'string' && names.isTopicTemplate(name);
      if (!legal || names.placeholders(name).some((p) => !Object.hasOwn(this.parameters, p))) {
        mistake(sourceOf(id), "a topic's name", name);
      } else if (wanted.some((p) => !names.placeholders(name).includes(p))) {
        mistake(sourceOf(id), `a name with ${wanted.map((p) => `{${p}}`).join(' and ')}`, name);
      }
    }
    for (const [parameter, value] of Object.entries(values)) {
      if (names.isParameterValue(value)) continue;
      const { env } = this.parameters[parameter] ?? {};
      mistake(env ?? `parameters.${parameter}`, 'a string of A-Z a-z 0-9 _ -', value);
    }
    const all = { ...this.#renames, ...renames };
    const taken = new Map();
    for (const { id, name = id } of this.#data.topics) {
      const shape = names.fill(String(all[id] ?? name), () => '{}');
      if (taken.has(shape)) {
        const source = id in renames ? id : taken.get(shape);
        mistake(sourceOf?.(source) ?? source, 'a name that no other topic has', all[source]);
      }
      taken.set(shape, id);
    }
    if (problems.length > 0) throw catalogError(`${this.#file} with its environment`, problems);
    return new Catalog(this.#data, {
      file: this.#file,
      renames: all,
      values: { ...this.#values, ...values },
    });
  }
}

const constantOf = (id) => id.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();

function dlqPattern(template) {
  const [before, after] = template.split('{topic}').map((t) => t.replace(/[.]/g, '\\.'));
  return new RegExp(`^${before}(?<topic>.+)${after}$`);
}

module.exports = { Catalog };
