// Everything of one JS environment (the main thread, a worker): no state is shared between
// environments.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <vector>

#include "binding/dispatcher.h"
#include "core/client.h"
#include "core/embedded_cluster.h"
#include "hub/hub.h"
#include "loop/event_loop.h"

namespace easyflow::binding {

// Node-API instance data. All methods are called on the JS thread.
class Environment {
 public:
  static void install(Napi::Env env);
  static Environment& of(Napi::Env env);

  explicit Environment(Napi::Env env);

  const std::shared_ptr<Dispatcher>& dispatcher() const { return dispatcher_; }
  // Started with the first client.
  std::shared_ptr<core::Poller> poller();
  void remember(const std::shared_ptr<core::Client>& client);
  void remember(const std::shared_ptr<core::EmbeddedCluster>& cluster);
  void remember(const std::shared_ptr<hub::Hub>& hub);

  // lib/ calls it on process 'exit': quiet, threads are left to the operating system.
  void quiet() { dispatcher_->shutdown(); }
  // The cleanup hook: quiet, then closes every client and joins every thread.
  void tearDown();

 private:
  std::shared_ptr<Dispatcher> dispatcher_;
  std::shared_ptr<loop::EventLoop> loop_;
  std::vector<std::weak_ptr<core::Client>> clients_;
  std::vector<std::weak_ptr<core::EmbeddedCluster>> clusters_;
  std::vector<std::weak_ptr<hub::Hub>> hubs_;
};

}  // namespace easyflow::binding
