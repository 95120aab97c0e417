// Topics, partitions, the cluster.
#include <algorithm>
#include <array>
#include <memory>

#include "core/admin_call.h"
#include "core/admin_operations.h"

namespace easyflow::core::admin {

namespace {

using nlohmann::json;
using Reason = std::array<char, 512>;

json topicResults(const rd_kafka_topic_result_t** results, size_t count) {
  auto items = json::array();
  for (size_t i = 0; results && i < count; ++i) {
    items.push_back({{"topic", nullable(rd_kafka_topic_result_name(results[i]))},
                     {"error", itemError(rd_kafka_topic_result_error(results[i]),
                                         rd_kafka_topic_result_error_string(results[i]))}});
  }
  return items;
}

// How long the usual broker has: it may be down, and another has just answered.
constexpr int kUsualBrokerMs = 1'000;

// One and the same broker while the cluster stays as it is. Brokers learn of a change one after the
// other: whoever saw a new topic there, or waited for its leaders, sees it there again. The
// controller is no such broker: with KRaft each answer names another one.
std::int32_t usualBroker(const rd_kafka_metadata_t& metadata) {
  std::int32_t lowest = -1;
  for (int i = 0; i < metadata.broker_cnt; ++i) {
    const std::int32_t id = metadata.brokers[i].id;
    if (lowest < 0 || id < lowest) lowest = id;
  }
  return lowest;
}

void setAssignment(rd_kafka_NewTopic_t* topic, const Args& item, std::vector<Args> assignment) {
  // librdkafka wants them in order; users need not know.
  std::sort(assignment.begin(), assignment.end(), [](const Args& a, const Args& b) {
    return a.int32("partition") < b.int32("partition");
  });
  for (const auto& entry : assignment) {
    auto replicas = entry.int32s("replicas");
    Reason reason{};
    if (rd_kafka_NewTopic_set_replica_assignment(topic, entry.int32("partition"), replicas.data(),
                                                 replicas.size(), reason.data(), reason.size())) {
      throw BadArgument{item.pathOf("replicaAssignment") + ": " + reason.data()};
    }
  }
}

}  // namespace

JsonResult createTopics(rd_kafka_t* rk, const Args& args) {
  AdminObjects<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy> topics;
  for (const auto& item : args.objects("topics")) {
    const std::string name = item.string("topic");
    auto assignment = item.optionalObjects("replicaAssignment");
    const bool assigned = !assignment.empty();
    Reason reason{};
    rd_kafka_NewTopic_t* topic = topics.add(
        rd_kafka_NewTopic_new(
            name.c_str(),
            assigned ? static_cast<int>(assignment.size()) : item.int32("numPartitions", -1),
            assigned ? -1 : item.int32("replicationFactor", -1), reason.data(), reason.size()),
        item.path(), reason.data());
    if (assigned) setAssignment(topic, item, std::move(assignment));
    for (const auto& entry : item.optionalObjects("configEntries")) {
      const std::string key = entry.string("name");
      const std::string value = entry.string("value");
      rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
    }
  }
  if (topics.empty()) return JsonResult::ok(json::array());
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS, args.timeoutMs());
  call.validateOnly(args.flag("validateOnly"));
  rd_kafka_CreateTopics(rk, topics.data(), topics.size(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  return JsonResult::ok(topicResults(results, count));
}

JsonResult deleteTopics(rd_kafka_t* rk, const Args& args) {
  AdminObjects<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy> topics;
  for (const auto& name : args.strings("topics")) {
    topics.add(rd_kafka_DeleteTopic_new(name.c_str()), args.pathOf("topics"));
  }
  if (topics.empty()) return JsonResult::ok(json::array());
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_DELETETOPICS, args.timeoutMs());
  rd_kafka_DeleteTopics(rk, topics.data(), topics.size(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  return JsonResult::ok(topicResults(results, count));
}

JsonResult createPartitions(rd_kafka_t* rk, const Args& args) {
  AdminObjects<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy> topics;
  for (const auto& item : args.objects("topicPartitions")) {
    const std::string name = item.string("topic");
    const std::int32_t count = item.int32("count");
    if (count < 1) item.reject("count", "1 or more");
    Reason reason{};
    rd_kafka_NewPartitions_t* topic =
        topics.add(rd_kafka_NewPartitions_new(name.c_str(), static_cast<size_t>(count),
                                              reason.data(), reason.size()),
                   item.path(), reason.data());
    if (!item.has("assignments")) continue;
    const json& assignments = item.raw("assignments");
    if (!assignments.is_array()) item.reject("assignments", "an array of arrays of broker ids");
    for (size_t i = 0; i < assignments.size(); ++i) {
      const json wrapped = {{"replicas", assignments[i]}};
      auto replicas = Args(wrapped, item.pathOf("assignments") + "[" + std::to_string(i) + "]")
                          .int32s("replicas");
      if (rd_kafka_NewPartitions_set_replica_assignment(topic, static_cast<std::int32_t>(i),
                                                        replicas.data(), replicas.size(),
                                                        reason.data(), reason.size())) {
        throw BadArgument{item.pathOf("assignments") + ": " + reason.data()};
      }
    }
  }
  if (topics.empty()) return JsonResult::ok(json::array());
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, args.timeoutMs());
  call.validateOnly(args.flag("validateOnly"));
  rd_kafka_CreatePartitions(rk, topics.data(), topics.size(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** results = rd_kafka_CreatePartitions_result_topics(
      rd_kafka_event_CreatePartitions_result(event.get()), &count);
  return JsonResult::ok(topicResults(results, count));
}

JsonResult describeTopics(rd_kafka_t* rk, const Args& args) {
  const auto names = args.strings("topics");
  if (names.empty()) return JsonResult::ok(json::array());
  std::vector<const char*> pointers = pointersOf(names);
  const std::unique_ptr<rd_kafka_TopicCollection_t, Deleter<rd_kafka_TopicCollection_destroy>>
      topics(rd_kafka_TopicCollection_of_topic_names(pointers.data(), pointers.size()));
  const bool authorized = args.flag("includeAuthorizedOperations");
  const Deadline deadline(args.timeoutMs());
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(rk, /*all_topics=*/0, nullptr, &raw, deadline.remainingMs());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return JsonResult::fail(code);
  const MetadataHandle metadata(raw);

  Error error;
  const auto ask = [&](std::int32_t broker, int timeoutMs) {
    error = Error::none();
    AdminCall call(rk, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, timeoutMs);
    if (broker >= 0) call.broker(broker);
    call.includeAuthorizedOperations(authorized);
    rd_kafka_DescribeTopics(rk, topics.get(), call.options(), call.queue());
    return call.wait(error);
  };
  const std::int32_t usual = usualBroker(*metadata);
  const std::int32_t other = anyBroker(*metadata);
  EventHandle event;
  if (usual != other) event = ask(usual, std::min(kUsualBrokerMs, deadline.remainingMs()));
  if (!event) event = ask(other, deadline.remainingMs());
  if (!event) return JsonResult::fail(std::move(error));

  size_t count = 0;
  const auto** descriptions = rd_kafka_DescribeTopics_result_topics(
      rd_kafka_event_DescribeTopics_result(event.get()), &count);
  auto items = json::array();
  for (size_t t = 0; descriptions && t < count; ++t) {
    const auto* description = descriptions[t];
    const rd_kafka_Uuid_t* id = rd_kafka_TopicDescription_topic_id(description);
    json item = {{"topic", nullable(rd_kafka_TopicDescription_name(description))},
                 {"topicId", id ? nullable(rd_kafka_Uuid_base64str(id)) : json(nullptr)},
                 {"isInternal", rd_kafka_TopicDescription_is_internal(description) != 0},
                 {"error", itemError(rd_kafka_TopicDescription_error(description))},
                 {"partitions", partitionsJson(description)}};
    if (authorized) {
      size_t operationCount = 0;
      const auto* operations =
          rd_kafka_TopicDescription_authorized_operations(description, &operationCount);
      item["authorizedOperations"] = aclOperationsJson(operations, operationCount);
    }
    items.push_back(std::move(item));
  }
  return JsonResult::ok(std::move(items));
}

JsonResult describeCluster(rd_kafka_t* rk, const Args& args) {
  const bool authorized = args.flag("includeAuthorizedOperations");
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER, args.timeoutMs());
  call.includeAuthorizedOperations(authorized);
  rd_kafka_DescribeCluster(rk, call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));

  const auto* description = rd_kafka_event_DescribeCluster_result(event.get());
  size_t count = 0;
  const auto** nodes = rd_kafka_DescribeCluster_result_nodes(description, &count);
  auto brokers = json::array();
  for (size_t i = 0; nodes && i < count; ++i) brokers.push_back(nodeJson(nodes[i]));
  const rd_kafka_Node_t* controller = rd_kafka_DescribeCluster_result_controller(description);
  json result = {{"clusterId", nullable(rd_kafka_DescribeCluster_result_cluster_id(description))},
                 {"controllerId", controller ? rd_kafka_Node_id(controller) : -1},
                 {"brokers", std::move(brokers)}};
  if (authorized) {
    size_t operationCount = 0;
    const auto* operations =
        rd_kafka_DescribeCluster_result_authorized_operations(description, &operationCount);
    result["authorizedOperations"] = aclOperationsJson(operations, operationCount);
  }
  return JsonResult::ok(std::move(result));
}

JsonResult electLeaders(rd_kafka_t* rk, const Args& args) {
  const std::string type = args.optionalString("electionType").value_or("preferred");
  if (type != "preferred" && type != "unclean")
    args.reject("electionType", "'preferred' or 'unclean'");
  PartitionListHandle partitions;
  if (args.has("partitions")) {
    partitions = partitionList(args, "partitions", nullptr);
    if (partitions->cnt == 0) return JsonResult::ok(json::array());
  }
  // Copies the list; null means all partitions.
  const std::unique_ptr<rd_kafka_ElectLeaders_t, Deleter<rd_kafka_ElectLeaders_destroy>> request(
      rd_kafka_ElectLeaders_new(
          type == "unclean" ? RD_KAFKA_ELECTION_TYPE_UNCLEAN : RD_KAFKA_ELECTION_TYPE_PREFERRED,
          partitions.get()));
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_ELECTLEADERS, args.timeoutMs());
  rd_kafka_ElectLeaders(rk, request.get(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** results = rd_kafka_ElectLeaders_result_partitions(
      rd_kafka_event_ElectLeaders_result(event.get()), &count);
  auto items = json::array();
  for (size_t i = 0; results && i < count; ++i) {
    const auto* partition = rd_kafka_topic_partition_result_partition(results[i]);
    items.push_back({{"topic", nullable(partition->topic)},
                     {"partition", partition->partition},
                     {"error", itemError(rd_kafka_topic_partition_result_error(results[i]))}});
  }
  return JsonResult::ok(std::move(items));
}

}  // namespace easyflow::core::admin
