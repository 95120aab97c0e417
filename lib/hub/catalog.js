'use strict';

// What a hub takes from a catalog: which topics it follows, and the channel of each. The service layer is loaded by the first hub
// that has a catalog, not by everybody who wants a Kafka client.

const { conflict } = require('../options/validate');

/**
 * @param {unknown} given option `catalog`; one by its name, path or data has the names and values of the environment
 * @param {import('../service').KafkaService | null} service whose catalog it is where none is given
 * @returns {import('../service').Catalog | null}
 * @throws {CatalogError | KafkaJSInvalidOptionError}
 */
function catalogOf(given, service) {
  if (given === undefined) return service?.catalog ?? null;
  const { loadCatalog } = require('../service/catalog/load');
  const catalog = loadCatalog(given);
  return catalog === given ? catalog : catalog.withEnvironment(process.env);
}

/**
 * The names of all topics that have a channel. Those of an organization are left out where none is named.
 *
 * @returns {string[]}
 * @throws {KafkaJSInvalidOptionError} there is none
 */
function topicsOf(catalog) {
  const names = catalog.topics
    .filter(({ id, channel }) => channel !== null && catalog.missingParameters(id).length === 0)
    .map(({ id }) => catalog.nameOf(id));
  if (names.length > 0) return names;
  throw conflict(
    `The catalog ${catalog.name} names no channel for any topic that has a name: say topics and channel`,
    'catalog',
  );
}

/** A topic's name by its id in the catalog, any other name as it is. */
const nameOf = (catalog, topic) => (catalog?.has(topic) ? catalog.nameOf(topic) : topic);

/** @returns {string | undefined} */
const channelOf = (catalog, topic) => catalog?.channelOf(topic) ?? undefined;

module.exports = { catalogOf, topicsOf, nameOf, channelOf };
