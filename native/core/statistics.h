// librdkafka's statistics, typed: names in camelCase with their units, without what only its
// developers need.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easyflow::core {

// Each struct lists its fields once: visit(name, name in librdkafka's JSON, member). Parsing,
// toJson() and the binding's objects all follow that list. Member types are std::string,
// std::int64_t, bool, other such structs, vectors and optionals of them. Numbers are below 2^53 in
// practice and may become doubles.

struct WindowStatistics {
  std::int64_t min = 0, max = 0, avg = 0, sum = 0, stddev = 0;
  std::int64_t p50 = 0, p75 = 0, p90 = 0, p95 = 0, p99 = 0, p99_99 = 0;
  std::int64_t count = 0, outOfRange = 0;

  template <typename Self, typename Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("min", "min", self.min);
    visit("max", "max", self.max);
    visit("avg", "avg", self.avg);
    visit("sum", "sum", self.sum);
    visit("stddev", "stddev", self.stddev);
    visit("p50", "p50", self.p50);
    visit("p75", "p75", self.p75);
    visit("p90", "p90", self.p90);
    visit("p95", "p95", self.p95);
    visit("p99", "p99", self.p99);
    visit("p99_99", "p99_99", self.p99_99);
    visit("count", "cnt", self.count);
    visit("outOfRange", "outofrange", self.outOfRange);
  }
};

struct BrokerStatistics {
  std::string name, nodeName, source, state;
  std::int64_t nodeId = -1, stateAgeUs = 0;
  std::int64_t outbufCount = 0, outbufMessageCount = 0, waitResponseCount = 0,
               waitResponseMessageCount = 0;
  std::int64_t txRequests = 0, txBytes = 0, txErrors = 0, txRetries = 0, txIdleUs = -1;
  std::int64_t rxResponses = 0, rxBytes = 0, rxErrors = 0, rxCorrelationIdErrors = 0, rxPartial = 0,
               rxIdleUs = -1;
  std::int64_t requestTimeouts = 0, wakeups = 0, connects = 0, disconnects = 0;
  WindowStatistics internalLatencyUs, outbufLatencyUs, rttUs, throttleMs;

  template <typename Self, typename Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("name", "name", self.name);
    visit("nodeId", "nodeid", self.nodeId);
    visit("nodeName", "nodename", self.nodeName);
    visit("source", "source", self.source);
    visit("state", "state", self.state);
    visit("stateAgeUs", "stateage", self.stateAgeUs);
    visit("outbufCount", "outbuf_cnt", self.outbufCount);
    visit("outbufMessageCount", "outbuf_msg_cnt", self.outbufMessageCount);
    visit("waitResponseCount", "waitresp_cnt", self.waitResponseCount);
    visit("waitResponseMessageCount", "waitresp_msg_cnt", self.waitResponseMessageCount);
    visit("txRequests", "tx", self.txRequests);
    visit("txBytes", "txbytes", self.txBytes);
    visit("txErrors", "txerrs", self.txErrors);
    visit("txRetries", "txretries", self.txRetries);
    visit("txIdleUs", "txidle", self.txIdleUs);
    visit("requestTimeouts", "req_timeouts", self.requestTimeouts);
    visit("rxResponses", "rx", self.rxResponses);
    visit("rxBytes", "rxbytes", self.rxBytes);
    visit("rxErrors", "rxerrs", self.rxErrors);
    visit("rxCorrelationIdErrors", "rxcorriderrs", self.rxCorrelationIdErrors);
    visit("rxPartial", "rxpartial", self.rxPartial);
    visit("rxIdleUs", "rxidle", self.rxIdleUs);
    visit("wakeups", "wakeups", self.wakeups);
    visit("connects", "connects", self.connects);
    visit("disconnects", "disconnects", self.disconnects);
    visit("internalLatencyUs", "int_latency", self.internalLatencyUs);
    visit("outbufLatencyUs", "outbuf_latency", self.outbufLatencyUs);
    visit("rttUs", "rtt", self.rttUs);
    visit("throttleMs", "throttle", self.throttleMs);
  }
};

