#include "binding/client_wrap.h"
#include "binding/wraps.h"
#include "core/producer.h"

namespace easyflow::binding {

namespace {

class ProducerWrap final : public ClientWrap<ProducerWrap, core::Producer> {
 public:
  explicit ProducerWrap(const Napi::CallbackInfo& info) : ClientWrap(info) {
    const core::ConfigEntries config = configOf(info[0]);
    open(info.Env(), info[1], [&](auto poller, auto sink, auto& failure) {
      return core::Producer::create(config, std::move(poller), std::move(sink), failure);
    });
  }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Producer",
                       withCommonMethods({
                           InstanceMethod("topic", &ProducerWrap::topic),
                           InstanceMethod("enqueue", &ProducerWrap::enqueue),
                       }));
  }

 private:
  Napi::Value topic(const Napi::CallbackInfo& info) {
    core::ConfigFailure failure;
    const core::ConfigEntries config =
        info[1].IsUndefined() ? core::ConfigEntries{} : configOf(info[1]);
    const std::int32_t id = client_->registerTopic(stringOf(info[0], "a topic"), config, failure);
    if (id < 0) throw configError(info.Env(), failure);
    return Napi::Number::New(info.Env(), id);
  }

  // The hot call: plain Node-API, no C++ value for each argument.
  Napi::Value enqueue(const Napi::CallbackInfo& info) {
    void* bytes = nullptr;
    std::size_t length = 0;
    std::uint32_t used = 0;
    napi_typedarray_type type = napi_uint8_array;
    if (napi_get_typedarray_info(info.Env(), info[0], &type, &length, &bytes, nullptr, nullptr) !=
            napi_ok ||
        napi_get_value_uint32(info.Env(), info[1], &used) != napi_ok || type != napi_uint8_array ||
        used > length) {
      throw Napi::TypeError::New(info.Env(),
                                 "expected a Uint8Array and a length within it for enqueue()");
    }
    if (!client_->enqueue(static_cast<const std::uint8_t*>(bytes), used)) {
      throw Napi::Error::New(info.Env(), "no memory for a block of messages");
    }
    return info.Env().Undefined();
  }
};

}  // namespace

Napi::Function producerClass(Napi::Env env) { return ProducerWrap::define(env); }

}  // namespace easyflow::binding
