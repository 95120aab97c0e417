'use strict';

const { conflict } = require('../validate');
const { isTrue } = require('../properties');
const { commonEntries, clamp } = require('./common');
const { planMs } = require('../../clients/retry');

const COMPRESSION_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** KafkaJS leaves the size of a message to the broker; librdkafka's own default is 1 MB. */
const LARGEST_MESSAGE_BYTES = 104_857_600;
const IDEMPOTENT_MAX_IN_FLIGHT = 5;
/** More requests on their way are smaller requests: without a limit one-message sends cost up to five times the CPU. */
const DEFAULT_IN_FLIGHT = 5;

const DEFAULT_TRANSACTION_TIMEOUT_MS = 60_000;
const DEFAULTS = Object.freeze({
  acks: -1,
  compression: 'none',
  timeout: 30_000,
  maxQueuedBytes: 67_108_864,
  maxQueuedMessages: 500_000,
  onQueueFull: 'wait',
});

function compressionName(compression) {
  if (typeof compression === 'number') return COMPRESSION_NAMES[compression];
  return compression.toLowerCase();
}

const ACKS = { all: -1, '-1': -1, 0: 0, 1: 1 };

/**
 * What holds for sends that say nothing of their own, and what every native producer of this client shares.
 *
 * @param {object} kafka @param {object} options checked options of the producer
 */
function producerSettings(kafka, options) {
  const { properties } = options;
  const acks = options.acks ?? ACKS[properties.acks] ?? DEFAULTS.acks;
  const retries = { ...kafka.retryGiven, ...options.retry }.retries;
  if (options.idempotent === true && acks !== -1) {
    throw conflict(`idempotent: true needs acks: -1 but received acks: ${acks}`, 'acks');
  }
  if (options.idempotent === true && retries !== undefined && retries < 1) {
    throw conflict(
      `idempotent: true needs retry.retries of at least 1 but received ${retries}`,
      'retry.retries',
    );
  }
  if (options.transactionalId !== undefined && options.idempotent === false) {
    throw conflict(
      'transactionalId needs idempotent: true but received idempotent: false',
      'idempotent',
    );
  }
  const transactionalId = options.transactionalId ?? properties['transactional.id'];
  return {
    acks,
    compression: compressionName(
      options.compression ?? properties['compression.codec'] ?? DEFAULTS.compression,
    ),
    timeout: options.timeout ?? Number(properties['request.timeout.ms'] ?? DEFAULTS.timeout),
    transactionalId,
    transactionTimeout:
      options.transactionTimeout ??
      Number(properties['transaction.timeout.ms'] ?? DEFAULT_TRANSACTION_TIMEOUT_MS),
    retries,
    idempotent: wantsIdempotence(options, acks, retries),
    maxQueuedBytes: options.maxQueuedBytes ?? DEFAULTS.maxQueuedBytes,
    maxQueuedMessages: options.maxQueuedMessages ?? DEFAULTS.maxQueuedMessages,
    onQueueFull: options.onQueueFull ?? DEFAULTS.onQueueFull,
  };
}

/** On unless something speaks against it: it costs nothing and keeps order and single copies in spite of retries. */
function wantsIdempotence(options, acks, retries) {
  const property = options.properties['enable.idempotence'];
  if (property !== undefined) return isTrue(property);
  if (options.idempotent !== undefined) return options.idempotent;
  return acks === -1 && retries !== 0;
}

/**
 * The properties of one native producer.
 *
 * @param {object} kafka @param {object} options @param {string[]} brokers
 * @param {{ acks?: number, compression?: string, timeout?: number, transactional?: boolean }} [variant]
 *   what differs from the settings; `transactional: false` leaves the transactional id out
 * @returns {{ entries: [string, string][], settings: object }}
 */
function producerConfig(kafka, options, brokers, variant = {}) {
  const settings = { ...producerSettings(kafka, options) };
  const acks = variant.acks ?? settings.acks;
  const transactional = settings.transactionalId !== undefined && variant.transactional !== false;
  const idempotent = transactional || (settings.idempotent && acks === -1);
  const timeout = variant.timeout ?? settings.timeout;
  const retry = { ...kafka.retry, ...options.retry };

  const entries = commonEntries(kafka, options, brokers)
    .set('enable.idempotence', idempotent)
    .set('partitioner', 'murmur2_random')
    .set('linger.ms', 0)
    // The limit of what may wait is kept in JavaScript, where a send can wait for its turn.
    .set('queue.buffering.max.messages', 0)
    .set('queue.buffering.max.kbytes', 2_147_483_647)
    .set('message.max.bytes', LARGEST_MESSAGE_BYTES)
    .set('allow.auto.create.topics', options.allowAutoTopicCreation ?? true)
    .set('delivery.report.only.error', 'false');

  let deliveryTimeout = Math.max(
    planMs(retry) + clamp(kafka.requestTimeout, 10, 300_000),
    timeout + 1,
  );
  if (settings.retries !== undefined) {
    entries.set('retries', clamp(settings.retries, idempotent ? 1 : 0, 2_147_483_647));
  }
  const inFlight = options.maxInFlightRequests ?? DEFAULT_IN_FLIGHT;
  if (options.idempotent === true && inFlight > IDEMPOTENT_MAX_IN_FLIGHT) {
    throw conflict(
      `idempotent: true allows maxInFlightRequests of at most ${IDEMPOTENT_MAX_IN_FLIGHT} but received ${inFlight}`,
      'maxInFlightRequests',
    );
  }
  entries.set(
    'max.in.flight',
    idempotent ? Math.min(inFlight, IDEMPOTENT_MAX_IN_FLIGHT) : inFlight,
  );
  if (transactional) {
    entries.set('transactional.id', settings.transactionalId);
    entries.set('transaction.timeout.ms', settings.transactionTimeout);
    deliveryTimeout = Math.min(deliveryTimeout, settings.transactionTimeout);
    entries.set(
      'socket.timeout.ms',
      Math.min(Number(entries.get('socket.timeout.ms')), settings.transactionTimeout),
    );
  }
  entries.set('message.timeout.ms', clamp(deliveryTimeout, 1, 2_147_483_647));
  entries.override(options.properties);
  // Decided above, with the properties taken into account.
  entries.set('acks', acks).set('compression.codec', variant.compression ?? settings.compression);
  entries.set('request.timeout.ms', clamp(timeout, 1, 900_000));
  entries.set('enable.idempotence', idempotent);
  if (!transactional) entries.delete('transactional.id');
  return { entries: entries.toArray(), settings };
}

module.exports = { producerConfig, producerSettings, compressionName, DEFAULTS };
