'use strict';

const { ConfigResourceTypes } = require('../enums');
const { unsupported } = require('../../options/validate');
const { checkArray, fail, show } = require('./check');

/** Librdkafka's admin API has no resource of this type. */
const { BROKER_LOGGER } = ConfigResourceTypes;
/** Beyond KafkaJS's enumeration: the configuration of a consumer group. */
const GROUP = 32;
const VALID_TYPES = [...Object.values(ConfigResourceTypes), GROUP];

function checkResources(resources) {
  checkArray(resources, 'Invalid resources array', 'Resources array cannot be empty', 'resources');
  for (const resource of resources) {
    if (!VALID_TYPES.includes(resource?.type)) {
      throw fail(`Invalid resource type ${resource?.type}: ${show(resource)}`, 'type');
    }
    if (!resource.name || typeof resource.name !== 'string') {
      throw fail(`Invalid resource name ${resource.name}: ${show(resource)}`, 'name');
    }
    if (resource.type === BROKER_LOGGER) {
      throw unsupported('ConfigResourceTypes.BROKER_LOGGER', 'librdkafka has no broker loggers');
    }
  }
}

async function describeConfigs(admin, { resources, includeSynonyms = false } = {}) {
  checkResources(resources);
  for (const resource of resources) {
    const { configNames } = resource;
    if (configNames != null && !Array.isArray(configNames)) {
      throw fail(`Invalid resource configNames ${configNames}: ${show(resource)}`, 'configNames');
    }
  }
  const results = await admin.retrying(async () => {
    const described = await admin.call('describeConfigs', {
      resources: resources.map(({ type, name, configNames }) => ({
        type,
        name,
        ...(configNames?.length > 0 && { configNames }),
      })),
      includeSynonyms,
    });
    admin.throwFirst(described);
    return described;
  });
  return {
    throttleTime: 0,
    resources: results.map(({ type, name, entries }, i) => ({
      errorCode: 0,
      errorMessage: null,
      resourceType: type,
      resourceName: name,
      configEntries: only(entries, resources[i].configNames).map(configEntry),
    })),
  };
}

/** Librdkafka asks brokers for all entries, whatever names are given. */
function only(entries, names) {
  return names?.length > 0 ? entries.filter(({ name }) => names.includes(name)) : entries;
}

function configEntry({ name, value, readOnly, isDefault, source, isSensitive, synonyms = [] }) {
  return {
    configName: name,
    configValue: value,
    readOnly,
    isDefault,
    configSource: source,
    isSensitive,
    configSynonyms: synonyms.map((synonym) => ({
      configName: synonym.name,
      configValue: synonym.value,
      configSource: synonym.source,
    })),
  };
}

function checkEntries(resources, valid) {
  for (const resource of resources) {
    const { configEntries } = resource;
    if (!Array.isArray(configEntries)) {
      throw fail(
        `Invalid resource configEntries ${configEntries}: ${show(resource)}`,
        'configEntries',
      );
    }
    if (!configEntries.every(valid)) {
      throw fail(`Invalid resource config value: ${show(resource)}`, 'configEntries');
    }
  }
}

const hasNameAndValue = (entry) =>
  typeof entry?.name === 'string' && typeof entry.value === 'string';

/** Kafka's AlterConfigs replaces: what is not named goes back to its default. */
async function alterConfigs(admin, { resources, validateOnly = false } = {}) {
  checkResources(resources);
  checkEntries(resources, hasNameAndValue);
  return alter(admin, 'alterConfigs', resources, validateOnly);
}

/** Beyond KafkaJS: changes what is named and nothing else; an entry may have `op`: set, delete, append, subtract. */
async function incrementalAlterConfigs(admin, { resources, validateOnly = false } = {}) {
  checkResources(resources);
  checkEntries(
    resources,
    (entry) => hasNameAndValue(entry) || (typeof entry?.name === 'string' && entry.op === 'delete'),
  );
  return alter(admin, 'incrementalAlterConfigs', resources, validateOnly);
}

async function alter(admin, operation, resources, validateOnly) {
  const results = await admin.retrying(async () => {
    const altered = await admin.call(operation, { resources, validateOnly: Boolean(validateOnly) });
    admin.throwFirst(altered);
    return altered;
  });
  return {
    throttleTime: 0,
    resources: results.map(({ type, name }) => ({
      errorCode: 0,
      errorMessage: null,
      resourceType: type,
      resourceName: name,
    })),
  };
}

module.exports = { describeConfigs, alterConfigs, incrementalAlterConfigs };
