// One call of librdkafka's admin API: options with a timeout, a queue of its own, the one event
// that answers it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/handles.h"
#include "core/json_args.h"

namespace easyflow::core {

// Owned by one operation, used on the client's work thread. Setters throw BadArgument when
// librdkafka refuses a value.
class AdminCall {
 public:
  AdminCall(rd_kafka_t* rk, rd_kafka_admin_op_t operation, int timeoutMs);

  // Which broker to ask; by default the one the request is for, often the controller.
  AdminCall& broker(std::int32_t id);
  AdminCall& validateOnly(bool value);
  AdminCall& requireStableOffsets(bool value);
  AdminCall& includeAuthorizedOperations(bool value);
  AdminCall& isolationLevel(rd_kafka_IsolationLevel_t level);

  rd_kafka_t* rk() const { return rk_; }
  const rd_kafka_AdminOptions_t* options() const { return options_.get(); }
  rd_kafka_queue_t* queue() const { return queue_.get(); }

  // Waits for the answer; null and `error` when the request failed as a whole.
  EventHandle wait(Error& error);

 private:
  rd_kafka_t* rk_;
  int timeoutMs_;
  AdminOptionsHandle options_;
  QueueHandle queue_;
};

// Owns what the *_new() functions of the admin API make, in the array form its calls take.
template <typename T, auto Destroy>
class AdminObjects {
 public:
  AdminObjects() = default;
  AdminObjects(const AdminObjects&) = delete;
  AdminObjects& operator=(const AdminObjects&) = delete;
  AdminObjects(AdminObjects&&) noexcept = default;
  ~AdminObjects() {
    for (T* object : objects_) Destroy(object);
  }

  // `object` null: BadArgument with librdkafka's reason.
  T* add(T* object, const std::string& path, const char* reason = "") {
    if (object == nullptr) {
      throw BadArgument{"Expected other values for " + path + (*reason ? ": " : "") + reason};
    }
    objects_.push_back(object);
    return object;
  }
  T** data() { return objects_.data(); }
  std::size_t size() const { return objects_.size(); }
  bool empty() const { return objects_.empty(); }

 private:
  std::vector<T*> objects_;
};

// What is left of a timeout that several calls share.
class Deadline {
 public:
  explicit Deadline(int timeoutMs);
  int remainingMs() const;  // at least 1

 private:
  std::chrono::steady_clock::time_point end_;
};

// error of one item: null or NativeError.
nlohmann::json itemError(rd_kafka_resp_err_t code, const char* message = nullptr);
nlohmann::json itemError(const rd_kafka_error_t* error);

// A broker for what any broker knows: the one that answered a question for metadata. Librdkafka
// would ask the controller, which may be the one that is down. -1: none is known yet.
std::int32_t anyBroker(const rd_kafka_metadata_t& metadata);

nlohmann::json nodeIds(const rd_kafka_Node_t** nodes, std::size_t count);
// [{partition, error, leader, replicas, isrs}]
nlohmann::json partitionsJson(const rd_kafka_TopicDescription_t* description);
nlohmann::json nodeJson(const rd_kafka_Node_t* node);
nlohmann::json aclOperationsJson(const rd_kafka_AclOperation_t* operations, std::size_t count);

}  // namespace easyflow::core
