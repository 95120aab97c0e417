#include "binding/dispatcher.h"

#include <chrono>

namespace easyflow::binding {

namespace {

// JS gets at most this long a stretch of events before other handles of its loop have their turn.
constexpr std::chrono::milliseconds kTurn{4};

}  // namespace

Dispatcher::Dispatcher(Napi::Env env)
    : wake_(WakeFunction::New(env, resource(env), "easyflow-kafka", 0, 1, this)), env_(env) {
  wake_.Unref(env);
}

Napi::Object Dispatcher::resource(Napi::Env env) {
  const Napi::Object resource = Napi::Object::New(env);
  // Lives and dies with the environment, as this does.
  resource.Set("hasRef", Napi::Function::New(env, [this](const Napi::CallbackInfo& info) {
                 return Napi::Boolean::New(info.Env(), !referenced_.empty());
               }));
  return resource;
}

ReceiverId Dispatcher::add(const Napi::Function& onEvent) {
  const ReceiverId receiver = nextReceiver_++;
  receivers_.emplace(receiver, Napi::Persistent(onEvent));
  return receiver;
}

void Dispatcher::remove(ReceiverId receiver) {
  unref(receiver);
  receivers_.erase(receiver);
}

void Dispatcher::ref(ReceiverId receiver) {
  if (dead_ || receivers_.find(receiver) == receivers_.end()) return;
  if (referenced_.insert(receiver).second && referenced_.size() == 1) wake_.Ref(env_);
}

void Dispatcher::unref(ReceiverId receiver) {
  if (referenced_.erase(receiver) == 1 && referenced_.empty() && !dead_) wake_.Unref(env_);
}

void Dispatcher::post(ReceiverId receiver, std::unique_ptr<Event> event) {
  const std::lock_guard lock(mutex_);
  if (dead_) return;
  queue_.emplace_back(receiver, std::move(event));
  if (!scheduled_) wakeLocked();
}

void Dispatcher::wakeLocked() {
  scheduled_ = true;
  // A closing function may not be used again: napi_closing is its last answer to this thread count
  // of one.
  if (wake_.NonBlockingCall() == napi_closing) {
    dead_ = true;
    queue_.clear();
  }
}

void Dispatcher::onWake(Napi::Env env, Napi::Function /*callback*/, Dispatcher* self,
                        void* /*data*/) {
  // Without an environment the function is being torn down.
  if (static_cast<napi_env>(env) != nullptr) self->drain(env);
}

void Dispatcher::drain(Napi::Env env) {
  const auto end = std::chrono::steady_clock::now() + kTurn;
  for (;;) {
    std::pair<ReceiverId, std::unique_ptr<Event>> next;
    {
      const std::lock_guard lock(mutex_);
      if (dead_) return;
      if (queue_.empty()) {
        scheduled_ = false;
        return;
      }
      if (std::chrono::steady_clock::now() >= end) {
        wakeLocked();
        return;
      }
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    const auto receiver = receivers_.find(next.first);
    if (receiver == receivers_.end()) continue;  // closed: quiet
    const Napi::HandleScope scope(env);
    try {
      next.second->deliver(env, receiver->second.Value());
    } catch (const Napi::Error& error) {
      // lib/ lets nothing escape; what does is a bug and must be as loud as any uncaught exception.
      napi_fatal_exception(env, error.Value());
    }
  }
}

void Dispatcher::shutdown() {
  std::deque<std::pair<ReceiverId, std::unique_ptr<Event>>> dropped;
  const std::lock_guard lock(mutex_);
  dead_ = true;
  dropped.swap(queue_);
}

}  // namespace easyflow::binding
