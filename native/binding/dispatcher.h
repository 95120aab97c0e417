// The one way to JS: an ordered queue of events and the environment's only threadsafe function.
#pragma once

#include <napi.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "binding/event.h"

namespace easyflow::binding {

using ReceiverId = std::uint64_t;

// Owned by the Environment; sinks of clients hold it too and find it dead after the environment is
// gone.
class Dispatcher {
 public:
  explicit Dispatcher(Napi::Env env);
  ~Dispatcher() = default;
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Called on the JS thread. Receivers are unref'd until ref().
  ReceiverId add(const Napi::Function& onEvent);
  // Called on the JS thread. What is still queued for the receiver is dropped.
  void remove(ReceiverId receiver);
  void ref(ReceiverId receiver);
  void unref(ReceiverId receiver);

  // Called on any thread.
  void post(ReceiverId receiver, std::unique_ptr<Event> event);

  // Called on the JS thread, idempotent. From now on nothing is delivered, posts are dropped.
  void shutdown();
  // Called on the JS thread at the very end: references to functions may only be dropped here.
  void forgetReceivers() { receivers_.clear(); }

 private:
  static void onWake(Napi::Env env, Napi::Function callback, Dispatcher* self, void* data);
  // What async_hooks shows of the threadsafe function: without hasRef() Jest's --detectOpenHandles
  // reports it, though an idle one keeps nothing open.
  Napi::Object resource(Napi::Env env);
  void drain(Napi::Env env);
  void wakeLocked();

  using WakeFunction = Napi::TypedThreadSafeFunction<Dispatcher, void, &Dispatcher::onWake>;

  std::mutex mutex_;
  std::deque<std::pair<ReceiverId, std::unique_ptr<Event>>> queue_;
  bool scheduled_ = false;
  // Written under the mutex; the JS thread looks at it without.
  std::atomic<bool> dead_{false};
  WakeFunction wake_;

  // The JS thread's own.
  const Napi::Env env_;
  ReceiverId nextReceiver_ = 1;
  std::unordered_map<ReceiverId, Napi::FunctionReference> receivers_;
  std::unordered_set<ReceiverId> referenced_;
};

}  // namespace easyflow::binding
