// One thing to tell JS: made on any thread, delivered on the JS thread.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

namespace easyflow::binding {

// First argument of a client's onEvent; lib/native.d.ts, EventKind.
enum class EventKind : std::uint32_t {
  kResponse = 0,
  kError = 1,
  kLog = 2,
  kStatistics = 3,
  kTokenRefresh = 4,
  kBatch = 5,
  kRebalance = 6,
  kDelivery = 7,
  kPartitionError = 8,
  kRequests = 9,
};

class Event {
 public:
  virtual ~Event() = default;
  virtual void deliver(Napi::Env env, const Napi::Function& onEvent) = 0;
};

template <typename Deliver>
class EventOf final : public Event {
 public:
  explicit EventOf(Deliver deliver) : deliver_(std::move(deliver)) {}
  void deliver(Napi::Env env, const Napi::Function& onEvent) override { deliver_(env, onEvent); }

 private:
  Deliver deliver_;
};

template <typename Deliver>
std::unique_ptr<Event> makeEvent(Deliver deliver) {
  return std::make_unique<EventOf<Deliver>>(std::move(deliver));
}

inline Napi::Number kindOf(Napi::Env env, EventKind kind) {
  return Napi::Number::New(env, static_cast<std::uint32_t>(kind));
}

}  // namespace easyflow::binding
