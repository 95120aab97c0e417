'use strict';

// The options of StatusHub, checked and with defaults: docs/status-hub.md has them as a table.

const { availableParallelism } = require('node:os');
const {
  checkOptions,
  checkValue,
  conflict,
  invalidOption,
  is,
  isObject,
} = require('../options/validate');
const { channelTemplate } = require('../options/channel-template');
const { catalogOf, channelOf, nameOf, topicsOf } = require('./catalog');
const { checkGrant } = require('./grant');

const WHERE = 'new StatusHub()';
const INT32_MAX = 2_147_483_647;
const DAY_MS = 86_400_000;
const MAX_SHARDS = 64;

const ms = is.integer(1, INT32_MAX);
const count = is.integer(1, INT32_MAX);
const bytes = is.integer(1);

const path = {
  what: 'a path that begins with / and has no ? or #',
  test: (v) => typeof v === 'string' && /^\/[^?#\s]*$/.test(v),
};

const topicShape = { topic: is.string, compacted: is.boolean, channel: channelTemplate };
const topics = {
  what: 'a non-empty array of topic names or { topic, compacted, channel }',
  test: (v) =>
    Array.isArray(v) &&
    v.length > 0 &&
    v.every((item) => is.string.test(item) || (isObject(item) && is.string.test(item.topic))),
};

const origins = {
  what: "'*' or an array of origins like 'https://app.example'",
  test: (v) => v === '*' || (Array.isArray(v) && v.every(isOrigin)),
};

const shape = {
  topics,
  channel: channelTemplate,
  // loadCatalog() says what it may be.
  catalog: { what: 'a catalog', test: () => true },
  path,
  from: is.oneOf('window', 'beginning'),
  window: is.object,
  metadataIntervalMs: ms,
  shards: is.integer(1, MAX_SHARDS),
  store: is.object,
  pingIntervalMs: ms,
  authenticateMs: ms,
  handshakeMs: ms,
  authorizeMs: ms,
  expiryNoticeMs: is.integer(0, INT32_MAX),
  limits: is.object,
  overflow: is.oneOf('gap', 'close'),
  compression: {
    what: 'a boolean or an object',
    test: (v) => is.boolean.test(v) || isObject(v),
  },
  origins,
  addressOf: is.func,
  anonymous: is.object,
  authorizeCache: is.object,
  publish: is.object,
  transform: is.func,
  transport: is.oneOf('auto', 'relay'),
  metricsRegistry: {
    what: 'a Registry of prom-client',
    test: (v) => typeof v?.registerMetric === 'function',
  },
};

const groups = {
  window: { shape: { ms: is.integer(0) }, defaults: { ms: DAY_MS } },
  store: {
    shape: {
      maxEntities: count,
      maxBytes: bytes,
      historyUpdates: is.integer(0, INT32_MAX),
      historyBytes: is.integer(0),
      tokenMs: is.integer(0, INT32_MAX),
    },
    defaults: {
      maxEntities: 1_000_000,
      maxBytes: 536_870_912,
      historyUpdates: 100_000,
      historyBytes: 67_108_864,
      tokenMs: 600_000,
    },
  },
  limits: {
    shape: {
      connections: count,
      connectionsPerSubject: count,
      connectionsPerAddress: count,
      headerBytes: count,
      subscriptions: count,
      patterns: count,
      messageBytes: is.integer(1, 67_108_864),
      messagesPerSecond: count,
      outboundBytes: is.integer(4_096),
      slowMs: ms,
      publishes: count,
    },
    defaults: {
      connections: 100_000,
      connectionsPerSubject: 100,
      connectionsPerAddress: 10_000,
      headerBytes: 16_384,
      subscriptions: 100,
      patterns: 100,
      messageBytes: 65_536,
      messagesPerSecond: 100,
      outboundBytes: 1_048_576,
      slowMs: 30_000,
      publishes: 16,
    },
  },
  authorizeCache: {
    shape: { max: count, ttlMs: ms },
    defaults: { max: 10_000, ttlMs: 60_000 },
  },
};

const compressionShape = { thresholdBytes: is.integer(0, INT32_MAX) };
const COMPRESSION_DEFAULTS = { thresholdBytes: 1_024 };

const routeShape = {
  topic: is.string,
  schema: { what: 'a JSON Schema', test: isObject },
  key: {
    what: 'a field of the data or a function',
    test: (v) => is.string.test(v) || is.func.test(v),
  },
  headers: { what: 'an object or a function', test: (v) => isObject(v) || is.func.test(v) },
};

const DEFAULTS = {
  path: '/status',
  from: 'window',
  metadataIntervalMs: 30_000,
  pingIntervalMs: 25_000,
  authenticateMs: 10_000,
  handshakeMs: 10_000,
  authorizeMs: 10_000,
  expiryNoticeMs: 60_000,
  overflow: 'gap',
  compression: true,
  transport: 'auto',
};

/** One for every two cores: the others are for JavaScript, librdkafka and the rest of the machine. */
function defaultShards() {
  return Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));
}

