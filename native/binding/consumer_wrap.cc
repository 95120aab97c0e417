#include "binding/client_wrap.h"
#include "binding/wraps.h"
#include "core/consumer.h"
#include "hub/feed.h"

namespace easyflow::binding {

namespace {

// Options not given keep the default of core::ConsumerOptions.
core::ConsumerOptions optionsOf(const Napi::Value& value) {
  core::ConsumerOptions options;
  if (!value.IsObject()) return options;
  const auto object = value.As<Napi::Object>();
  const auto read = [&](const char* name, auto assign) {
    const Napi::Value option = object.Get(name);
    if (option.IsNumber()) assign(option.As<Napi::Number>().Int64Value());
  };
  read("maxBatchMessages",
       [&](std::int64_t n) { options.maxBatchMessages = static_cast<std::uint32_t>(n); });
  read("maxBatchBytes",
       [&](std::int64_t n) { options.maxBatchBytes = static_cast<std::size_t>(n); });
  read("maxBatchWaitMs",
       [&](std::int64_t n) { options.maxBatchWait = std::chrono::milliseconds(n); });
  read("maxBlocksPerPartition",
       [&](std::int64_t n) { options.maxBlocksPerPartition = static_cast<std::uint32_t>(n); });
  read("maxOutstandingBytes", [&](std::int64_t n) { options.maxOutstandingBytes = n; });
  read("rebalanceTimeoutMs",
       [&](std::int64_t n) { options.rebalanceTimeout = std::chrono::milliseconds(n); });
  read("pollIntervalMs",
       [&](std::int64_t n) { options.pollInterval = std::chrono::milliseconds(n); });
  return options;
}

class ConsumerWrap final : public ClientWrap<ConsumerWrap, core::Consumer> {
 public:
  explicit ConsumerWrap(const Napi::CallbackInfo& info) : ClientWrap(info) {
    const core::ConfigEntries config = configOf(info[0]);
    const core::ConsumerOptions options = optionsOf(info[1]);
    const auto hub = info[3].IsUndefined() ? nullptr : hubOf(info[3]);
    open(info.Env(), info[2], [&](auto poller, auto sink, auto& failure) {
      if (!hub) {
        return core::Consumer::create(config, options, std::move(poller), std::move(sink), failure);
      }
      const auto feed = std::make_shared<hub::Feed>(hub, std::move(sink), poller);
      auto consumer = core::Consumer::create(config, options, std::move(poller), feed, failure);
      if (consumer) feed->serve(consumer);
      return consumer;
    });
    sink_->budgetOf(client_);
  }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Consumer",
                       withCommonMethods({
                           InstanceMethod("done", &ConsumerWrap::done),
                           InstanceMethod("pause", &ConsumerWrap::pause),
                           InstanceMethod("resume", &ConsumerWrap::resume),
                           InstanceMethod("outstandingBytes", &ConsumerWrap::outstandingBytes),
                       }));
  }

 private:
  static std::vector<std::uint32_t> slotsOf(const Napi::Value& value) {
    std::vector<std::uint32_t> slots;
    if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), "expected an array for slots");
    const auto array = value.As<Napi::Array>();
    for (std::uint32_t i = 0; i < array.Length(); ++i)
      slots.push_back(numberOf(array.Get(i), "a slot"));
    return slots;
  }

  void done(const Napi::CallbackInfo& info) { client_->done(numberOf(info[0], "a slot")); }
  void pause(const Napi::CallbackInfo& info) { client_->setPaused(slotsOf(info[0]), true); }
  void resume(const Napi::CallbackInfo& info) { client_->setPaused(slotsOf(info[0]), false); }
  Napi::Value outstandingBytes(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(client_->budget()->bytes()));
  }
};

}  // namespace

Napi::Function consumerClass(Napi::Env env) { return ConsumerWrap::define(env); }

}  // namespace easyflow::binding
