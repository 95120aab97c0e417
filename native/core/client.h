// What producer, consumer and admin share: the rd_kafka_t with its main queue on the poller, a work
// thread for calls that block, requests answered once each, and an orderly close. See
// docs/threads.md.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/handles.h"
#include "core/packed_block.h"
#include "core/poller.h"
#include "core/request_trace.h"
#include "core/work_thread.h"

namespace easyflow::core {

struct AssignedPartition {
  std::uint32_t slot;
  std::string topic;
  std::int32_t partition;
};

enum class RebalanceType { kAssign, kRevoke, kLost };

// Where the records of a batch come from.
struct BatchSource {
  // -1: not known.
  std::int32_t brokerId = -1;
  // Offset behind the partition's last record, as of the last fetch answer; negative: not known.
  std::int64_t highWatermark = RD_KAFKA_OFFSET_INVALID;
};

// Where a client's events go. Called on the poller or the work thread; must not block and must not
// call back.
class ClientSink {
 public:
  virtual ~ClientSink() = default;
  virtual void onResponse(std::uint32_t id, Error error, std::string resultJson) noexcept = 0;
  virtual void onError(Error error) noexcept = 0;
  virtual void onLog(int level, std::string facility, std::string message) noexcept = 0;
  // `statistics` is the typed form of core/statistics.h as JSON values.
  virtual void onStatistics(nlohmann::json statistics) noexcept = 0;
  virtual void onTokenRefresh(std::string config) noexcept = 0;
  virtual void onBatch(std::uint32_t slot, std::uint32_t generation, PackedBlock block,
                       BatchSource source) noexcept = 0;
  virtual void onRebalance(std::uint32_t id, RebalanceType type,
                           std::vector<AssignedPartition> partitions) noexcept = 0;
  // Delivery block of lib/native.d.ts.
  virtual void onSettled(std::vector<std::int32_t> entries) noexcept = 0;
  virtual void onPartitionError(std::uint32_t slot, std::string topic, std::int32_t partition,
                                Error error) noexcept = 0;
  virtual void onRequests(RequestTraces traces) noexcept = 0;
  // Only with enable.partition.eof: there is nothing behind `offset` for now.
  virtual void onPartitionEnd(std::uint32_t /*slot*/, std::int64_t /*offset*/) noexcept {}
};

class Client : public Pollable, public std::enable_shared_from_this<Client> {
 public:
  Client(std::shared_ptr<Poller> poller, std::shared_ptr<ClientSink> sink);
  ~Client() override;

  // Called on the JS thread. Answered by exactly one onResponse. Anything after `close` answers
  // _DESTROY.
  void request(std::uint32_t id, std::string operation, std::string argumentsJson);

  // Called on the JS thread in an environment's cleanup: closes without waiting for deliveries, and
  // for the group only for a moment. With `wait` it returns when the handle is destroyed, or after
  // some seconds when the work thread is inside a call of librdkafka that does not end; the client
  // then closes by itself later, also without its poller. Idempotent.
  void abandon(bool wait);

  // Called on the JS thread: whether requests to brokers are told by onRequests.
  void traceRequests(bool enabled) { trace_.enable(enabled); }

  bool poll() noexcept override;

 protected:
  using Clock = std::chrono::steady_clock;

  // Creates the handle; `config` is what `conf` was made of: its secrets stay out of the failure.
  // Called once, right after construction.
  bool open(rd_kafka_type_t type, ConfHandle conf, const ConfigEntries& config,
            ConfigFailure& failure);
  // Registers with the poller. Called once, after open() succeeded and a shared_ptr owns the
  // client.
  void start();

  // Called on the work thread. Null: the operation answers later by respond().
  virtual std::optional<JsonResult> perform(std::uint32_t id, const std::string& operation,
                                            const nlohmann::json& arguments);
  // Called on the work thread, first step of closing; the poller still serves the client.
  virtual void prepareClose(std::chrono::milliseconds /*timeout*/) {}
  // Called on the poller when it starts serving the client.
  virtual void startOnPoller() {}
  // Called on the poller once it serves the client no more: let go of queues and everything tied to
  // the handle.
  virtual void releaseOnPoller() {}
  // Called on the poller. More events of this kind of client; true: more is waiting.
  virtual bool pollMore() noexcept { return false; }
  // Called on the poller for delivery reports.
  virtual void onDeliveryReports(rd_kafka_event_t* /*event*/) noexcept {}
  // Called on the work thread: how the handle is destroyed.
  virtual int destroyFlags() const { return 0; }

  void respond(std::uint32_t id, JsonResult result);
  void signal() noexcept { poller_->signal(*this); }
  // Runs the task on the poller and waits for it; never call on the poller.
  void runOnPoller(const std::function<void()>& task);
  // Wakes the poller when the queue gets its first element.
  void wakeOn(rd_kafka_queue_t* queue);

  rd_kafka_t* rk() const { return rk_.get(); }
  ClientSink& sink() const { return *sink_; }
  Poller& poller() const { return *poller_; }
  WorkThread& work() { return work_; }
  // Once set, closing waits for nothing outside this process.
  bool abandoned() const { return abandoned_.load(); }
  // True once a close that is waiting behind the running operation has no time left: an operation
  // that can stop, stops.
  bool outOfTime() const {
    return abandoned() || Clock::now().time_since_epoch().count() >= closeBy_.load();
  }

 private:
  bool pollMainQueue() noexcept;
  void handleEvent(rd_kafka_event_t* event) noexcept;
  void performClose(std::uint32_t id, Clock::time_point deadline);
  void performJson(std::uint32_t id, const std::string& operation,
                   const std::string& argumentsJson);
  void close(std::chrono::milliseconds timeout);

  const std::shared_ptr<Poller> poller_;
  const std::shared_ptr<ClientSink> sink_;
  // What librdkafka's queue callbacks get as their opaque.
  std::pair<Poller*, Pollable*> wakeTarget_;
  RequestTrace trace_;  // before rk_, whose threads use it
  KafkaHandle rk_;
  QueueHandle mainQueue_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> abandoned_{false};
  // Deadline of a requested close, as a count of Clock's ticks.
  std::atomic<Clock::rep> closeBy_{std::numeric_limits<Clock::rep>::max()};
  std::mutex pendingMutex_;
  std::unordered_set<std::uint32_t> pending_;
  WorkThread work_;  // last member: joined first
};

// Helpers for the operations.
std::chrono::milliseconds timeoutOf(const nlohmann::json& arguments, int fallbackMs);

}  // namespace easyflow::core
