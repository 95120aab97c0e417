'use strict';

const { createHash } = require('node:crypto');
const { KafkaService, State } = require('./kafka-service');

/** One for each configuration, until it is shut down. */
const services = new Map();

/** Functions and instances are what they are; everything else counts by its contents. */
const identities = new WeakMap();
let numbers = 0;

function identity(value) {
  if (!identities.has(value)) identities.set(value, (numbers += 1));
  return `#${identities.get(value)}`;
}

function canonical(value) {
  if (typeof value === 'function') return identity(value);
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return identity(value);
  const names = Object.keys(value).sort();
  return names.map((name) => [name, canonical(value[name])]);
}

/** A hash, so that no secret of a configuration lies around as a key. */
const keyOf = (options) => {
  const text = JSON.stringify(canonical(options), (_, value) =>
    value === undefined ? null : value,
  );
  return createHash('sha256').update(text).digest('base64');
};

/**
 * The service of this process for a configuration: the same options give the same service, until its shutdown().
 *
 * @param {object} [options] see KafkaService
 * @param {typeof KafkaService} [Service] a preset's own class
 * @returns {KafkaService}
 */
function getKafkaService(options = {}, Service = KafkaService) {
  const key = `${identity(Service)} ${keyOf(options)}`;
  const known = services.get(key);
  if (known !== undefined && known.state !== State.closing && known.state !== State.closed) {
    return known;
  }
  const service = new Service(options);
  services.set(key, service);
  service.once('closing', () => {
    if (services.get(key) === service) services.delete(key);
  });
  return service;
}

module.exports = { getKafkaService };
