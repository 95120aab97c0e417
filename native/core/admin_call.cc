#include "core/admin_call.h"

#include <algorithm>
#include <array>

namespace easyflow::core {

namespace {

// The answer comes within the request timeout; this much later something is wrong.
constexpr int kSlackMs = 2000;

using Reason = std::array<char, 512>;

void require(rd_kafka_resp_err_t code, const char* option, const Reason& reason) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw BadArgument{std::string(option) + ": " + reason.data()};
}

void require(rd_kafka_error_t* error, const char* option) {
  const ErrorHandle owned(error);
  if (owned) throw BadArgument{std::string(option) + ": " + rd_kafka_error_string(owned.get())};
}

bool hasOperationTimeout(rd_kafka_admin_op_t operation) {
  switch (operation) {
    case RD_KAFKA_ADMIN_OP_CREATETOPICS:
    case RD_KAFKA_ADMIN_OP_DELETETOPICS:
    case RD_KAFKA_ADMIN_OP_CREATEPARTITIONS:
    case RD_KAFKA_ADMIN_OP_DELETERECORDS:
    case RD_KAFKA_ADMIN_OP_ELECTLEADERS:
      return true;
    default:
      return false;
  }
}

}  // namespace

AdminCall::AdminCall(rd_kafka_t* rk, rd_kafka_admin_op_t operation, int timeoutMs)
    : rk_(rk),
      timeoutMs_(timeoutMs),
      options_(rd_kafka_AdminOptions_new(rk, operation)),
      queue_(rd_kafka_queue_new(rk)) {
  Reason reason{};
  require(rd_kafka_AdminOptions_set_request_timeout(options_.get(), timeoutMs, reason.data(),
                                                    reason.size()),
          "timeoutMs", reason);
  if (hasOperationTimeout(operation)) {
    // How long the broker may take until the change is in effect, not only accepted. It has to
    // answer before we give up.
    require(
        rd_kafka_AdminOptions_set_operation_timeout(
            options_.get(), std::max(1, timeoutMs - timeoutMs / 10), reason.data(), reason.size()),
        "timeoutMs", reason);
  }
}

AdminCall& AdminCall::broker(std::int32_t id) {
  Reason reason{};
  require(rd_kafka_AdminOptions_set_broker(options_.get(), id, reason.data(), reason.size()),
          "broker", reason);
  return *this;
}

AdminCall& AdminCall::validateOnly(bool value) {
  Reason reason{};
  require(rd_kafka_AdminOptions_set_validate_only(options_.get(), value ? 1 : 0, reason.data(),
                                                  reason.size()),
          "validateOnly", reason);
  return *this;
}

AdminCall& AdminCall::requireStableOffsets(bool value) {
  require(rd_kafka_AdminOptions_set_require_stable_offsets(options_.get(), value ? 1 : 0),
          "requireStable");
  return *this;
}

AdminCall& AdminCall::includeAuthorizedOperations(bool value) {
  require(rd_kafka_AdminOptions_set_include_authorized_operations(options_.get(), value ? 1 : 0),
          "includeAuthorizedOperations");
  return *this;
}

AdminCall& AdminCall::isolationLevel(rd_kafka_IsolationLevel_t level) {
  require(rd_kafka_AdminOptions_set_isolation_level(options_.get(), level), "isolation");
  return *this;
}

EventHandle AdminCall::wait(Error& error) {
  EventHandle event(rd_kafka_queue_poll(queue_.get(), timeoutMs_ + kSlackMs));
  if (!event) {
    error = Error::of(RD_KAFKA_RESP_ERR__TIMED_OUT);
    return nullptr;
  }
  const auto code = rd_kafka_event_error(event.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* message = rd_kafka_event_error_string(event.get());
    error = Error::of(code, message ? message : "");
    return nullptr;
  }
  return event;
}

Deadline::Deadline(int timeoutMs)
    : end_(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMs)) {}

int Deadline::remainingMs() const {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now())
          .count();
  return left < 1 ? 1 : static_cast<int>(left);
}

nlohmann::json itemError(rd_kafka_resp_err_t code, const char* message) {
  return toJson(Error::of(code, message ? message : ""));
}

nlohmann::json itemError(const rd_kafka_error_t* error) {
  // Items carry an error object also when all is well: code 0.
  if (error == nullptr || rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_NO_ERROR) return nullptr;
  return toJson(Error::of(error));
}

std::int32_t anyBroker(const rd_kafka_metadata_t& metadata) {
  if (metadata.orig_broker_id >= 0 || metadata.broker_cnt == 0) return metadata.orig_broker_id;
  return metadata.brokers[0].id;
}

nlohmann::json nodeIds(const rd_kafka_Node_t** nodes, std::size_t count) {
  auto ids = nlohmann::json::array();
  for (std::size_t i = 0; nodes && i < count; ++i) {
    if (nodes[i]) ids.push_back(rd_kafka_Node_id(nodes[i]));
  }
  return ids;
}

nlohmann::json partitionsJson(const rd_kafka_TopicDescription_t* description) {
  std::size_t count = 0;
  const auto** infos = rd_kafka_TopicDescription_partitions(description, &count);
  auto partitions = nlohmann::json::array();
  for (std::size_t i = 0; infos && i < count; ++i) {
    const rd_kafka_Node_t* leader = rd_kafka_TopicPartitionInfo_leader(infos[i]);
    std::size_t replicaCount = 0, isrCount = 0;
    const auto** replicas = rd_kafka_TopicPartitionInfo_replicas(infos[i], &replicaCount);
    const auto** isrs = rd_kafka_TopicPartitionInfo_isr(infos[i], &isrCount);
    partitions.push_back({{"partition", rd_kafka_TopicPartitionInfo_partition(infos[i])},
                          // This API keeps a partition's error to itself; having no leader is the
                          // one brokers report.
                          {"error", itemError(leader ? RD_KAFKA_RESP_ERR_NO_ERROR
                                                     : RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)},
                          {"leader", leader ? rd_kafka_Node_id(leader) : -1},
                          {"replicas", nodeIds(replicas, replicaCount)},
                          {"isrs", nodeIds(isrs, isrCount)}});
  }
  return partitions;
}

nlohmann::json nodeJson(const rd_kafka_Node_t* node) {
  if (node == nullptr) return nullptr;
  return {{"nodeId", rd_kafka_Node_id(node)},
          {"host", nullable(rd_kafka_Node_host(node))},
          {"port", rd_kafka_Node_port(node)},
          {"rack", nullable(rd_kafka_Node_rack(node))}};
}

nlohmann::json aclOperationsJson(const rd_kafka_AclOperation_t* operations, std::size_t count) {
  auto result = nlohmann::json::array();
  for (std::size_t i = 0; operations && i < count; ++i)
    result.push_back(static_cast<int>(operations[i]));
  return result;
}

}  // namespace easyflow::core
