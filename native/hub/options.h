// Options of a hub as lib/hub/options.js gives them: checked there, named as in lib/native.d.ts.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace easyflow::hub {

using Milliseconds = std::chrono::milliseconds;

struct StoreOptions {
  std::size_t maxEntities = 1'000'000;
  std::size_t maxBytes = 512U << 20U;
  // Superseded updates and removals that are kept for resuming.
  std::size_t historyUpdates = 20'000;
  std::size_t historyBytes = 32U << 20U;
  // How old a token may be: removals that Kafka has compacted away are not known to anybody.
  Milliseconds tokenAge{3'600'000};
};

struct LimitOptions {
  std::size_t subscriptions = 100;
  std::size_t patterns = 100;
  std::size_t messageBytes = 32 * 1024;
  std::uint32_t messagesPerSecond = 50;
  // Who comes back says all its subscriptions at once.
  double messageBurst() const {
    return static_cast<double>(messagesPerSecond) + static_cast<double>(subscriptions);
  }
  std::size_t outboundBytes = 1U << 20U;
  Milliseconds slow{30'000};
  std::size_t publishes = 16;
};

struct HubOptions {
  std::size_t shards = 1;
  // The template of each topic.
  std::map<std::string, std::string> channels;
  StoreOptions store;
  LimitOptions limits;
  Milliseconds pingInterval{25'000};
  Milliseconds authenticate{10'000};
  Milliseconds expiryNotice{60'000};
  bool closeOnOverflow = false;
  // 0: nothing is compressed.
  std::size_t compressAbove = 0;
  bool asksAuthorize = false;
  bool publish = false;
  // Updates go through JS.
  bool transforms = false;

  // Null: `error` names what is missing or wrong.
  static std::optional<HubOptions> parse(const std::string& json, std::string& error);
};

}  // namespace easyflow::hub
