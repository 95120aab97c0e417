'use strict';

// From a Delivery event (lib/native.d.ts) to the promise of a send.

const { classes, fromCode, trimStack } = require('../../errors');
const { LIBRDKAFKA_CODES: C, kafkaJSType } = require('../../errors/librdkafka-codes');

const WORDS_A_PARTITION = 8;

/** One accepted send: its promise and what it counts against the producer's limits. */
class Ticket {
  constructor(topic, count, weight) {
    this.topic = topic;
    this.count = count;
    this.weight = weight;
    this.resolve = undefined;
    this.reject = undefined;
    // Set only for a send with an AbortSignal.
    this.cleanup = undefined;
  }
}

/** @returns {string} a 64-bit number of two words */
function decimal(low, high) {
  if (high === 0) return String(low >>> 0);
  if (high === -1) return low < 0 ? String(low) : String(low - 4_294_967_296);
  const value = high * 4_294_967_296 + (low >>> 0);
  return Number.isSafeInteger(value)
    ? String(value)
    : String((BigInt(high) << 32n) | BigInt(low >>> 0));
}

/**
 * The results of one entry; `failed` tells that a partition has an error.
 *
 * @param {Ticket} ticket @param {Int32Array} words @param {number} at first word behind partitionCount
 * @param {number} partitions
 */
function settle(ticket, words, at, partitions, client) {
  const results = new Array(partitions);
  let failed = false;
  for (let i = 0; i < partitions; i += 1, at += WORDS_A_PARTITION) {
    const errorCode = words[at + 1];
    results[i] = {
      topicName: ticket.topic,
      partition: words[at],
      errorCode,
      // Without acknowledgement there is none.
      baseOffset: words[at + 5] < 0 ? '-1' : decimal(words[at + 4], words[at + 5]),
      logAppendTime: words[at + 7] === -1 ? '-1' : decimal(words[at + 6], words[at + 7]),
      logStartOffset: '0',
    };
    if (errorCode !== 0) {
      failed = true;
      results[i].acknowledged = words[at + 2];
      results[i].failed = words[at + 3];
    }
  }
  if (ticket.cleanup !== undefined) ticket.cleanup();
  // Resolved with an async function: V8 finds the caller's frames through it, which costs nothing when all is well.
  ticket.resolve(failed ? failLater(ticket, results, client) : results);
}

const MESSAGES = new Map([
  [C._MSG_TIMED_OUT, 'was not acknowledged in time'],
  [
    C._PURGE_QUEUE,
    'was dropped before it was sent: the transaction was aborted or the producer closed',
  ],
  [
    C._PURGE_INFLIGHT,
    'was dropped before it was acknowledged: the transaction was aborted or the producer closed',
  ],
  [C.UNKNOWN_TOPIC_OR_PART, 'was refused: the topic or partition does not exist'],
  [C._UNKNOWN_TOPIC, 'was refused: the topic does not exist'],
  [C._UNKNOWN_PARTITION, 'was refused: the partition does not exist'],
  [C.MSG_SIZE_TOO_LARGE, 'is larger than allowed'],
  [C.RECORD_LIST_TOO_LARGE, 'is part of a batch larger than the broker allows'],
  [C.TOPIC_EXCEPTION, 'was refused: the name of the topic is not allowed'],
  [C.TOPIC_AUTHORIZATION_FAILED, 'was refused: not authorized to write to the topic'],
  [
    C.CLUSTER_AUTHORIZATION_FAILED,
    'was refused: not authorized (an idempotent producer may need it)',
  ],
  [C.NOT_ENOUGH_REPLICAS, 'was refused: fewer in-sync replicas than required'],
  [C.NOT_ENOUGH_REPLICAS_AFTER_APPEND, 'was written, but to fewer in-sync replicas than required'],
  [C.INVALID_RECORD, 'was refused as invalid by the broker (compacted topics need a key)'],
  [C._STATE, 'was refused: no transaction is open'],
]);

function describe(topic, { partition, errorCode, failed, acknowledged }) {
  const where = partition < 0 ? `"${topic}"` : `"${topic}"[${partition}]`;
  const what = failed === 1 ? 'A message' : `${failed} messages`;
  const why = MESSAGES.get(errorCode) ?? `failed: ${kafkaJSType(errorCode)}`;
  return `${what} for ${where} ${why}${acknowledged > 0 ? ` (${acknowledged} were acknowledged)` : ''}`;
}

/** Rejects with the first error, KafkaJS's way, and the results of all partitions beside it. */
async function failLater(ticket, results, client) {
  // Three turns of the microtask queue: then the caller's promise waits for this function, and V8 sees it.
  await null;
  await null;
  await null;
  throw deliveryError(ticket.topic, results, client);
}

function deliveryError(topic, results, client) {
  const first = results.find(({ errorCode }) => errorCode !== 0);
  const message = describe(topic, first);
  const { partition, errorCode } = first;
  // The last thing the brokers said explains a timeout.
  const cause = errorCode === C._MSG_TIMED_OUT ? (client.lastError ?? undefined) : undefined;
  const fatal = client.fatalError;
  const error = fatal
    ? new classes.KafkaJSNonRetriableError(`${message}: ${fatal.message}`, {
        errorCode: fatal.errorCode === 'ERR_KAFKA_FENCED' ? 'ERR_KAFKA_FENCED' : 'ERR_KAFKA_FATAL',
        fatal: true,
        cause: fatal,
      })
    : fromCode(errorCode, message, { topic, partition, cause });
  error.results = results;
  return trimStack(error);
}

module.exports = { Ticket, settle, decimal, WORDS_A_PARTITION };
