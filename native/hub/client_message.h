// What clients send, checked: docs/protocol.md.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hub/filter.h"
#include "hub/pattern.h"

namespace easyflow::hub {

enum class Mode { kLatest, kAll };

struct AuthenticateMessage {
  std::string token;
};

struct SubscribeMessage {
  std::uint32_t id = 0;
  std::vector<Pattern> patterns = {};  // sorted, each once
  Mode mode = Mode::kLatest;
  std::uint32_t maxRateMs = 0;
  std::optional<Filter> filter = std::nullopt;
  std::string since = {};

  // Equal for subscriptions that get the same.
  std::string streamKey() const;
};

struct UnsubscribeMessage {
  std::uint32_t id = 0;
};

struct PublishMessage {
  std::uint32_t id = 0;
  std::string route = {};
  std::optional<std::string> key = std::nullopt;
  nlohmann::json data = nullptr;
};

struct PingMessage {};
struct PongMessage {};

struct BadMessage {
  std::optional<std::uint32_t> id;
  std::string reason;
};

using ClientMessage = std::variant<AuthenticateMessage, SubscribeMessage, UnsubscribeMessage,
                                   PublishMessage, PingMessage, PongMessage, BadMessage>;

ClientMessage parseClientMessage(const std::string& text, std::size_t maxPatterns);

}  // namespace easyflow::hub
