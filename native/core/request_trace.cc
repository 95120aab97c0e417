#include "core/request_trace.h"

#include <chrono>
#include <utility>

namespace easyflow::core {

namespace {

constexpr const char* kName = "easyflow";

std::int64_t nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void RequestTrace::install(rd_kafka_conf_t* conf) {
  rd_kafka_conf_interceptor_add_on_new(conf, kName, &RequestTrace::onNew, this);
}

rd_kafka_resp_err_t RequestTrace::onNew(rd_kafka_t* rk, const rd_kafka_conf_t* /*conf*/, void* self,
                                        char* /*reason*/, std::size_t /*reasonSize*/) noexcept {
  return rd_kafka_interceptor_add_on_response_received(rk, kName, &RequestTrace::onResponse, self);
}

rd_kafka_resp_err_t RequestTrace::onResponse(rd_kafka_t* /*rk*/, int /*socket*/, const char* broker,
                                             std::int32_t brokerId, std::int16_t apiKey,
                                             std::int16_t apiVersion, std::int32_t correlationId,
                                             std::size_t size, std::int64_t rttUs,
                                             rd_kafka_resp_err_t error, void* self) noexcept {
  auto& trace = *static_cast<RequestTrace*>(self);
  if (!trace.enabled_.load(std::memory_order_relaxed)) return RD_KAFKA_RESP_ERR_NO_ERROR;
  const bool timedOut =
      error == RD_KAFKA_RESP_ERR__TIMED_OUT || error == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE;
  // Other errors are those of a connection: there is no answer, and KafkaJS has no event.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR && !timedOut) return RD_KAFKA_RESP_ERR_NO_ERROR;
  try {
    trace.add({.timedOut = timedOut,
               .apiKey = apiKey,
               .apiVersion = apiVersion,
               .correlationId = correlationId,
               .sizeBytes = static_cast<std::int64_t>(size),
               .rttUs = rttUs,
               .atMs = nowMs(),
               .brokerId = brokerId,
               .broker = broker ? broker : ""});
  } catch (...) {
    // No memory: the event is lost, the request is not.
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void RequestTrace::add(TracedRequest request) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  if (waiting_.requests.size() >= kMaxWaiting) {
    ++waiting_.dropped;
    return;
  }
  waiting_.requests.push_back(std::move(request));
  if (isWaiting_.exchange(true, std::memory_order_release)) return;
  // Under the lock: after close() the poller may be gone.
  wake_();
}

void RequestTrace::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_ = {};
}

RequestTraces RequestTrace::take() {
  const std::lock_guard lock(mutex_);
  isWaiting_.store(false, std::memory_order_release);
  return std::exchange(waiting_, {});
}

}  // namespace easyflow::core
