// A Kafka cluster inside the process: librdkafka's mock brokers (rdkafka_mock.h), for tests and
// demos without Kafka.
//
// What it is: real sockets on 127.0.0.1 with random ports; produce, fetch, groups, transactions,
// offsets. A topic that a client asks for is made with 4 partitions and min(3, brokers) replicas
// (librdkafka has no setting for that): createTopic makes others. It keeps 5 MB or 100,000 messages
// a partition. Broker 1 is the controller. Consumers of a new group join at once, without the
// initial delay of a real broker.
//
// What it is not: of the admin requests it answers only describe topics, describe cluster, list
// offsets, and list and alter a group's offsets. It knows no offsets by time. A read_committed
// consumer sees aborted messages too.
//
// What a client should set against it: a fetch of an empty partition waits out fetch.wait.max.ms
// although data arrives meanwhile, so `fetch.wait.max.ms` of 10 or so;
// `topic.metadata.refresh.interval.ms` short when leaders are moved.
//
// clang-format off
// Operations; errors are codes or librdkafka's names (`_TRANSPORT`: the broker hangs up), apiKey is the protocol's number:
//   createTopic {topic, partitions=4, replicationFactor=min(3, brokers)}, deleteTopic {topic}
//   setTopicError {topic, error}                           in metadata answers; 0 ends it
//   setPartitionLeader {topic, partition, brokerId}        -1: none
//   setPartitionFollower {topic, partition, brokerId}
//   setPartitionFollowerWatermarks {topic, partition, low, high}     "-1": those of the leader
//   deleteRecords {topic, partition, beforeOffset}
//   brokers {} -> [id]
//   brokerDown, brokerUp {brokerId}, brokerRtt {brokerId, rttMs}, brokerRack {brokerId, rack}       -1: all brokers
//   addBroker, decommissionBroker {brokerId}
//   pushRequestErrors {apiKey, errors:[error]}             the next requests of the kind, one error each
//   pushBrokerRequestErrors {brokerId, apiKey, errors:[{error, rttMs=0}]}
//   pushPartitionRequestErrors {topic, partition, apiKey, errors:[error]}
//   clearRequestErrors {apiKey}
//   coordinator {keyType: 'group' | 'transaction', key, brokerId}, setController {brokerId}         -1: none
//   setApiVersion {apiKey, min, max}                       -1, -1: the request is not supported
//   groupInitialRebalanceDelay {delayMs}
//   startRequestTracking, stopRequestTracking, clearRequests {}
//   requests {} -> [{brokerId, apiKey, timestampMs}]       timestampMs of a monotonic clock
// Everything that is not said to give a result gives null.
// clang-format on
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "core/config.h"
#include "core/error.h"
#include "core/handles.h"
#include "core/json_args.h"

namespace easyflow::core {

// Owned by its JS wrapper, used on the JS thread only. Calls wait for the cluster's own thread,
// which answers in microseconds. It prints and logs nothing.
class EmbeddedCluster {
 public:
  // Null and `error` on failure. Brokers get the ids 1 to `brokers`. `config` goes to the
  // rd_kafka_t that hosts the cluster.
  static std::shared_ptr<EmbeddedCluster> create(int brokers, const ConfigEntries& config,
                                                 Error& error);

  ~EmbeddedCluster();
  EmbeddedCluster(const EmbeddedCluster&) = delete;
  EmbeddedCluster& operator=(const EmbeddedCluster&) = delete;

  // The first brokers' addresses; also after stop(), and without brokers added later.
  const std::string& bootstrapServers() const { return bootstrapServers_; }

  // Never throws. _NOT_IMPLEMENTED: no such operation, _INVALID_ARG: bad arguments, _DESTROY:
  // stopped.
  JsonResult call(const std::string& operation, const nlohmann::json& args);

  // Closes all connections. Idempotent.
  void stop();

 private:
  EmbeddedCluster() = default;

  using Operation = JsonResult (EmbeddedCluster::*)(const Args&);
  static Operation find(const std::string& name);

  JsonResult createTopic(const Args& args);
  JsonResult deleteTopic(const Args& args);
  JsonResult setTopicError(const Args& args);
  JsonResult setPartitionLeader(const Args& args);
  JsonResult setPartitionFollower(const Args& args);
  JsonResult setPartitionFollowerWatermarks(const Args& args);
  JsonResult deleteRecords(const Args& args);
  JsonResult listBrokers(const Args& args);
  JsonResult brokerDown(const Args& args);
  JsonResult brokerUp(const Args& args);
  JsonResult brokerRtt(const Args& args);
  JsonResult brokerRack(const Args& args);
  JsonResult addBroker(const Args& args);
  JsonResult decommissionBroker(const Args& args);
  JsonResult pushRequestErrors(const Args& args);
  JsonResult pushBrokerRequestErrors(const Args& args);
  JsonResult pushPartitionRequestErrors(const Args& args);
  JsonResult clearRequestErrors(const Args& args);
  JsonResult coordinator(const Args& args);
  JsonResult setController(const Args& args);
  JsonResult setApiVersion(const Args& args);
  JsonResult groupInitialRebalanceDelay(const Args& args);
  JsonResult startRequestTracking(const Args& args);
  JsonResult stopRequestTracking(const Args& args);
  JsonResult requests(const Args& args);
  JsonResult clearRequests(const Args& args);

  std::string bootstrapServers_;
  std::set<std::int32_t> brokers_;
  std::int32_t controller_ = -1;
  KafkaHandle rk_;
  MockClusterHandle cluster_;  // after rk_: it has to go first
};

}  // namespace easyflow::core
