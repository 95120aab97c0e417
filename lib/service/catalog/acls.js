'use strict';

// Who may do what, from a catalog's groups, as admin.createAcls() takes it.

const enums = require('../../clients/enums');
const { checkOptions, invalidOption, is } = require('../../options/validate');
const { fill, literalPrefix } = require('./topic-name');

const { TOPIC, GROUP } = enums.AclResourceTypes;
const { READ, WRITE } = enums.AclOperationTypes;
const { LITERAL, PREFIXED } = enums.ResourcePatternTypes;
const { ALLOW } = enums.AclPermissionTypes;

const shape = { principals: is.object, parameters: is.object, host: is.string };

/** The resource of a topic: one name, or for every organization all names with its prefix. */
function resourceOf(catalog, id, parameters) {
  const { name } = catalog.topic(id);
  if (catalog.missingParameters(id, parameters).length === 0) {
    return { resourceName: catalog.nameOf(id, parameters), resourcePatternType: LITERAL };
  }
  const prefix = literalPrefix(name);
  if (prefix === '') {
    throw invalidOption(
      `values for ${catalog.missingParameters(id, parameters).join(', ')}, because ${name} has no prefix`,
      'parameters',
      parameters,
    );
  }
  return { resourceName: prefix, resourcePatternType: PREFIXED };
}

/** The same for a topic's dead letters; null where it has none. */
function dlqResourceOf(catalog, id, parameters) {
  const topic = catalog.topic(id);
  if (catalog.dlq === null || !topic.dlq) return null;
  const { resourceName, resourcePatternType } = resourceOf(catalog, id, parameters);
  const name = fill(catalog.dlq.name, () => resourceName);
  if (resourcePatternType === LITERAL) return { resourceName: name, resourcePatternType };
  // What follows the topic in the rule follows the organization too.
  const prefix = literalPrefix(catalog.dlq.name) + resourceName;
  return { resourceName: prefix, resourcePatternType };
}

/**
 * ACL entries for a principal per group: it reads its topics as its group, writes those that it publishes, the dead
 * letters of those it reads, and the topics on which the service reports on itself.
 *
 * @param {import('./catalog').Catalog} catalog
 * @param {{ principals?: Record<string, string>, parameters?: Record<string, string>, host?: string }} [options]
 *   principals: by group id, `User:<group id>` where absent
 */
function acls(catalog, options) {
  const { principals = {}, parameters = {}, host = '*' } = checkOptions(shape, options, 'acls()');
  for (const id of Object.keys(principals)) catalog.group(id);
  const entries = new Map();
  for (const { id, topics, publishes } of catalog.groups) {
    const principal = principals[id] ?? `User:${id}`;
    const allow = (resourceType, resource, operation) => {
      const entry = {
        resourceType,
        ...resource,
        principal,
        host,
        operation,
        permissionType: ALLOW,
      };
      entries.set(JSON.stringify(entry), entry);
    };
    if (topics.length > 0) allow(GROUP, { resourceName: id, resourcePatternType: LITERAL }, READ);
    for (const topic of topics) {
      allow(TOPIC, resourceOf(catalog, topic, parameters), READ);
      const dlq = dlqResourceOf(catalog, topic, parameters);
      if (dlq !== null) allow(TOPIC, dlq, WRITE);
    }
    for (const topic of [...publishes, ...Object.values(catalog.own)]) {
      allow(TOPIC, resourceOf(catalog, topic, parameters), WRITE);
    }
  }
  return [...entries.values()];
}

module.exports = { acls };
