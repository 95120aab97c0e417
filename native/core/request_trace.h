// What librdkafka's threads saw of requests to brokers, for KafkaJS's network events.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/handles.h"

namespace easyflow::core {

// A request that was answered, or for which nobody waits any more.
struct TracedRequest {
  bool timedOut = false;
  std::int16_t apiKey = -1;
  std::int16_t apiVersion = -1;
  std::int32_t correlationId = 0;
  // Of the response.
  std::int64_t sizeBytes = 0;
  // From the last byte sent to the response; -1 without one.
  std::int64_t rttUs = -1;
  // When this was noted, in milliseconds since the epoch.
  std::int64_t atMs = 0;
  std::int32_t brokerId = -1;
  // As librdkafka names it: 127.0.0.1:9092/1, ssl://…/bootstrap, GroupCoordinator.
  std::string broker;
};

struct RequestTraces {
  std::vector<TracedRequest> requests;
  // Not kept, because the queue was full.
  std::uint64_t dropped = 0;
};

// Owned by a Client, which outlives its rd_kafka_t. Off at first: an interceptor that looks at one
// flag.
class RequestTrace {
 public:
  // The newest are dropped while so many wait for the poller.
  static constexpr std::size_t kMaxWaiting = 1024;

  // `wake` is called on librdkafka's threads when the first one waits.
  explicit RequestTrace(std::function<void()> wake) : wake_(std::move(wake)) {}
  RequestTrace(const RequestTrace&) = delete;
  RequestTrace& operator=(const RequestTrace&) = delete;

  // Called before rd_kafka_new().
  void install(rd_kafka_conf_t* conf);
  // Called on any thread.
  void enable(bool enabled) { enabled_.store(enabled, std::memory_order_relaxed); }
  // Called on librdkafka's threads.
  void add(TracedRequest request);
  // Called on the poller, when it lets the client go: after it nothing is kept and nobody woken.
  void close();
  // Called on the poller.
  bool isWaiting() const { return isWaiting_.load(std::memory_order_acquire); }
  RequestTraces take();

 private:
  static rd_kafka_resp_err_t onNew(rd_kafka_t* rk, const rd_kafka_conf_t* conf, void* self,
                                   char* reason, std::size_t reasonSize) noexcept;
  static rd_kafka_resp_err_t onResponse(rd_kafka_t* rk, int socket, const char* broker,
                                        std::int32_t brokerId, std::int16_t apiKey,
                                        std::int16_t apiVersion, std::int32_t correlationId,
                                        std::size_t size, std::int64_t rttUs,
                                        rd_kafka_resp_err_t error, void* self) noexcept;
  const std::function<void()> wake_;
  std::atomic<bool> enabled_{false};
  std::atomic<bool> isWaiting_{false};
  std::mutex mutex_;
  bool closed_ = false;
  RequestTraces waiting_;
};

}  // namespace easyflow::core
