'use strict';

// What between two versions of a catalog breaks programs or messages that exist.

const { narrowings } = require('./schema-diff');

/**
 * `breaks` of a change:
 *   readers    programs of the old version that read: something they wait for is gone, or looks different
 *   writers    programs of the old version that write: what they send is refused or goes nowhere
 *   messages   messages that were written before: the new version refuses them
 *   ordering   the order of messages with the same key, at the moment of the change
 *   data       messages that are deleted earlier than before
 */
const BREAKS = Object.freeze(['readers', 'writers', 'messages', 'ordering', 'data']);

class Changes {
  list = [];

  add(code, path, message, ...breaks) {
    this.list.push({ code, path, message, breaks });
  }
}

const byId = (items, key = 'id') => new Map(items.map((item) => [item[key], item]));
const missing = (before, after) => before.filter((item) => !after.includes(item));
const at = (collection, id) => `$.${collection}[${JSON.stringify(id)}]`;
const forEver = (ms) => (ms === -1 ? Infinity : ms);
const shown = (value) => (value === null ? "the broker's default" : String(value));

function compareTopics(before, after, changes) {
  const topics = byId(after.topics);
  for (const old of before.topics) {
    const path = at('topics', old.id);
    const topic = topics.get(old.id);
    if (topic === undefined) {
      changes.add('topic-removed', path, `The topic ${old.id} is gone`, 'readers', 'writers');
      continue;
    }
    compareTopic(old, topic, path, changes);
  }
}

function compareTopic(old, topic, path, changes) {
  const { id } = topic;
  if (old.name !== topic.name) {
    const message = `The topic ${id} is called ${topic.name}, it was ${old.name}`;
    changes.add('topic-renamed', `${path}.name`, message, 'readers', 'writers');
  }
  comparePartitions(old, topic, path, changes);
  for (const type of missing(old.events, topic.events)) {
    const message = `The topic ${id} does not carry ${type} any more`;
    changes.add('event-moved', `${path}.events`, message, 'readers', 'messages');
  }
  for (const envelope of missing(old.envelopes, topic.envelopes)) {
    const message = `The topic ${id} does not carry the envelope ${envelope} any more`;
    changes.add('envelope-removed', `${path}.envelope`, message, 'writers', 'messages');
  }
  if (old.envelopes[0] !== topic.envelopes[0]) {
    const message = `Messages of ${id} are written in the envelope ${topic.envelopes[0]}, it was ${old.envelopes[0]}`;
    changes.add('envelope-changed', `${path}.envelope`, message, 'readers');
  }
  if (old.otherwise !== null && topic.otherwise === null) {
    const message = `The topic ${id} refuses messages whose type it does not know`;
    changes.add('otherwise-removed', `${path}.otherwise`, message, 'writers', 'messages');
  }
  if (old.key !== topic.key) {
    const message = `The key of ${id} is ${topic.key ?? 'none'}, it was ${old.key ?? 'none'}`;
    changes.add('key-changed', `${path}.key`, message, 'ordering');
  }
  if (old.cleanupPolicy !== topic.cleanupPolicy) {
    const message = `The cleanup policy of ${id} is ${shown(topic.cleanupPolicy)}, it was ${shown(old.cleanupPolicy)}`;
    changes.add('cleanup-changed', `${path}.cleanupPolicy`, message, 'data');
  }
  const shorter = old.retentionMs !== null && topic.retentionMs !== null;
  if (shorter && forEver(topic.retentionMs) < forEver(old.retentionMs)) {
    const message = `Messages of ${id} are kept ${topic.retentionMs} ms, it was ${shown(old.retentionMs)}`;
    changes.add('retention-shortened', `${path}.retentionMs`, message, 'data');
  }
}

function comparePartitions(old, topic, path, changes) {
  if (old.partitions === null || topic.partitions === null || old.partitions === topic.partitions) {
    return;
  }
  const sizes = `${topic.id} has ${topic.partitions} partitions, it had ${old.partitions}`;
  if (topic.partitions < old.partitions) {
    const message = `${sizes}: Kafka cannot take partitions away, the topic has to be made anew`;
    changes.add('partitions-fewer', `${path}.partitions`, message, 'data', 'ordering');
  } else {
    const message = `${sizes}: keys move to other partitions`;
    changes.add('partitions-more', `${path}.partitions`, message, 'ordering');
  }
}

function compareEvents(before, after, changes) {
  for (const { type, schema } of before.events) {
    const path = at('events', type);
    const event = after.event(type);
    if (event === null) {
      changes.add(
        'event-removed',
        path,
        `The event ${type} is gone`,
        'readers',
        'writers',
        'messages',
      );
      continue;
    }
    const add = (code, { path: inner, what }, ...breaks) => {
      const message = `${type}: ${inner} ${what}`;
      changes.add(code, `${path}.schema${inner.slice(1)}`, message, ...breaks);
    };
    for (const found of narrowings(schema, event.schema)) {
      add('schema-narrowed', found, 'writers', 'messages');
    }
    for (const found of narrowings(event.schema, schema)) {
      const what = `may now be what the old schema refuses (${found.what} there)`;
      add('schema-widened', { ...found, what }, 'readers');
    }
  }
}

function compareRest(before, after, changes) {
  const groups = byId(after.groups);
  for (const old of before.groups) {
    const group = groups.get(old.id);
    if (group === undefined) {
      changes.add('group-removed', at('groups', old.id), `The group ${old.id} is gone`, 'readers');
      continue;
    }
    for (const [field, word, who] of [
      ['topics', 'read', 'readers'],
      ['publishes', 'write', 'writers'],
    ]) {
      for (const id of missing(old[field], group[field])) {
        const message = `The group ${old.id} does not ${word} ${id} any more`;
        changes.add('group-narrowed', `${at('groups', old.id)}.${field}`, message, who);
      }
    }
  }
  if (before.dlq !== null && before.dlq.name !== after.dlq?.name) {
    const message = `Dead letters go to ${after.dlq?.name ?? 'nowhere'}, it was ${before.dlq.name}`;
    changes.add('dlq-changed', '$.dlq.name', message, 'readers');
  }
  for (const parameter of missing(Object.keys(before.parameters), Object.keys(after.parameters))) {
    const message = `The parameter ${parameter} is gone`;
    changes.add('parameter-removed', `$.parameters.${parameter}`, message, 'readers', 'writers');
  }
}

/**
 * The incompatible changes between two versions of a catalog; what only adds is none.
 *
 * @param {import('./catalog').Catalog} before @param {import('./catalog').Catalog} after
 * @returns {{ code: string, path: string, message: string, breaks: string[] }[]}
 */
function diff(before, after) {
  const changes = new Changes();
  compareTopics(before, after, changes);
  compareEvents(before, after, changes);
  compareRest(before, after, changes);
  return changes.list;
}

module.exports = { diff, BREAKS };
