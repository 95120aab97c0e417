// Entry point of the addon.
#include <napi.h>

#include "binding/convert.h"
#include "binding/environment.h"
#include "binding/wraps.h"
#include "core/config.h"
#include "core/openssl_init.h"
#include "core/partitioner.h"

namespace easyflow::binding {

namespace {

Napi::Value configProperties(const Napi::CallbackInfo& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  for (const auto& [name, isTopic] : core::configProperties()) {
    result.Set(name, Napi::String::New(info.Env(), isTopic ? "topic" : "global"));
  }
  return result;
}

Napi::Value murmur2(const Napi::CallbackInfo& info) {
  void* bytes = nullptr;
  std::size_t length = 0;
  napi_typedarray_type type = napi_uint8_array;
  if (napi_get_typedarray_info(info.Env(), info[0], &type, &length, &bytes, nullptr, nullptr) !=
          napi_ok ||
      type != napi_uint8_array) {
    throw Napi::TypeError::New(info.Env(), "expected a Uint8Array for a key");
  }
  return Napi::Number::New(info.Env(),
                           core::murmur2(static_cast<const std::uint8_t*>(bytes), length));
}

void shutdown(const Napi::CallbackInfo& info) { Environment::of(info.Env()).quiet(); }

std::string builtinFeatures() {
  char value[1024] = "";
  std::size_t size = sizeof(value);
  const core::ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_get(conf.get(), "builtin.features", value, &size);
  return value;
}

}  // namespace

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  core::initOpenSsl();
  Environment::install(env);
  exports.Set("Producer", producerClass(env));
  exports.Set("Consumer", consumerClass(env));
  exports.Set("Admin", adminClass(env));
  exports.Set("Hub", hubClass(env));
  exports.Set("EmbeddedCluster", embeddedClusterClass(env));
  exports.Set("librdkafkaVersion", rd_kafka_version_str());
  exports.Set("features", builtinFeatures());
  exports.Set("configProperties", Napi::Function::New(env, configProperties, "configProperties"));
  exports.Set("murmur2", Napi::Function::New(env, murmur2, "murmur2"));
  exports.Set("shutdown", Napi::Function::New(env, shutdown, "shutdown"));
  return exports;
}

NODE_API_MODULE(easyflow_kafka, init)

}  // namespace easyflow::binding