// Offsets are -1001 while they are unknown.
struct PartitionStatistics {
  std::int64_t partition = -1, broker = -1, leader = -1;
  std::int64_t queueCount = 0, queueBytes = 0, transmitQueueCount = 0, transmitQueueBytes = 0;
  std::int64_t fetchQueueCount = 0, fetchQueueBytes = 0;
  std::string fetchState;
  std::int64_t queryOffset = -1001, nextOffset = -1001, appOffset = -1001, storedOffset = -1001;
  std::int64_t committedOffset = -1001, eofOffset = -1001;
  std::int64_t lowWatermark = -1001, highWatermark = -1001, lastStableOffset = -1001;
  // -1: unknown.
  std::int64_t consumerLag = -1, consumerLagStored = -1, leaderEpoch = -1;
  std::int64_t txMessages = 0, txBytes = 0, rxMessages = 0, rxBytes = 0, rxOutdatedDrops = 0,
               messagesInFlight = 0;

  template <typename Self, typename Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("partition", "partition", self.partition);
    visit("broker", "broker", self.broker);
    visit("leader", "leader", self.leader);
    visit("queueCount", "msgq_cnt", self.queueCount);
    visit("queueBytes", "msgq_bytes", self.queueBytes);
    visit("transmitQueueCount", "xmit_msgq_cnt", self.transmitQueueCount);
    visit("transmitQueueBytes", "xmit_msgq_bytes", self.transmitQueueBytes);
    visit("fetchQueueCount", "fetchq_cnt", self.fetchQueueCount);
    visit("fetchQueueBytes", "fetchq_size", self.fetchQueueBytes);
    visit("fetchState", "fetch_state", self.fetchState);
    visit("queryOffset", "query_offset", self.queryOffset);
    visit("nextOffset", "next_offset", self.nextOffset);
    visit("appOffset", "app_offset", self.appOffset);
    visit("storedOffset", "stored_offset", self.storedOffset);
    visit("committedOffset", "committed_offset", self.committedOffset);
    visit("eofOffset", "eof_offset", self.eofOffset);
    visit("lowWatermark", "lo_offset", self.lowWatermark);
    visit("highWatermark", "hi_offset", self.highWatermark);
    visit("lastStableOffset", "ls_offset", self.lastStableOffset);
    visit("consumerLag", "consumer_lag", self.consumerLag);
    visit("consumerLagStored", "consumer_lag_stored", self.consumerLagStored);
    visit("leaderEpoch", "leader_epoch", self.leaderEpoch);
    visit("txMessages", "txmsgs", self.txMessages);
    visit("txBytes", "txbytes", self.txBytes);
    visit("rxMessages", "rxmsgs", self.rxMessages);
    visit("rxBytes", "rxbytes", self.rxBytes);
    visit("rxOutdatedDrops", "rx_ver_drops", self.rxOutdatedDrops);
    visit("messagesInFlight", "msgs_inflight", self.messagesInFlight);
  }
};

struct TopicStatistics {
  std::string topic;
  std::int64_t ageMs = 0, metadataAgeMs = 0;
  WindowStatistics batchSizeBytes, batchMessageCount;
  // Without librdkafka's internal partition -1.
  std::vector<PartitionStatistics> partitions;

  template <typename Self, typename Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("topic", "topic", self.topic);
    visit("ageMs", "age", self.ageMs);
    visit("metadataAgeMs", "metadata_age", self.metadataAgeMs);
    visit("batchSizeBytes", "batchsize", self.batchSizeBytes);
    visit("batchMessageCount", "batchcnt", self.batchMessageCount);
    visit("partitions", "partitions", self.partitions);
  }
};

struct ConsumerGroupStatistics {
  std::string state, joinState, rebalanceReason;
  std::int64_t stateAgeMs = 0, rebalanceAgeMs = 0, rebalanceCount = 0, assignmentSize = 0;

