'use strict';

// An AsyncAPI 3.0 document of a catalog. Payloads are those of the wire: the event's schema inside its envelope.

const { envelope } = require('../envelopes');

const ASYNCAPI = '3.0.0';
const KAFKA_BINDING = '0.5.0';

const BINARY = 'cloudevents-binary';

/** Keys of components: letters, digits, dot, underscore, hyphen. */
const keyOf = (...parts) => parts.join('.').replace(/[^A-Za-z0-9._-]/g, '_');
/** A segment of a JSON pointer in a `$ref`. */
const pointer = (...segments) =>
  `#/${segments.map((s) => s.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
const reference = (...segments) => ({ $ref: pointer(...segments) });

/** A message for each event and envelope of a topic. */
function messagesOf(catalog, topic) {
  const messages = [];
  for (const type of topic.events) {
    for (const name of topic.envelopes) {
      messages.push({ key: keyOf(type, name), type, name, topic, event: catalog.event(type) });
    }
  }
  return messages;
}

function message({ type, name, event }) {
  const isCloudEvent = name.startsWith('cloudevents');
  return {
    name: type,
    title: event.description || type,
    summary: `${type} in the envelope ${name}`,
    contentType: name === 'cloudevents' ? 'application/cloudevents+json' : 'application/json',
    payload: envelope(name).schemaOf(type, event.schema),
    ...(name === BINARY && {
      headers: {
        type: 'object',
        required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type'],
        properties: {
          ce_specversion: { const: '1.0' },
          ce_id: { type: 'string' },
          ce_source: { type: 'string' },
          ce_type: { const: type },
          ce_time: { type: 'string', format: 'date-time' },
        },
      },
    }),
    ...(isCloudEvent && { tags: [{ name: 'cloudevents' }] }),
    bindings: { kafka: { key: { type: 'string' }, bindingVersion: KAFKA_BINDING } },
  };
}

function topicBinding(topic) {
  const configuration = {
    ...(topic.cleanupPolicy !== null && { 'cleanup.policy': topic.cleanupPolicy.split(',') }),
    ...(topic.retentionMs !== null && { 'retention.ms': topic.retentionMs }),
  };
  return {
    kafka: {
      ...(topic.parameters.length === 0 && { topic: topic.name }),
      ...(topic.partitions !== null && { partitions: topic.partitions }),
      ...(topic.replicationFactor !== null && { replicas: topic.replicationFactor }),
      ...(Object.keys(configuration).length > 0 && { topicConfiguration: configuration }),
      bindingVersion: KAFKA_BINDING,
    },
  };
}

function channel(catalog, topic) {
  const messages = messagesOf(catalog, topic);
  const parameters = topic.parameters.map((name) => {
    const { description = '' } = catalog.parameters[name] ?? {};
    return [name, { ...(description && { description }) }];
  });
  return {
    address: topic.name,
    ...(topic.description && { description: topic.description }),
    messages: Object.fromEntries(
      messages.map(({ key }) => [key, reference('components', 'messages', key)]),
    ),
    ...(parameters.length > 0 && { parameters: Object.fromEntries(parameters) }),
    bindings: topicBinding(topic),
  };
}

function operationsOf(group) {
  const operation = (action, id) => ({
    action,
    channel: reference('channels', id),
    ...(group.description && { summary: group.description }),
    bindings: {
      kafka: {
        ...(action === 'receive' && { groupId: { type: 'string', enum: [group.id] } }),
        bindingVersion: KAFKA_BINDING,
      },
    },
  });
  return [
    ...group.topics.map((id) => [keyOf(group.id, 'receive', id), operation('receive', id)]),
    ...group.publishes.map((id) => [keyOf(group.id, 'send', id), operation('send', id)]),
  ];
}

/**
 * @param {import('./catalog').Catalog} catalog
 * @param {{ servers?: string[] }} [options] servers: host:port of brokers
 * @returns {object} an AsyncAPI document
 */
function asyncapi(catalog, { servers = [] } = {}) {
  const { topics, groups } = catalog;
  const messages = topics.flatMap((topic) => messagesOf(catalog, topic));
  return {
    asyncapi: ASYNCAPI,
    info: {
      title: catalog.title,
      version: catalog.version,
      ...(catalog.description && { description: catalog.description }),
    },
    defaultContentType: 'application/json',
    ...(servers.length > 0 && {
      servers: Object.fromEntries(
        servers.map((host, i) => [`kafka${i + 1}`, { host, protocol: 'kafka' }]),
      ),
    }),
    channels: Object.fromEntries(topics.map((topic) => [topic.id, channel(catalog, topic)])),
    operations: Object.fromEntries(groups.flatMap(operationsOf)),
    components: { messages: Object.fromEntries(messages.map((m) => [m.key, message(m)])) },
  };
}

module.exports = { asyncapi };