function isOrigin(value) {
  if (typeof value !== 'string') return false;
  try {
    return new URL(value).origin === value.toLowerCase();
  } catch {
    return false;
  }
}

/** The topics with their channels. What is said of a topic counts most, then the option `channel`, then the catalog. */
function checkTopics(list, channel, catalog) {
  const checked = list.map((item, i) => {
    const own =
      typeof item === 'string'
        ? { topic: item }
        : checkOptions(topicShape, item, WHERE, { prefix: `topics[${i}].` });
    const topic = nameOf(catalog, own.topic);
    const chosen = own.channel ?? channel ?? channelOf(catalog, topic);
    if (chosen === undefined) throw invalidOption(channelTemplate.what, 'channel', undefined);
    return { ...own, topic, channel: chosen };
  });
  const twice = checked.find(({ topic }, i) => checked.findIndex((t) => t.topic === topic) !== i);
  if (twice !== undefined) throw conflict(`topics has ${twice.topic} twice`, 'topics');
  return checked;
}

function checkRoutes(routes) {
  return Object.fromEntries(
    Object.entries(routes).map(([name, route]) => {
      const prefix = `publish['${name}'].`;
      const checked = checkOptions(routeShape, route, WHERE, { prefix });
      checkValue(is.string, checked.topic, `${prefix}topic`);
      return [name, checked];
    }),
  );
}

function checkCompression(given) {
  if (given === false) return null;
  const own = given === true ? {} : given;
  return {
    ...COMPRESSION_DEFAULTS,
    ...checkOptions(compressionShape, own, WHERE, { prefix: 'compression.' }),
  };
}

/**
 * @param {unknown} given
 * @param {import('../service').KafkaService | null} [service] has the catalog where `given` names none
 * @returns {object} every option with its value
 * @throws {KafkaJSInvalidOptionError} names the option
 */
function hubOptions(given, service = null) {
  if (!isObject(given)) throw invalidOption('an object', WHERE, given);
  const { catalog: source, ...own } = checkOptions(shape, given, WHERE);
  const catalog = catalogOf(source, service);
  if (own.topics === undefined && catalog === null) {
    throw invalidOption(topics.what, 'topics', undefined);
  }
  const options = { ...DEFAULTS, shards: defaultShards(), ...own };
  for (const [name, group] of Object.entries(groups)) {
    const checked = checkOptions(group.shape, own[name], WHERE, { prefix: `${name}.` });
    options[name] = { ...group.defaults, ...checked };
  }
  options.topics = checkTopics(own.topics ?? topicsOf(catalog), own.channel, catalog);
  options.compression = checkCompression(options.compression);
  options.publish = own.publish === undefined ? null : checkRoutes(own.publish);
  options.anonymous =
    own.anonymous === undefined ? null : checkGrant({ subject: '', ...own.anonymous }, 'anonymous');
  if (Array.isArray(options.origins)) {
    options.origins = new Set(options.origins.map((origin) => origin.toLowerCase()));
  }
  return options;
}

/**
 * What of it is the native hub's: `HubOptions` of lib/native.d.ts.
 *
 * @param {object} options result of hubOptions()
 * @param {{ asksAuthorize: boolean }} rights
 */
function nativeOptions(options, { asksAuthorize }) {
  const { limits } = options;
  return {
    shards: options.shards,
    channels: Object.fromEntries(options.topics.map(({ topic, channel }) => [topic, channel])),
    store: options.store,
    pingIntervalMs: options.pingIntervalMs,
    authenticateMs: options.authenticateMs,
    limits: {
      subscriptions: limits.subscriptions,
      patterns: limits.patterns,
      messageBytes: limits.messageBytes,
      messagesPerSecond: limits.messagesPerSecond,
      outboundBytes: limits.outboundBytes,
      slowMs: limits.slowMs,
      publishes: limits.publishes,
    },
    overflow: options.overflow,
    compression: options.compression,
    asksAuthorize,
    publish: options.publish !== null,
    transforms: options.transform !== undefined,
    expiryNoticeMs: options.expiryNoticeMs,
  };
}

module.exports = {
  hubOptions,
  nativeOptions,
  checkPath: (value) => checkValue(path, value, 'path'),
};
