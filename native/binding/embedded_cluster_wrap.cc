#include "binding/convert.h"
#include "binding/environment.h"
#include "binding/wraps.h"
#include "core/embedded_cluster.h"

namespace easyflow::binding {

namespace {

Napi::Error embeddedError(Napi::Env env, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, "ERR_EMBEDDED"));
  return error;
}

// All methods are called on the JS thread; the cluster has a thread of its own inside librdkafka.
class EmbeddedClusterWrap final : public Napi::ObjectWrap<EmbeddedClusterWrap> {
 public:
  explicit EmbeddedClusterWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const Napi::Object options = info[0].As<Napi::Object>();
    core::Error error;
    cluster_ =
        core::EmbeddedCluster::create(static_cast<int>(numberOf(options.Get("brokers"), "brokers")),
                                      configOf(options.Get("config")), error);
    if (!cluster_) throw embeddedError(info.Env(), error.message);
    Environment::of(info.Env()).remember(cluster_);
  }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "EmbeddedCluster",
        {
            InstanceMethod("bootstrapServers", &EmbeddedClusterWrap::bootstrapServers),
            InstanceMethod("call", &EmbeddedClusterWrap::call),
            InstanceMethod("stop", &EmbeddedClusterWrap::stop),
        });
  }

 private:
  Napi::Value bootstrapServers(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), cluster_->bootstrapServers());
  }

  Napi::Value call(const Napi::CallbackInfo& info) {
    const nlohmann::json arguments =
        nlohmann::json::parse(stringOf(info[1], "arguments"), nullptr, false);
    const core::JsonResult result = cluster_->call(stringOf(info[0], "an operation"), arguments);
    if (result.error) throw embeddedError(info.Env(), result.error.message);
    return Napi::String::New(info.Env(), result.value.dump());
  }

  void stop(const Napi::CallbackInfo& /*info*/) { cluster_->stop(); }

  std::shared_ptr<core::EmbeddedCluster> cluster_;
};

}  // namespace

Napi::Function embeddedClusterClass(Napi::Env env) { return EmbeddedClusterWrap::define(env); }

}  // namespace easyflow::binding
