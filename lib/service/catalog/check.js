'use strict';

// Judges a catalog: first its form (schema.json), then its meaning. All mistakes of a stage are found, not the first.

const schema = require('./schema.json');
const { envelopeNames } = require('../envelopes');
const { channelTemplate } = require('../../options/channel-template');
const { nearest } = require('../../options/nearest');
const { problem, problemsOf } = require('./problems');
const { newAjv, expand, schemaProblems } = require('./schemas');
const names = require('./topic-name');

const list = (value) => (value === undefined ? [] : [value].flat());

let validateForm;

function formProblems(data, file) {
  validateForm ??= newAjv().compile(schema);
  return validateForm(data) ? [] : problemsOf(validateForm.errors, data, file);
}

/** Collects the mistakes of one catalog's meaning. */
class Meaning {
  problems = [];
  #data;
  #file;

  constructor(data, file) {
    this.#data = data;
    this.#file = file;
  }

  mistake = (segments, expected, value) => {
    this.problems.push(problem({ file: this.#file, segments, expected, value }));
  };

  /** A name that has to be one of others. */
  #reference(segments, value, known, what) {
    if (value === undefined || known.includes(value)) return;
    const suggestion = nearest(value, known);
    const hint = suggestion ? ` (did you mean "${suggestion}"?)` : '';
    this.mistake(segments, `${what}${hint}`, value);
  }

  #references(segments, value, known, what) {
    const one = !Array.isArray(value);
    list(value).forEach((name, i) => {
      this.#reference(one ? segments : [...segments, i], name, known, what);
    });
  }

  #unique(items, segmentsOf, what) {
    const seen = new Set();
    items.forEach((item, i) => {
      if (item !== undefined && seen.has(item)) this.mistake(segmentsOf(i), what, item);
      seen.add(item);
    });
  }

  #topicName(segments, template) {
    if (!names.isTopicTemplate(template)) {
      this.mistake(
        segments,
        "a topic's name (1 to 249 of A-Z a-z 0-9 . _ -, placeholders in braces)",
        template,
      );
      return;
    }
    const parameters = Object.keys(this.#data.parameters ?? {});
    for (const name of names.placeholders(template)) {
      this.#reference(segments, name, parameters, 'a placeholder that $.parameters declares');
    }
  }

  #channel(segments, channel) {
    if (channel === undefined || channelTemplate.test(channel)) return;
    this.mistake(segments, channelTemplate.what, channel);
  }

  #rule(segments, rule) {
    if (rule === undefined || names.isRule(rule)) return;
    this.mistake(
      segments,
      'a rule with fields of the event in braces, {metadata.employeeId}',
      rule,
    );
  }

  #carries({ envelope, key }, segments) {
    this.#references(
      [...segments, 'envelope'],
      envelope,
      envelopeNames,
      `one of ${envelopeNames.join(', ')}`,
    );
    this.#rule([...segments, 'key'], key);
  }

  topics() {
    const { topics, events, defaults = {} } = this.#data;
    const types = Object.keys(events);
    this.#carries(defaults, ['defaults']);
    topics.forEach((topic, i) => {
      const at = ['topics', i];
      this.#topicName([...at, topic.name === undefined ? 'id' : 'name'], topic.name ?? topic.id);
      this.#carries(topic, at);
      this.#channel([...at, 'channel'], topic.channel);
      if (topic.envelope === undefined && defaults.envelope === undefined) {
        this.mistake([...at, 'envelope'], `one of ${envelopeNames.join(', ')}`);
      }
      this.#references([...at, 'events'], topic.events, types, 'an event of $.events');
      this.#reference(
        [...at, 'otherwise'],
        topic.otherwise,
        list(topic.events),
        "one of the topic's events",
      );
    });
    this.#unique(
      topics.map(({ id }) => id),
      (i) => ['topics', i, 'id'],
      'an id that no other topic has',
    );
    // `a.{x}` and `a.{y}` make the same names.
    this.#unique(
      topics.map(({ id, name = id }) => names.fill(name, () => '{}')),
      (i) => ['topics', i, 'name'],
      'a name that no other topic has',
    );
    this.#unique(
      topics.map(({ env }) => env),
      (i) => ['topics', i, 'env'],
      'a variable that no other topic has',
    );
    const used = new Set(topics.flatMap((topic) => list(topic.events)));
    for (const type of types.filter((name) => !used.has(name))) {
      this.mistake(['events', type], 'an event that some topic carries');
    }
  }

  schemas() {
    const { events, definitions = {} } = this.#data;
    const ajv = newAjv();
    for (const [type, event] of Object.entries(events)) {
      const segments = ['events', type, 'schema'];
      const before = this.problems.length;
      const expanded = expand(event.schema, definitions, segments, this.mistake);
      if (this.problems.length > before) continue;
      const found = schemaProblems(ajv, expanded, segments, this.#file);
      this.problems.push(...found);
      if (found.length > 0) continue;
      (event.examples ?? []).forEach((example, i) => {
        if (ajv.validate(expanded, example)) return;
        for (const { message } of problemsOf(ajv.errors, example)) {
          this.problems.push(
            problem({
              file: this.#file,
              segments: ['events', type, 'examples', i],
              expected: "an example that the event's schema accepts",
              came: `one with a mistake: ${message}`,
            }),
          );
        }
      });
    }
  }

  rest() {
    const { topics, groups = [], own = {}, dlq } = this.#data;
    const ids = topics.map(({ id }) => id);
    const what = "a topic's id";
    groups.forEach((group, i) => {
      this.#references(['groups', i, 'topics'], group.topics, ids, what);
      this.#references(['groups', i, 'publishes'], group.publishes, ids, what);
    });
    this.#unique(
      groups.map(({ id }) => id),
      (i) => ['groups', i, 'id'],
      'an id that no other group has',
    );
    for (const [use, id] of Object.entries(own)) this.#reference(['own', use], id, ids, what);
    if (dlq !== undefined) this.#dlqName(dlq.name);
    else {
      topics.forEach((topic, i) => {
        if (topic.dlq) this.mistake(['topics', i, 'dlq'], 'false, or a $.dlq that names it', true);
      });
    }
  }

  #dlqName(name) {
    const found = names.placeholders(name);
    const legal = names.isTopicTemplate(name) && found.length === 1 && found[0] === 'topic';
    if (!legal || name === '{topic}')
      this.mistake(['dlq', 'name'], 'a name with {topic} in it, "dlq.{topic}"', name);
  }
}

/** @returns {object[]} all mistakes */
function catalogProblems(data, file) {
  const form = formProblems(data, file);
  if (form.length > 0) return form;
  const meaning = new Meaning(data, file);
  meaning.topics();
  meaning.schemas();
  meaning.rest();
  return meaning.problems;
}

module.exports = { catalogProblems, list };
