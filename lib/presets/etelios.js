'use strict';

// Etelios' shared/services/kafka.service and shared/config/kafka.config in one.

const { randomUUID } = require('node:crypto');
const { invalidOption, isObject } = require('../options/validate');
const { loadCatalog } = require('../service/catalog/load');
const shared = require('../service/shared-service');

const CATALOG = 'etelios';
const defaults = Object.freeze({ clientId: 'etelios', brokers: ['localhost:9092'] });

/** `{ USER_CREATED: 'user.created', … }` */
const KAFKA_TOPICS = loadCatalog(CATALOG).constants();

/**
 * The service of this process: the same options give the same one, until its shutdown().
 *
 * @param {object} [options] see KafkaService
 */
function getKafkaService(options) {
  return shared.getKafkaService({ catalog: CATALOG, defaults, ...options });
}

/**
 * @param {string} type
 * @param {object} data
 * @param {object} [metadata] tenantId, source, …; an eventId or timestamp of yours is kept
 */
function createEvent(type, data, metadata = {}) {
  if (typeof type !== 'string' || type === '')
    throw invalidOption('a non-empty string', 'type', type);
  if (!isObject(data)) throw invalidOption('an object', 'data', data);
  return {
    type,
    data,
    metadata: { eventId: randomUUID(), timestamp: new Date().toISOString(), ...metadata },
  };
}

/** The consumer group of a service: all its instances share the events among them. */
function getConsumerGroup(service) {
  if (typeof service === 'string' && service !== '') return service;
  throw invalidOption('the name of a service', 'service', service);
}

module.exports = { getKafkaService, KAFKA_TOPICS, createEvent, getConsumerGroup };