  template <typename Self, typename Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("state", "state", self.state);
    visit("stateAgeMs", "stateage", self.stateAgeMs);
    visit("joinState", "join_state", self.joinState);
    visit("rebalanceAgeMs", "rebalance_age", self.rebalanceAgeMs);
    visit("rebalanceCount", "rebalance_cnt", self.rebalanceCount);
    visit("rebalanceReason", "rebalance_reason", self.rebalanceReason);
    visit("assignmentSize", "assignment_size", self.assignmentSize);
  }
};

// Idempotent or transactional producer.
struct ExactlyOnceStatistics {
  std::string idempotentState, transactionState;
  std::int64_t idempotentStateAgeMs = 0, transactionStateAgeMs = 0;
  bool transactionMayEnqueue = false;
  std::int64_t producerId = -1, producerEpoch = -1, epochCount = 0;

  template <typename Self, typename Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("idempotentState", "idemp_state", self.idempotentState);
    visit("idempotentStateAgeMs", "idemp_stateage", self.idempotentStateAgeMs);
    visit("transactionState", "txn_state", self.transactionState);
    visit("transactionStateAgeMs", "txn_stateage", self.transactionStateAgeMs);
    visit("transactionMayEnqueue", "txn_may_enq", self.transactionMayEnqueue);
    visit("producerId", "producer_id", self.producerId);
    visit("producerEpoch", "producer_epoch", self.producerEpoch);
    visit("epochCount", "epoch_cnt", self.epochCount);
  }
};

struct Statistics {
  std::string name, clientId, type;
  std::int64_t tsUs = 0, timeSeconds = 0, ageUs = 0, replyQueue = 0;
  std::int64_t messageCount = 0, messageBytes = 0, messageMax = 0, messageBytesMax = 0;
  std::int64_t txRequests = 0, txBytes = 0, rxResponses = 0, rxBytes = 0;
  std::int64_t txMessages = 0, txMessageBytes = 0, rxMessages = 0, rxMessageBytes = 0;
  std::int64_t metadataCacheCount = 0;
  std::vector<BrokerStatistics> brokers;
  std::vector<TopicStatistics> topics;
  std::optional<ConsumerGroupStatistics> consumerGroup;
  std::optional<ExactlyOnceStatistics> exactlyOnce;

  template <typename Self, typename Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("name", "name", self.name);
    visit("clientId", "client_id", self.clientId);
    visit("type", "type", self.type);
    visit("tsUs", "ts", self.tsUs);
    visit("timeSeconds", "time", self.timeSeconds);
    visit("ageUs", "age", self.ageUs);
    visit("replyQueue", "replyq", self.replyQueue);
    visit("messageCount", "msg_cnt", self.messageCount);
    visit("messageBytes", "msg_size", self.messageBytes);
    visit("messageMax", "msg_max", self.messageMax);
    visit("messageBytesMax", "msg_size_max", self.messageBytesMax);
    visit("txRequests", "tx", self.txRequests);
    visit("txBytes", "tx_bytes", self.txBytes);
    visit("rxResponses", "rx", self.rxResponses);
    visit("rxBytes", "rx_bytes", self.rxBytes);
    visit("txMessages", "txmsgs", self.txMessages);
    visit("txMessageBytes", "txmsg_bytes", self.txMessageBytes);
    visit("rxMessages", "rxmsgs", self.rxMessages);
    visit("rxMessageBytes", "rxmsg_bytes", self.rxMessageBytes);
    visit("metadataCacheCount", "metadata_cache_cnt", self.metadataCacheCount);
    visit("brokers", "brokers", self.brokers);
    visit("topics", "topics", self.topics);
    visit("consumerGroup", "cgrp", self.consumerGroup);
    visit("exactlyOnce", "eos", self.exactlyOnce);
  }
};

// Fields that are missing keep their defaults (versions differ); anything that is not librdkafka's
// statistics, cut short or of other types, gives nullopt. Never throws.
std::optional<Statistics> parseStatistics(std::string_view json) noexcept;

// Numbers as numbers, absent parts (consumerGroup, exactlyOnce) as null.
nlohmann::json toJson(const Statistics& statistics);

}  // namespace easyflow::core
