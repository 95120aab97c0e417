'use strict';

// `acks`, `compression` and `timeout` of one send(). In librdkafka they belong to a producer, so other values than the
// producer's own need another native producer behind the same object. There is no order between two of them.

const { checkValue, conflict } = require('../../options/validate');
const shapes = require('../../options/shapes');
const { compressionName } = require('../../options/config/producer');

const LIMIT = 16;

/**
 * @param {object} settings of the producer
 * @param {{ acks?: number, compression?: number | string, timeout?: number }} record argument of send()
 * @param {{ strictIdempotence: boolean }} options
 * @returns {null | { key: string, acks: number, compression: string, timeout: number }} null: the producer's own
 */
function variantOf(settings, record, { strictIdempotence }) {
  const acks = given('acks', record.acks, shapes.acks) ?? settings.acks;
  const timeout = given('timeout', record.timeout, shapes.ackTimeout) ?? settings.timeout;
  const compression =
    given('compression', record.compression, shapes.compression) === undefined
      ? settings.compression
      : compressionName(record.compression);
  if (strictIdempotence && acks !== -1) {
    throw conflict(
      `An idempotent or transactional producer needs acks: -1 but received ${acks}`,
      'acks',
    );
  }
  if (
    acks === settings.acks &&
    timeout === settings.timeout &&
    compression === settings.compression
  ) {
    return null;
  }
  return { key: `${acks}|${compression}|${timeout}`, acks, compression, timeout };
}

function given(name, value, check) {
  return value === undefined || value === null ? undefined : checkValue(check, value, name);
}

/** In a transaction there is one native producer, and everything goes through it. */
function refuseInTransaction() {
  return conflict(
    'acks, compression and timeout of a transactional send() must be those of the producer: ' +
      'give them to kafka.producer({ acks, compression, timeout })',
    'compression',
  );
}

function refuseTooMany() {
  return conflict(
    `A producer can serve ${LIMIT} combinations of acks, compression and timeout; make another producer`,
    'timeout',
  );
}

module.exports = { variantOf, refuseInTransaction, refuseTooMany, LIMIT };
