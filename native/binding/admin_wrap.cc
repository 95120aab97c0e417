#include "binding/client_wrap.h"
#include "binding/wraps.h"
#include "core/admin_client.h"

namespace easyflow::binding {

namespace {

class AdminWrap final : public ClientWrap<AdminWrap, core::AdminClient> {
 public:
  explicit AdminWrap(const Napi::CallbackInfo& info) : ClientWrap(info) {
    const core::ConfigEntries config = configOf(info[0]);
    open(info.Env(), info[1], [&](auto poller, auto sink, auto& failure) {
      return core::AdminClient::create(config, std::move(poller), std::move(sink), failure);
    });
  }

  static Napi::Function define(Napi::Env env) { return DefineClass(env, "Admin", commonMethods()); }
};

}  // namespace

Napi::Function adminClass(Napi::Env env) { return AdminWrap::define(env); }

}  // namespace easyflow::binding
