'use strict';

// KafkaJS's network events. REQUEST and REQUEST_TIMEOUT come from what librdkafka's threads saw, and only while somebody
// listens; REQUEST_QUEUE_SIZE comes with statistics.

/** Names of Kafka's requests by key, as KafkaJS has them; later ones as in Kafka's protocol. */
const API_NAMES = Object.freeze({
  0: 'Produce',
  1: 'Fetch',
  2: 'ListOffsets',
  3: 'Metadata',
  8: 'OffsetCommit',
  9: 'OffsetFetch',
  10: 'GroupCoordinator',
  11: 'JoinGroup',
  12: 'Heartbeat',
  13: 'LeaveGroup',
  14: 'SyncGroup',
  15: 'DescribeGroups',
  16: 'ListGroups',
  17: 'SaslHandshake',
  18: 'ApiVersions',
  19: 'CreateTopics',
  20: 'DeleteTopics',
  21: 'DeleteRecords',
  22: 'InitProducerId',
  23: 'OffsetForLeaderEpoch',
  24: 'AddPartitionsToTxn',
  25: 'AddOffsetsToTxn',
  26: 'EndTxn',
  28: 'TxnOffsetCommit',
  29: 'DescribeAcls',
  30: 'CreateAcls',
  31: 'DeleteAcls',
  32: 'DescribeConfigs',
  33: 'AlterConfigs',
  36: 'SaslAuthenticate',
  37: 'CreatePartitions',
  42: 'DeleteGroups',
  43: 'ElectLeaders',
  44: 'IncrementalAlterConfigs',
  47: 'OffsetDelete',
  50: 'DescribeUserScramCredentials',
  51: 'AlterUserScramCredentials',
  60: 'DescribeCluster',
  68: 'ConsumerGroupHeartbeat',
  69: 'ConsumerGroupDescribe',
  71: 'GetTelemetrySubscriptions',
  72: 'PushTelemetry',
  75: 'DescribeTopicPartitions',
});

/** Words of a request in the event "Requests" of lib/native.d.ts. */
const WORDS = 8;
/** Librdkafka's names of brokers: [protocol://]host:port/(id | bootstrap). */
const BROKER = /^(?:[a-z_]+:\/\/)?(.+:\d+)(?:\/(?:\d+|bootstrap))?$/i;
/** Its connection to a coordinator: GroupCoordinator/1, TxnCoordinator/1; the node id is in the name only. */
const COORDINATOR = /\/(\d+)$/;

class RequestEvents {
  #events;
  #instrumentation;
  #clientId;
  #logger;
  /** host:port by node id, for connections to coordinators. */
  #addresses = new Map();
  #queueSizes = new Map();

  constructor({ events, instrumentation, clientId, logger }) {
    this.#events = events;
    this.#instrumentation = instrumentation;
    this.#clientId = clientId;
    this.#logger = logger;
  }

  /** Whether the native side has to look at requests. */
  get wanted() {
    const { REQUEST, REQUEST_TIMEOUT } = this.#events;
    return this.#instrumentation.has(REQUEST) || this.#instrumentation.has(REQUEST_TIMEOUT);
  }

  /** @param {Float64Array} words @param {string[]} brokers @param {number} dropped */
  onRequests(words, brokers, dropped) {
    for (let i = 0; i < brokers.length; i += 1) {
      const word = i * WORDS;
      this.#emit(words.subarray(word, word + WORDS), brokers[i]);
    }
    if (dropped > 0) {
      this.#logger.warn('Some network events were dropped: more came than this process took', {
        dropped,
      });
    }
  }

  #emit([timedOut, apiKey, apiVersion, correlationId, size, rttUs, at, nodeId], name) {
    const known = {
      apiKey,
      apiName: API_NAMES[apiKey] ?? `Api${apiKey}`,
      apiVersion,
      broker: this.#address(name, nodeId),
      clientId: this.#clientId,
      correlationId,
      // Librdkafka does not say when a request was made, only how long its answer took.
      createdAt: null,
      pendingDuration: null,
    };
    if (timedOut === 1) {
      this.#instrumentation.emit(this.#events.REQUEST_TIMEOUT, { ...known, sentAt: null });
      return;
    }
    const duration = Math.round(Math.max(rttUs, 0) / 1000);
    const sentAt = at - duration;
    this.#instrumentation.emit(this.#events.REQUEST, { ...known, sentAt, duration, size });
  }

  /** @param {{ id: number, host: string, port: number }[]} brokers of a metadata answer */
  learn(brokers) {
    for (const { id, host, port } of brokers) this.#addresses.set(id, `${host}:${port}`);
  }

  #address(name, nodeId) {
    const address = BROKER.exec(name)?.[1];
    if (address === undefined) {
      return this.#addresses.get(Number(COORDINATOR.exec(name)?.[1])) ?? name;
    }
    if (nodeId >= 0) this.#addresses.set(nodeId, address);
    return address;
  }

  /** One event for each broker whose queue changed since the last statistics. */
  onStatistics({ brokers }) {
    if (!this.#instrumentation.has(this.#events.REQUEST_QUEUE_SIZE)) return;
    for (const { name, nodeId, outbufCount, source } of brokers) {
      if (source === 'internal' || this.#queueSizes.get(name) === outbufCount) continue;
      this.#queueSizes.set(name, outbufCount);
      this.#instrumentation.emit(this.#events.REQUEST_QUEUE_SIZE, {
        broker: this.#address(name, nodeId),
        clientId: this.#clientId,
        queueSize: outbufCount,
      });
    }
  }
}

module.exports = { RequestEvents };
