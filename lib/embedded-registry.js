'use strict';

// Addresses of the embedded brokers of this process. A symbol of the process, because Jest loads this file more than once.

const KEY = Symbol.for('easyflow-kafka.embedded-brokers');

function addresses() {
  if (!globalThis[KEY]) Object.defineProperty(globalThis, KEY, { value: new Set() });
  return globalThis[KEY];
}

function add(brokers) {
  for (const broker of brokers) addresses().add(broker);
}

function remove(brokers) {
  for (const broker of brokers) addresses().delete(broker);
}

/** Whether these are the addresses of an embedded broker of this process. */
function isEmbedded(brokers) {
  return brokers.length > 0 && brokers.every((broker) => addresses().has(broker));
}

module.exports = { add, remove, isEmbedded };
