'use strict';

// The embedded brokers of this process by address. A symbol of the process, because Jest loads this file more than once.

const KEY = Symbol.for('easyflow-kafka.embedded-clusters');

/** @returns {Map<string, import('./embedded-kafka').EmbeddedKafka>} */
function clusters() {
  if (!globalThis[KEY]) Object.defineProperty(globalThis, KEY, { value: new Map() });
  return globalThis[KEY];
}

function add(brokers, cluster) {
  for (const broker of brokers) clusters().set(broker, cluster);
}

function remove(brokers) {
  for (const broker of brokers) clusters().delete(broker);
}

/** Whether these are the addresses of an embedded broker of this process. */
function isEmbedded(brokers) {
  return brokers.length > 0 && brokers.every((broker) => clusters().has(broker));
}

/** The embedded broker of this process with one of these addresses. */
function clusterAt(brokers) {
  return clusters().get(brokers.find((broker) => clusters().has(broker)));
}

module.exports = { add, remove, isEmbedded, clusterAt };
