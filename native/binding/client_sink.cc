#include "binding/client_sink.h"

#include <cstring>

#include "binding/convert.h"

namespace easyflow::binding {

namespace {

// A block below this is copied into a Buffer of Node's: cheaper than a finalizer, and V8 counts it
// by itself.
constexpr std::size_t kCopyBelowBytes = 8192;

// What the finalizer of a block needs. Owned by the finalizer.
struct BlockOwner {
  std::shared_ptr<core::BlockBudget> budget;
  std::weak_ptr<core::Consumer> consumer;
  std::int64_t size;

  void freed() const {
    const std::int64_t before = budget->bytes();
    budget->freed(size);
    const auto owner = consumer.lock();
    if (owner && before >= owner->maxOutstandingBytes()) owner->creditReturned();
  }
};

Napi::Value bufferOf(Napi::Env env, core::PackedBlock& block,
                     const std::weak_ptr<core::Consumer>& consumer) {
  const auto owner = consumer.lock();
  const auto size = static_cast<std::int64_t>(block.size);
  if (block.size < kCopyBelowBytes) {
    const auto copy = Napi::Buffer<std::uint8_t>::Copy(env, block.bytes.get(), block.size);
    if (owner) owner->budget()->freed(size);
    return Napi::Value(env, copy);
  }
  auto hint = std::make_unique<BlockOwner>(
      BlockOwner{owner ? owner->budget() : std::make_shared<core::BlockBudget>(), consumer, size});
  const auto buffer = Napi::Buffer<std::uint8_t>::New(
      env, block.bytes.get(), block.size,
      [](Napi::Env /*env*/, std::uint8_t* bytes, BlockOwner* held) {
        std::free(bytes);
        held->freed();
        delete held;
      },
      hint.get());
  // The finalizer frees both, now that the Buffer exists; the analyzer does not see it.
  // NOLINTBEGIN(clang-analyzer-cplusplus.NewDeleteLeaks)
  (void)hint.release();
  (void)block.bytes.release();
  // NOLINTEND(clang-analyzer-cplusplus.NewDeleteLeaks)
  return Napi::Value(env, buffer);
}

// A number where it is exact, else a BigInt: one for each batch would be garbage.
Napi::Value int64Of(Napi::Env env, std::int64_t value) {
  constexpr std::int64_t kExact = 1LL << 53U;
  if (value > kExact) return Napi::BigInt::New(env, value);
  return Napi::Number::New(env, static_cast<double>(value));
}

const char* nameOf(core::RebalanceType type) {
  switch (type) {
    case core::RebalanceType::kAssign:
      return "assign";
    case core::RebalanceType::kRevoke:
      return "revoke";
    default:
      return "lost";
  }
}

}  // namespace

template <typename Deliver>
void DispatchingSink::post(Deliver deliver) noexcept {
  dispatcher_->post(receiver_, makeEvent(std::move(deliver)));
}

void DispatchingSink::onResponse(std::uint32_t id, core::Error error,
                                 std::string resultJson) noexcept {
  const bool last = closeId_.load() == static_cast<std::int64_t>(id);
  post([id, error = std::move(error), json = std::move(resultJson), last, dispatcher = dispatcher_,
        receiver = receiver_](Napi::Env env, const Napi::Function& onEvent) {
    if (last) dispatcher->remove(receiver);
    const Napi::Value result = error ? env.Null() : Napi::String::New(env, json);
    onEvent.Call(
        {kindOf(env, EventKind::kResponse), Napi::Number::New(env, id), toJs(env, error), result});
  });
}

void DispatchingSink::onError(core::Error error) noexcept {
  post([error = std::move(error)](Napi::Env env, const Napi::Function& onEvent) {
    onEvent.Call({kindOf(env, EventKind::kError), toJs(env, error)});
  });
}

void DispatchingSink::onLog(int level, std::string facility, std::string message) noexcept {
  post([level, facility = std::move(facility), message = std::move(message)](
           Napi::Env env, const Napi::Function& onEvent) {
    onEvent.Call({kindOf(env, EventKind::kLog), Napi::Number::New(env, level),
                  Napi::String::New(env, facility), Napi::String::New(env, message)});
  });
}

void DispatchingSink::onStatistics(nlohmann::json statistics) noexcept {
  post([statistics = std::move(statistics)](Napi::Env env, const Napi::Function& onEvent) {
    onEvent.Call({kindOf(env, EventKind::kStatistics), toJs(env, statistics)});
  });
}

void DispatchingSink::onTokenRefresh(std::string config) noexcept {
  post([config = std::move(config)](Napi::Env env, const Napi::Function& onEvent) {
    onEvent.Call({kindOf(env, EventKind::kTokenRefresh), Napi::String::New(env, config)});
  });
}

void DispatchingSink::onBatch(std::uint32_t slot, std::uint32_t generation, core::PackedBlock block,
                              core::BatchSource source) noexcept {
  post([slot, generation, block = std::move(block), source, consumer = consumer_](
           Napi::Env env, const Napi::Function& onEvent) mutable {
    const std::uint32_t count = block.count;
    const Napi::Value buffer = bufferOf(env, block, consumer);
    onEvent.Call({kindOf(env, EventKind::kBatch), Napi::Number::New(env, slot),
                  Napi::Number::New(env, generation), buffer, Napi::Number::New(env, count),
                  Napi::Number::New(env, source.brokerId), int64Of(env, source.highWatermark)});
  });
}

void DispatchingSink::onRebalance(std::uint32_t id, core::RebalanceType type,
                                  std::vector<core::AssignedPartition> partitions) noexcept {
  post(
      [id, type, partitions = std::move(partitions)](Napi::Env env, const Napi::Function& onEvent) {
        Napi::Array list = Napi::Array::New(env, partitions.size());
        std::uint32_t index = 0;
        for (const core::AssignedPartition& partition : partitions) {
          Napi::Object item = Napi::Object::New(env);
          item.Set("slot", Napi::Number::New(env, partition.slot));
          item.Set("topic", partition.topic);
          item.Set("partition", Napi::Number::New(env, partition.partition));
          list.Set(index++, item);
        }
        onEvent.Call({kindOf(env, EventKind::kRebalance), Napi::Number::New(env, id),
                      Napi::String::New(env, nameOf(type)), list});
      });
}

void DispatchingSink::onSettled(std::vector<std::int32_t> entries) noexcept {
  post([entries = std::move(entries)](Napi::Env env, const Napi::Function& onEvent) {
    Napi::Int32Array words = Napi::Int32Array::New(env, entries.size());
    std::memcpy(words.Data(), entries.data(), entries.size() * sizeof(std::int32_t));
    onEvent.Call({kindOf(env, EventKind::kDelivery), words,
                  Napi::Number::New(env, static_cast<double>(entries.size()))});
  });
}

void DispatchingSink::onPartitionError(std::uint32_t slot, std::string topic,
                                       std::int32_t partition, core::Error error) noexcept {
  post([slot, topic = std::move(topic), partition, error = std::move(error)](
           Napi::Env env, const Napi::Function& onEvent) {
    onEvent.Call({kindOf(env, EventKind::kPartitionError), Napi::Number::New(env, slot),
                  Napi::String::New(env, topic), Napi::Number::New(env, partition),
                  toJs(env, error)});
  });
}

void DispatchingSink::onRequests(core::RequestTraces traces) noexcept {
  post([traces = std::move(traces)](Napi::Env env, const Napi::Function& onEvent) {
    // Words of "Requests" in lib/native.d.ts.
    constexpr std::size_t kWords = 8;
    const std::size_t count = traces.requests.size();
    auto words = Napi::Float64Array::New(env, count * kWords);
    Napi::Array brokers = Napi::Array::New(env, count);
    double* word = words.Data();
    for (std::size_t i = 0; i < count; ++i, word += kWords) {
      const core::TracedRequest& request = traces.requests[i];
      word[0] = request.timedOut ? 1 : 0;
      word[1] = request.apiKey;
      word[2] = request.apiVersion;
      word[3] = request.correlationId;
      word[4] = static_cast<double>(request.sizeBytes);
      word[5] = static_cast<double>(request.rttUs);
      word[6] = static_cast<double>(request.atMs);
      word[7] = request.brokerId;
      brokers.Set(static_cast<std::uint32_t>(i), request.broker);
    }
    onEvent.Call({kindOf(env, EventKind::kRequests), words, brokers,
                  Napi::Number::New(env, static_cast<double>(traces.dropped))});
  });
}

}  // namespace easyflow::binding
