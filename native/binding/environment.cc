#include "binding/environment.h"

#include <algorithm>

namespace easyflow::binding {

namespace {

template <typename T>
void rememberIn(std::vector<std::weak_ptr<T>>& list, const std::shared_ptr<T>& item) {
  list.erase(
      std::remove_if(list.begin(), list.end(), [](const auto& entry) { return entry.expired(); }),
      list.end());
  list.push_back(item);
}

}  // namespace

void Environment::install(Napi::Env env) {
  auto* environment = new Environment(env);
  env.SetInstanceData<Environment>(environment);  // deleted by Node-API after the cleanup hooks
  // Added after the dispatcher's threadsafe function added its own: hooks run in reverse order,
  // ours first.
  env.AddCleanupHook([](Environment* self) { self->tearDown(); }, environment);
}

Environment& Environment::of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

Environment::Environment(Napi::Env env) : dispatcher_(std::make_shared<Dispatcher>(env)) {}

std::shared_ptr<core::Poller> Environment::poller() {
  if (!loop_) loop_ = std::make_shared<loop::EventLoop>();
  return loop_;
}

void Environment::remember(const std::shared_ptr<core::Client>& client) {
  rememberIn(clients_, client);
}

void Environment::remember(const std::shared_ptr<core::EmbeddedCluster>& cluster) {
  rememberIn(clusters_, cluster);
}

void Environment::remember(const std::shared_ptr<hub::Hub>& hub) { rememberIn(hubs_, hub); }

void Environment::tearDown() {
  dispatcher_->shutdown();
  // First all are told, then each is waited for: they close side by side.
  for (const auto& entry : clients_) {
    if (const auto client = entry.lock()) client->abandon(/*wait=*/false);
  }
  for (const auto& entry : clients_) {
    if (const auto client = entry.lock()) client->abandon(/*wait=*/true);
  }
  // After the consumers that feed them.
  for (const auto& entry : hubs_) {
    if (const auto hub = entry.lock()) hub->stop();
  }
  for (const auto& entry : clusters_) {
    if (const auto cluster = entry.lock()) cluster->stop();
  }
  if (loop_) loop_->stop();
  dispatcher_->forgetReceivers();
}

}  // namespace easyflow::binding
