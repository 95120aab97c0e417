// What a hub tells JS, for tests to wait for.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hub/shard.h"

namespace easyflow::hub::test {

class RecordingEvents final : public HubEvents {
 public:
  void onMessage(std::string json) noexcept override {
    const std::lock_guard lock(mutex_);
    messages_.push_back(nlohmann::json::parse(json));
    changed_.notify_all();
  }
  void onWrites(std::vector<RelayWrite> writes) noexcept override {
    const std::lock_guard lock(mutex_);
    for (const RelayWrite& write : writes)
      written_[write.connection].append(write.chunk.data(), write.chunk.size());
    changed_.notify_all();
  }
  // No hub of these tests has a transform: their updates are published to it directly.
  void onTransform(TransformBatch /*batch*/,
                   std::shared_ptr<TransformTaker> /*taker*/) noexcept override {}
  void onEnd(std::uint64_t connection) noexcept override {
    const std::lock_guard lock(mutex_);
    ended_.insert(connection);
    changed_.notify_all();
  }

  // The first message of the type, which is taken off; those before it stay.
  nlohmann::json await(const std::string& type) {
    std::unique_lock lock(mutex_);
    nlohmann::json found;
    const bool came = changed_.wait_for(lock, std::chrono::seconds(60), [&] {
      for (auto at = messages_.begin(); at != messages_.end(); ++at) {
        if (at->at("type") != type) continue;
        found = std::move(*at);
        messages_.erase(at);
        return true;
      }
      return false;
    });
    EXPECT_TRUE(came) << "no event " << type;
    return came ? found : nlohmann::json::object();
  }
  std::size_t count(const std::string& type) {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& message : messages_) count += message.at("type") == type ? 1 : 0;
    return count;
  }

  // Bytes for the relayed connection; none: it has ended.
  std::optional<std::string> takeWritten(std::uint64_t connection,
                                         std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] {
      return !written_[connection].empty() || ended_.count(connection) > 0;
    });
    std::string bytes = std::exchange(written_[connection], {});
    if (bytes.empty() && ended_.count(connection) > 0) return std::nullopt;
    return bytes;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<nlohmann::json> messages_;
  std::map<std::uint64_t, std::string> written_;
  std::set<std::uint64_t> ended_;
};

}  // namespace easyflow::hub::test
