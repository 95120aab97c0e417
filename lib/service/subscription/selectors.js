'use strict';

const { invalidOption } = require('../../options/validate');

const ESCAPED = /[.+?^${}()|[\]\\]/g;

/** `employee.onboard.*`: the star stands for one part of a name, as `{org}` does in a catalog. */
function globPattern(glob) {
  const source = glob.replace(ESCAPED, '\\$&').replaceAll('*', '[A-Za-z0-9_-]+');
  return new RegExp(`^${source}$`);
}

/**
 * What a consumer subscribes to for what a caller wrote: names, ids of the catalog (a topic with placeholders without
 * values: all organizations'), names with `*`, regular expressions.
 *
 * @returns {(string | RegExp)[]}
 */
function topicSelectors(topics, catalog) {
  const list = Array.isArray(topics) ? topics : [topics];
  if (list.length === 0) throw invalidOption('at least one topic', 'topics', topics);
  return list.map((topic, index) => {
    if (topic instanceof RegExp) return topic;
    if (typeof topic !== 'string' || topic === '') {
      throw invalidOption(
        'a string or a RegExp',
        Array.isArray(topics) ? `topics[${index}]` : 'topic',
        topic,
      );
    }
    if (topic.includes('*')) return globPattern(topic);
    const known = catalog.topics.find(({ id, name }) => id === topic || name === topic);
    if (known === undefined) return topic;
    return catalog.missingParameters(known.id).length > 0
      ? catalog.patternOf(known.id)
      : catalog.nameOf(known.id);
  });
}

module.exports = { topicSelectors, globPattern };
