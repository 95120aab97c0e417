// A ClientSink that keeps what it is told and lets a test wait for it: conditions with deadlines,
// no sleeps.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/client.h"

namespace easyflow::test {

using Header = std::pair<std::string, std::optional<std::string>>;

struct Record {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  int timestampType = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<Header> headers;
};

inline std::int32_t int32At(const std::uint8_t* bytes) {
  std::int32_t value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

inline std::int64_t int64At(const std::uint8_t* bytes) {
  std::int64_t value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

// The reader that lib/native.d.ts ("Consume block") describes, written independently of pack().
inline std::vector<Record> decode(const core::PackedBlock& block) {
  std::vector<Record> records;
  const std::uint8_t* start = block.bytes.get();
  for (std::uint32_t i = 0; i < block.count; ++i) {
    const std::uint8_t* words = start + i * core::kRecordBytes;
    const std::uint8_t* bytes = start + int32At(words);
    const auto text = [&bytes](std::int32_t length) -> std::optional<std::string> {
      if (length < 0) return std::nullopt;
      std::string value(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
      bytes += length;
      return value;
    };
    Record record;
    record.key = text(int32At(words + 4));
    record.value = text(int32At(words + 8));
    const auto third = static_cast<std::uint32_t>(int32At(words + 12));
    record.timestampType = static_cast<int>(third >> 24U);
    for (std::uint32_t h = 0; h < (third & 0xffffffU); ++h) {
      const std::int32_t nameLength = int32At(bytes);
      const std::int32_t valueLength = int32At(bytes + 4);
      bytes += 8;
      std::string name = *text(nameLength);
      record.headers.emplace_back(std::move(name), text(valueLength));
    }
    record.offset = int64At(words + 16);
    record.timestamp = int64At(words + 24);
    records.push_back(std::move(record));
  }
  return records;
}

struct Response {
  core::Error error;
  nlohmann::json value;
};

struct Batch {
  std::uint32_t slot;
  std::uint32_t generation;
  std::size_t bytes;
  std::vector<Record> records;
  std::size_t sequence;
  core::BatchSource source = {};
};

struct Rebalance {
  std::uint32_t id;
  core::RebalanceType type;
  std::vector<core::AssignedPartition> partitions;
  std::size_t sequence;
};

struct Outcome {
  std::int32_t partition;
  std::int32_t error;
  std::int32_t acknowledged;
  std::int32_t failed;
  std::int64_t baseOffset;
  std::int64_t logAppendTime;
};

struct PartitionError {
  std::uint32_t slot;
  std::string topic;
  std::int32_t partition;
  core::Error error;
};

// What was seen so far. Read it inside RecordingSink::read() or wait().
struct Seen {
  std::size_t events = 0;
  std::map<std::uint32_t, std::vector<Response>> responses;
  std::vector<Batch> batches;
  std::vector<Rebalance> rebalances;
  std::map<std::uint32_t, std::vector<std::vector<Outcome>>> settled;
  std::vector<core::Error> errors;
  std::vector<std::string> logs;
  std::vector<PartitionError> partitionErrors;
  std::size_t statistics = 0;
  std::vector<core::TracedRequest> requests;
  std::uint64_t droppedRequests = 0;
};

class RecordingSink final : public core::ClientSink {
 public:
  static constexpr std::chrono::seconds kDeadline{60};

  // True as soon as the condition holds, false when it does not within the deadline.
  bool wait(const std::function<bool(const Seen&)>& condition,
            std::chrono::milliseconds deadline = kDeadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, std::chrono::steady_clock::now() + deadline,
                               [&] { return condition(seen_); });
  }

  template <typename Read>
  auto read(Read reader) {
    const std::lock_guard lock(mutex_);
    return reader(static_cast<const Seen&>(seen_));
  }

  // Called on the poller for each batch, before it is recorded.
  std::function<void(std::uint32_t slot)> beforeBatch;

  void onResponse(std::uint32_t id, core::Error error, std::string json) noexcept override {
    add([&](Seen& seen) {
      nlohmann::json value =
          json.empty() ? nlohmann::json() : nlohmann::json::parse(json, nullptr, false);
      seen.responses[id].push_back({std::move(error), std::move(value)});
    });
  }
  void onError(core::Error error) noexcept override {
    add([&](Seen& seen) { seen.errors.push_back(std::move(error)); });
  }
  void onLog(int /*level*/, std::string facility, std::string message) noexcept override {
    add([&](Seen& seen) { seen.logs.push_back(facility + ": " + message); });
  }
  void onStatistics(nlohmann::json /*statistics*/) noexcept override {
    add([&](Seen& seen) { ++seen.statistics; });
  }
  void onTokenRefresh(std::string /*config*/) noexcept override {
    add([](Seen&) {});
  }
  void onBatch(std::uint32_t slot, std::uint32_t generation, core::PackedBlock block,
               core::BatchSource source) noexcept override {
    if (beforeBatch) beforeBatch(slot);
    add([&](Seen& seen) {
      seen.batches.push_back({slot, generation, block.size, decode(block), seen.events, source});
    });
  }
  void onRebalance(std::uint32_t id, core::RebalanceType type,
                   std::vector<core::AssignedPartition> partitions) noexcept override {
    add([&](Seen& seen) {
      seen.rebalances.push_back({id, type, std::move(partitions), seen.events});
    });
  }
  void onSettled(std::vector<std::int32_t> words) noexcept override {
    add([&](Seen& seen) {
      for (std::size_t i = 0; i + 1 < words.size();) {
        const auto id = static_cast<std::uint32_t>(words[i]);
        const auto count = static_cast<std::size_t>(words[i + 1]);
        i += 2;
        std::vector<Outcome> outcomes;
        for (std::size_t p = 0; p < count; ++p, i += 8) {
          const auto* bytes = reinterpret_cast<const std::uint8_t*>(&words[i]);
          outcomes.push_back({words[i], words[i + 1], words[i + 2], words[i + 3],
                              int64At(bytes + 16), int64At(bytes + 24)});
        }
        seen.settled[id].push_back(std::move(outcomes));
      }
    });
  }
  void onPartitionError(std::uint32_t slot, std::string topic, std::int32_t partition,
                        core::Error error) noexcept override {
    add([&](Seen& seen) {
      seen.partitionErrors.push_back({slot, std::move(topic), partition, std::move(error)});
    });
  }
  void onRequests(core::RequestTraces traces) noexcept override {
    add([&](Seen& seen) {
      seen.droppedRequests += traces.dropped;
      for (auto& request : traces.requests) seen.requests.push_back(std::move(request));
    });
  }

 private:
  template <typename Change>
  void add(Change change) {
    {
      const std::lock_guard lock(mutex_);
      ++seen_.events;
      change(seen_);
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Seen seen_;
};

}  // namespace easyflow::test
